import { randomBytes } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { makeNamespace } from '../../dev/temporal/namespace.ts'
import { dataConverter } from '../../gateways/payload-codec.ts'
import type { PayloadKey } from '../../gateways/payload-codec.ts'
import { fromTestRun } from './test-run.ts'

/** A namespace of the test's own on the server of the run. */
export interface OwnNamespace {
  readonly address: string
  readonly namespace: string
  readonly client: Client
  close(): Promise<void>
}

export async function aNamespace(payloadKeys: readonly PayloadKey[]): Promise<OwnNamespace> {
  const address = fromTestRun('TEST_TEMPORAL_ADDRESS')
  const namespace = `test-${randomBytes(6).toString('hex')}`
  const connection = await Connection.connect({ address })
  await makeNamespace(connection, namespace)
  const client = new Client({ connection, namespace, dataConverter: dataConverter(payloadKeys) })
  const close = async (): Promise<void> => {
    // The server goes on for the whole run, and would begin their workflows until its end.
    for await (const { scheduleId } of client.schedule.list())
      await client.schedule.getHandle(scheduleId).delete()
    await connection.close()
  }
  return { address, namespace, client, close }
}
