import type { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import proto from '@temporalio/proto'
import { searchAttributes } from '../../workflows/contract.ts'

const { IndexedValueType } = proto.temporal.api.enums.v1
const indexedTypes = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
} as const

const aDayMs = 24 * 60 * 60 * 1000

/** Makes a namespace that knows our search attributes: task queues have the same names in every shop. */
export async function makeNamespace(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs(aDayMs),
  })
  await addSearchAttributes(connection, namespace)
}

/** Teaches a namespace that is there already our search attributes. */
export async function addSearchAttributes({ operatorService }: Connection, namespace: string): Promise<void> {
  const byName = Object.values(searchAttributes).map(({ name, type }): [string, number] => [
    name,
    indexedTypes[type],
  ])
  await operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(byName) })
}
