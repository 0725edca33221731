import { readFile } from 'node:fs/promises'
import type { TLSConfig } from '@temporalio/client'

/** TLS for Temporal, as configuration names it: the files hold PEM. */
export interface TemporalTls {
  readonly serverName?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

/** What Temporal's connections call TLS. */
export async function temporalTls({
  serverName,
  caFile,
  certFile,
  keyFile,
}: TemporalTls): Promise<TLSConfig> {
  const read = async (path: string | undefined): Promise<Buffer | undefined> =>
    path === undefined ? undefined : readFile(path)
  const [ca, crt, key] = await Promise.all([read(caFile), read(certFile), read(keyFile)])
  return {
    ...(serverName !== undefined && { serverNameOverride: serverName }),
    ...(ca && { serverRootCACertificate: ca }),
    ...(crt && key && { clientCertPair: { crt, key } }),
  }
}
