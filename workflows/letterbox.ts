import { CancellationScope, condition, currentUpdateInfo, setHandler } from '@temporalio/workflow'
import type { UpdateDefinition } from '@temporalio/common'

/** What somebody wants of a running workflow, and the way to answer him. Only the first answer counts. */
export interface Letter<Content, Answer> {
  readonly content: Content
  answer(answer: Answer): void
}

interface Posted<Content, Answer> extends Letter<Content, Answer> {
  answered: { answer: Answer } | undefined
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
 * The letter that a workflow is started for, handed to it with its start: an update is lost when its worker dies before it is accepted,
 * and nobody would ever hear of what he was promised. The update with this id waits for its answer.
 */
export interface First<Content> {
  readonly updateId: string
  readonly content: Content
}

/**
 * Updates as letters: a handler posts its content and waits; the story takes letters one at a time and answers each. So no handler
 * ever runs a step, and a letter that the story never reached is answered with the verdict when it ends. Several updates may share
 * a box; a `validate` that throws an ApplicationFailure sends a letter back before it leaves a trace in the history.
 */
export function letterbox<Content, Answer>(
  updates: readonly { update: UpdateDefinition<Answer, [Content]>; validate: (content: Content) => void }[],
  first?: First<Content>,
): Letterbox<Content, Answer> {
  const unread: Posted<Content, Answer>[] = []
  let verdict: { answer: Answer } | undefined
  const posted = (content: Content): Posted<Content, Answer> => {
    const letter: Posted<Content, Answer> = {
      content,
      answered: undefined,
      answer: (answer) => (letter.answered ??= { answer }),
    }
    unread.push(letter)
    return letter
  }
  if (first) updates[0]?.validate(first.content)
  const opening = first && posted(first.content)

  const post = async (content: Content): Promise<Answer> => {
    const isOpening = first !== undefined && currentUpdateInfo()?.id === first.updateId
    const letter = (isOpening ? opening : undefined) ?? posted(content)
    // An operator's cancel unwinds the story; whoever waits is told how it ended, not that he was cancelled.
    await CancellationScope.nonCancellable(() => condition(() => (letter.answered ?? verdict) !== undefined))
    return (letter.answered ?? verdict!).answer
  }
  for (const { update, validate } of updates) setHandler(update, post, { validator: validate })

  return {
    filled: () => unread.length > 0,
    next: async () => {
      await condition(() => unread.length > 0)
      return unread.shift()!
    },
    drop: (content) => void posted(content),
    close: (answer) => {
      verdict ??= { answer }
    },
  }
}
