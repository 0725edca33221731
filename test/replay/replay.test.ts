import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { Worker } from '@temporalio/worker'
import type { ReplayWorkerOptions } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { testBundle } from '../support/flow-world.ts'
import { endings } from './endings.ts'

const folder = new URL('../histories/', import.meta.url)

/** The histories that are there, as `use case/ending`. */
async function recorded(): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.flatMap((name) => (name.endsWith('.json') ? [name.replace('.json', '')] : [])).sort()
}

/** Tells these stories again with this code, each by a worker of the queue on which it was told. */
async function replay(code: string, useCase = ''): Promise<Map<string, Error | undefined>> {
  const names = (await recorded()).filter((name) => name.startsWith(useCase))
  const histories = await Promise.all(
    names.map(async (name) => ({
      workflowId: name,
      history: JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8')) as Recorded,
    })),
  )
  const outcomes = new Map<string, Error | undefined>()
  for (const taskQueue of new Set(histories.map(queueOf))) {
    const told = histories.filter((each) => queueOf(each) === taskQueue)
    // The SDK's types leave the queue out; without it a story would hear of a queue that no worker of ours has.
    const worker = { workflowBundle: { code }, taskQueue } as ReplayWorkerOptions
    for await (const { workflowId, error } of Worker.runReplayHistories(worker, told)) {
      outcomes.set(workflowId, error)
    }
  }
  return outcomes
}

interface Recorded {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: { readonly taskQueue: { readonly name: string } }
  }[]
}

const queueOf = ({ history: { events } }: { history: Recorded }): string =>
  events[0]?.workflowExecutionStartedEventAttributes?.taskQueue.name ??
  assert.fail('a history without its start')

describe('the replay gate', () => {
  it('has one recorded history for every ending', async () => {
    const known = Object.entries(endings).flatMap(([useCase, stories]) =>
      Object.keys(stories).map((name) => `${useCase}/${name}`),
    )

    assert.deepEqual(await recorded(), known.sort())
  })

  it('replays every story that was ever told', async () => {
    const { code } = await testBundle()

    const broken = [...(await replay(code))].filter(([, error]) => error !== undefined)

    assert.deepEqual(broken, [])
  })

  for (const [what, step, instead] of [
    ['takes the money before it asks the bank', '.payments.authorizePayment(', '.payments.capturePayment('],
    ['lets the payment go twice and the stock never', '.inventory.releaseStock(', '.payments.returnPayment('],
    ['promises the stock without holding it', '.inventory.reserveStock(', '.inventory.commitStock('],
  ] as const) {
    it(`catches a release that ${what}`, async () => {
      const { code } = await testBundle()
      assert.ok(code.includes(step), `the story no longer calls "${step}": alter another step here`)

      const outcomes = [...(await replay(code.replaceAll(step, instead), 'place-order/'))]
      const caught = outcomes.filter(([, error]) => error instanceof DeterminismViolationError)

      assert.ok(caught.length > 0)
    })
  }
})
