import { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { addSearchAttributes } from '../../dev/temporal/namespace.ts'
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
  await addSearchAttributes(env.connection, 'default')
  return env
}
