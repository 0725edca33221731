import { ActivityFailure } from '@temporalio/workflow'
import type { OrderId } from '../domain/ids.ts'
import { refusalBehind } from './failures.ts'
import { tell } from './operators.ts'
import { orders } from './proxies.ts'

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
    tell.attention(late)
    await orders.flagOrder({ orderId, reason: late })
    return step.without(input)
  }
}
