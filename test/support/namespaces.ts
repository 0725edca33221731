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
  return { address, namespace, client, close: () => connection.close() }
}
