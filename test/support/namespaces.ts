import { randomBytes } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import proto from '@temporalio/proto'
import { dataConverter } from '../../gateways/payload-codec.ts'
import type { PayloadKey } from '../../gateways/payload-codec.ts'
import { searchAttributes } from '../../workflows/contract.ts'
import { fromTestRun } from './test-run.ts'

const { IndexedValueType } = proto.temporal.api.enums.v1
const indexedTypes = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
} as const

const aDayMs = 24 * 60 * 60 * 1000

/** A namespace of the test's own on the server of the run: task queues have the same names in every shop. */
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
  const { workflowService, operatorService } = connection
  await workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs(aDayMs),
  })
  const byName = Object.values(searchAttributes).map(({ name, type }): [string, number] => [
    name,
    indexedTypes[type],
  ])
  await operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(byName) })
  const client = new Client({ connection, namespace, dataConverter: dataConverter(payloadKeys) })
  return { address, namespace, client, close: () => connection.close() }
}
