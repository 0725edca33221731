/**
 * The shape of `workflows/place-order.ts` when it is placed and paid in one call, with nothing in it: the same steps of the same kind
 * on one queue, the same search attributes and details. What it makes is the ceiling that Temporal sets on this machine.
 */
import {
  ApplicationFailure,
  condition,
  proxyActivities,
  proxyLocalActivities,
  proxySinks,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { Sinks } from '@temporalio/workflow'
import { searchAttributes } from '../../workflows/contract.ts'
import '../../workflows/stack-depth.ts'
import { bareCheckout } from './contract.ts'
import type { NothingDone } from './contract.ts'

export interface BareSinks extends Sinks {
  bench: { ended(workflowId: string): void }
}

const startToCloseTimeout = '10s'
const { bench } = proxySinks<BareSinks>()
const local = proxyLocalActivities<NothingDone>({ startToCloseTimeout })
const elsewhere = proxyActivities<NothingDone>({ startToCloseTimeout })

/** The shop's updates are looked at before they are let in, so this one is too. */
function named({ cartId }: { cartId: string }): void {
  if (!cartId) throw ApplicationFailure.nonRetryable('A checkout names its cart.')
}

export async function bareOrder(): Promise<void> {
  let asked = false
  let confirmed = false
  const answered = async ({ cartId }: { cartId: string }): Promise<string> => {
    asked = true
    await condition(() => confirmed)
    return cartId
  }
  setHandler(bareCheckout, answered, { validator: named })
  await condition(() => asked)

  setCurrentDetails('opening')
  await local.step()
  await local.step()
  await elsewhere.step()
  await local.step()
  confirmed = true

  setCurrentDetails('confirmed')
  upsertSearchAttributes([
    { key: searchAttributes.orderStatus, value: 'confirmed' },
    { key: searchAttributes.sagaStep, value: 'fulfilment' },
    { key: searchAttributes.orderTotalMinor, value: 1 },
  ])
  await Promise.all([local.step(), elsewhere.step(), elsewhere.step()])
  bench.ended(workflowInfo().workflowId)
}

/** The shape of `workflows/cancel-order.ts` for the whole of a paid order in one parcel, with nothing in it. */
export async function bareCancel(): Promise<void> {
  let asked = false
  let decided = false
  const answered = async ({ cartId }: { cartId: string }): Promise<string> => {
    asked = true
    await condition(() => decided)
    return cartId
  }
  setHandler(bareCheckout, answered, { validator: named })
  await condition(() => asked)

  await local.step()
  decided = true
  setCurrentDetails('recalling')
  await elsewhere.step()
  await local.step()
  setCurrentDetails('refunding')
  await elsewhere.step()
  await local.step()
  await local.step()
  setCurrentDetails('done')
  upsertSearchAttributes([{ key: searchAttributes.sagaStep, value: 'cancelled' }])
  await elsewhere.step()
  bench.ended(workflowInfo().workflowId)
}
