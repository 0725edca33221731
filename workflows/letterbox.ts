import { CancellationScope, condition, setHandler } from '@temporalio/workflow'
import type { UpdateDefinition } from '@temporalio/common'

/** What somebody wants of a running workflow, and the way to answer him. Only the first answer counts. */
export interface Letter<Content, Answer> {
  readonly content: Content
  answer(answer: Answer): void
}

export interface Letterbox<Content, Answer> {
  /** Whether a letter waits to be read. */
  filled(): boolean
  /** The oldest letter that nobody has read; waits for one if there is none. */
  next(): Promise<Letter<Content, Answer>>
  /** Posts a letter whose author waits for no answer, such as a signal. */
  drop(content: Content): void
  /** Nothing is read from now on: whoever waits, and whoever still writes, is told this. */
  close(answer: Answer): void
}

/**
 * Updates as letters: a handler posts its content and waits; the story takes letters one at a time and answers each. So no handler
 * ever runs a step, and a letter that the story never reached is answered with the verdict when it ends. Several updates may share
 * a box; a `validate` that throws an ApplicationFailure sends a letter back before it leaves a trace in the history.
 */
export function letterbox<Content, Answer>(
  updates: readonly { update: UpdateDefinition<Answer, [Content]>; validate: (content: Content) => void }[],
): Letterbox<Content, Answer> {
  const unread: Letter<Content, Answer>[] = []
  let verdict: { answer: Answer } | undefined

  const post = async (content: Content): Promise<Answer> => {
    let answered: { answer: Answer } | undefined
    unread.push({ content, answer: (answer) => (answered ??= { answer }) })
    // An operator's cancel unwinds the story; whoever waits is told how it ended, not that he was cancelled.
    await CancellationScope.nonCancellable(() => condition(() => (answered ?? verdict) !== undefined))
    return (answered ?? verdict!).answer
  }
  for (const { update, validate } of updates) setHandler(update, post, { validator: validate })

  return {
    filled: () => unread.length > 0,
    next: async () => {
      await condition(() => unread.length > 0)
      return unread.shift()!
    },
    drop: (content) => void unread.push({ content, answer: () => {} }),
    close: (answer) => {
      verdict ??= { answer }
    },
  }
}
