import { Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import type { GrpcCompressionConfig } from '@temporalio/worker'
import type { Config } from '../config.ts'
import { temporalTls } from '../gateways/temporal-tls.ts'

/** A connection in the clear does not leave the machine, or its rack: there compressing costs more than it saves. */
const compression = (leaves: boolean): GrpcCompressionConfig => ({ codec: leaves ? 'gzip' : 'none' })

/** The two connections of a worker process: one for its workers, one for schedules. */
export async function connectTemporal({ temporal }: Config): Promise<{
  native: NativeConnection
  client: Connection
  close(): Promise<void>
}> {
  const { address, apiKey } = temporal
  const tls = temporal.tls ? await temporalTls(temporal.tls) : null
  const options = { address, tls, ...(apiKey !== undefined && { apiKey }) }
  const native = await NativeConnection.connect({ ...options, grpcCompression: compression(tls !== null) })
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
