/** What the bare workflow, its worker and its row agree on. */
import { defineUpdate } from '@temporalio/workflow'

/** A task queue of the bench's own, as the shop has one for the orders of a process that runs every service. */
export const bareQueue = 'bench-shop'

export const bareCheckout = defineUpdate<string, [{ cartId: string }]>('checkout')

/** Activities that do nothing at all. */
export interface NothingDone {
  step(): Promise<void>
}

/** What the worker tells its parent. */
export type BareNews = { readonly ready: true } | { readonly ended: string; readonly at: number }
