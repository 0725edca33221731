import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { FlowsUnavailable, within } from '../../gateways/flows/asking.ts'

const failed = (type: string): WorkflowUpdateFailedError =>
  new WorkflowUpdateFailedError('Workflow Update failed', ApplicationFailure.create({ type, message: 'no' }))

const gone = new WorkflowNotFoundError('gone', 'place-order:1', undefined)
const never = (): Promise<never> => new Promise(() => {})

/** A server that answers so when it is asked how the workflow stands. */
const serverThat = (describe: () => Promise<unknown>): Parameters<typeof within>[0] => {
  const workflow = { getHandle: () => ({ describe }) } as unknown as Client['workflow']
  return { workflow, withDeadline: (_, ask) => ask() }
}
const hasIt = serverThat(async () => ({}))
const asked = (budgetMs: number) => ({ workflowId: 'place-order:1', budgetMs })

describe('a question to a workflow', () => {
  it('is answered with what the workflow says, or with "undecided" when that takes too long', async () => {
    assert.equal(await within(hasIt, asked(1_000), async () => 'yes'), 'yes')
    assert.deepEqual(await within(hasIt, asked(5), never), { outcome: 'undecided' })
  })

  it('promises nothing of a workflow that is not there, or of which the server says nothing', async () => {
    const silent = Object.assign(new Error('14 UNAVAILABLE'), {
      code: 14,
      details: '',
      metadata: {},
    })
    for (const trouble of [gone, silent]) {
      const server = serverThat(() => Promise.reject(trouble))
      await assert.rejects(within(server, asked(5), never), FlowsUnavailable)
    }
  })

  it('still hears an answer that comes while the server is looked at', async () => {
    let answer: (word: string) => void = assert.fail
    const question = new Promise<string>((resolve) => (answer = resolve))
    const server = serverThat(async () => {
      answer('yes')
      return never()
    })
    assert.equal(await within(server, asked(5), () => question), 'yes')
  })

  it('comes too late for a workflow that has ended, also one that ended as it was accepted', async () => {
    for (const error of [gone, failed('AcceptedUpdateCompletedWorkflow')]) {
      assert.deepEqual(await within(hasIt, asked(1_000), () => Promise.reject(error)), { outcome: 'closed' })
    }
  })

  it('fails as the workflow says when it was sent back', async () => {
    await assert.rejects(
      within(hasIt, asked(1_000), () => Promise.reject(failed('InvalidLetter'))),
      (error) => error instanceof ApplicationFailure && error.type === 'InvalidLetter',
    )
  })
})
