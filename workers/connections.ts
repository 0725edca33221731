import { readFile } from 'node:fs/promises'
import { Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import type { Config } from '../config.ts'

type Tls = NonNullable<Config['temporal']['tls']>

/** What Temporal's connections call TLS, from files with PEM. */
export async function tlsOptions({ serverName, caFile, certFile, keyFile }: Tls) {
  const read = (path: string | undefined): Promise<Buffer> | undefined =>
    path === undefined ? undefined : readFile(path)
  const [ca, crt, key] = await Promise.all([read(caFile), read(certFile), read(keyFile)])
  return {
    ...(serverName !== undefined && { serverNameOverride: serverName }),
    ...(ca && { serverRootCACertificate: ca }),
    ...(crt && key && { clientCertPair: { crt, key } }),
  }
}

/** The two connections of a worker process: one for its workers, one for schedules. */
export async function connectTemporal({ temporal }: Config): Promise<{
  native: NativeConnection
  client: Connection
  close(): Promise<void>
}> {
  const { address, apiKey } = temporal
  const tls = temporal.tls ? await tlsOptions(temporal.tls) : null
  const options = { address, tls, ...(apiKey !== undefined && { apiKey }) }
  const native = await NativeConnection.connect(options)
  const client = await Connection.connect(options)
  return {
    native,
    client,
    close: async () => {
      await client.close()
      await native.close()
    },
  }
}
