/** What the bare workflow, its worker and its row agree on. */
import { defineUpdate } from '@temporalio/workflow'

/** Task queues of the bench's own, one for each service that takes part. */
export const bareQueues = {
  order: 'bench-order',
  inventory: 'bench-inventory',
  shipping: 'bench-shipping',
  notification: 'bench-notification',
} as const

export const bareCheckout = defineUpdate<string, [{ cartId: string }]>('checkout')

/** Activities that do nothing at all, each on the queue of the service that really does something. */
export interface NothingDone {
  step(): Promise<void>
}

/** What the worker tells its parent. */
export type BareNews = { readonly ready: true } | { readonly ended: string; readonly at: number }
