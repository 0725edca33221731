import { setHandler } from '@temporalio/workflow'
import type { SignalDefinition } from '@temporalio/common'

/** A signal as a piece of paper on the wall: the first one counts, and the story reads it when it comes by. */
export function notice<Content>(signal: SignalDefinition<[Content]>): { read(): Content | undefined } {
  let first: Content | undefined
  setHandler(signal, (content) => {
    first ??= content
  })
  return { read: () => first }
}
