import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { within } from '../../gateways/flows/asking.ts'

const failed = (type: string): WorkflowUpdateFailedError =>
  new WorkflowUpdateFailedError('Workflow Update failed', ApplicationFailure.create({ type, message: 'no' }))

describe('a question to a workflow', () => {
  it('is answered with what the workflow says, or with "undecided" when that takes too long', async () => {
    assert.equal(await within(1_000, async () => 'yes'), 'yes')
    assert.deepEqual(await within(5, () => new Promise(() => {})), { outcome: 'undecided' })
  })

  it('comes too late for a workflow that has ended, also one that ended as it was accepted', async () => {
    const gone = new WorkflowNotFoundError('gone', 'place-order:1', undefined)
    for (const error of [gone, failed('AcceptedUpdateCompletedWorkflow')]) {
      assert.deepEqual(await within(1_000, () => Promise.reject(error)), { outcome: 'closed' })
    }
  })

  it('fails as the workflow says when it was sent back', async () => {
    await assert.rejects(
      within(1_000, () => Promise.reject(failed('InvalidLetter'))),
      (error) => error instanceof ApplicationFailure && error.type === 'InvalidLetter',
    )
  })
})
