import proto from '@temporalio/proto'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { searchAttributes } from '../../workflows/contract.ts'
import { fromTestRun } from './test-run.ts'

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
})

/** A server that skips time, for one world after the other. Tear it down in the end. */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: fromTestRun('TEST_SERVER_PATH') } },
  })
  await registerSearchAttributes(env)
  return env
}

export async function registerSearchAttributes(env: TestWorkflowEnvironment): Promise<void> {
  const byName = Object.values(searchAttributes).map(({ name, type }) => [name, indexedTypes[type]] as const)
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(byName),
  })
}

const { IndexedValueType } = proto.temporal.api.enums.v1
const indexedTypes = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
} as const
