/** Node's own readable report over several batches of test files, with one sum at the end instead of one for each batch. */
import { spec } from 'node:test/reporters'
import type { TestEvent } from 'node:test/reporters'

/** Suites are not counted unless they are skipped, and what is marked `todo` counts as skipped. */
export interface Sums {
  passed: number
  failed: number
  skipped: number
}

/** The events without Node's sums, which would be those of one batch; what became of each test is added to `sums`. */
export async function* counted(events: AsyncIterable<TestEvent>, sums: Sums): AsyncGenerator<TestEvent> {
  for await (const event of events) {
    const outcome = outcomeOf(event)
    if (outcome !== undefined) sums[outcome] += 1
    const isSum = event.type === 'test:diagnostic' && event.data.nesting === 0
    if (!isSum) yield event
  }
}

export const readable = (): InstanceType<typeof spec> => new spec()

function outcomeOf(event: TestEvent): keyof Sums | undefined {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined
  const { name, file, details, skip, todo } = event.data
  const isSuite = details.type === 'suite'
  if (event.type === 'test:fail') {
    if (todo !== undefined) return 'skipped'
    // A suite fails of itself when one of its hooks does; otherwise its tests were counted already.
    return isSuite && causeOf(details) === 'subtestsFailed' ? undefined : 'failed'
  }
  // A suite that is skipped says nothing about its tests, so it counts for all of them.
  if (isSuite) return skip === undefined ? undefined : 'skipped'
  // A file that holds no test is reported as a test that passed, by the file's name.
  if (file?.endsWith(name)) return undefined
  return skip !== undefined || todo !== undefined ? 'skipped' : 'passed'
}

function causeOf(details: object): unknown {
  const error = 'error' in details ? details.error : undefined
  return error instanceof Error && 'failureType' in error ? error.failureType : undefined
}
