import { setHandler } from '@temporalio/workflow'
import type { SignalDefinition } from '@temporalio/common'

/** A signal of which only one thing matters: that it came since the story last listened. What it says is for whoever reads the history. */
export interface Bell {
  rang(): boolean
  /** Whether it rang; it is quiet again afterwards. */
  listen(): boolean
}

export function bell<Content>(signal: SignalDefinition<[Content]>): Bell {
  let rings = 0
  setHandler(signal, () => {
    rings += 1
  })
  return {
    rang: () => rings > 0,
    listen: () => {
      const rang = rings > 0
      rings = 0
      return rang
    },
  }
}
