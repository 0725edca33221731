import type { OrderId } from '../domain/ids.ts'
import { refusalBehind } from './failures.ts'
import { tell } from './operators.ts'
import { orders } from './proxies.ts'

/** Asks an admin to look at an order, in its row and in the story's own details. */
export async function attention(orderId: OrderId, reason: string): Promise<void> {
  tell.attention(reason)
  await orders.flagOrder({ orderId, reason })
}

/** Keeps a promise; what is refused for good asks an admin to look instead. */
export async function kept(orderId: OrderId, promise: () => Promise<unknown>): Promise<void> {
  try {
    await promise()
  } catch (error) {
    const refusal = refusalBehind(error)
    if (!refusal) throw error
    await attention(orderId, refusal.detail)
  }
}

/**
 * Steps that nobody may refuse any more, and of which none may be left out. Should one be refused all the same, an admin is asked to
 * look, nothing that comes after it is done, and the failed workflow shows where it stopped.
 */
export async function unrefused<Result>(orderId: OrderId, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const refusal = refusalBehind(error)
    if (refusal) await attention(orderId, `It stopped half-way: ${refusal.detail}`)
    throw error
  }
}
