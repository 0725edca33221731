import { ActivityFailure } from '@temporalio/workflow'
import type { OrderId } from '../domain/ids.ts'
import { attention } from './attention.ts'
import { refusalBehind } from './failures.ts'

/** A step that is tried for a day, and the same without an end. */
export interface Insistent<Input, Result> {
  forADay(input: Input): Promise<Result>
  without(input: Input): Promise<Result>
}

/** Does a step that has to be done: after a day of trying an admin is asked to look, and it is tried on. */
export async function howeverLong<Input, Result>(
  step: Insistent<Input, Result>,
  { orderId, late, input }: { orderId: OrderId; late: string; input: Input },
): Promise<Result> {
  try {
    return await step.forADay(input)
  } catch (error) {
    if (!(error instanceof ActivityFailure) || refusalBehind(error)) throw error
    await attention(orderId, late)
    return step.without(input)
  }
}
