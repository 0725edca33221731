import { WithStartWorkflowOperation } from '@temporalio/client'
import type { WorkflowHandle } from '@temporalio/client'
import { typeid } from 'typeid-js'
import type { OrderId } from '../../domain/ids.ts'
import { checkout, placeOrderId, queues, submitPayment } from '../../workflows/contract.ts'
import type { Card, Checkout, OrderQueue, Standing } from '../../workflows/contract.ts'
import { aCheckout, anOrderLetter } from './factories.ts'
import type { Fakes, FlowWorld } from './flow-world.ts'

export const holdMs = 15 * 60_000
export const challengeMs = 30 * 60_000
export const aCard: Card = {
  paymentMethod: 'pm_card_visa',
  returnUrl: 'http://localhost/back',
  cause: 'req_2',
}

/** What a bank says that holds the money, when taking it at once came to nothing. */
export const onlyHeld = { outcome: 'authorized', chargeId: 'ch_1', captureBefore: null, captured: false }

/** An order that is opened without its total, though its rate is known: as it was before that came in one step. */
export const unpriced = async () => goodParts().openOrder({ rate: null })

/** Activities that all go well. */
export function goodParts() {
  const lineId = 'line_1'
  const lines = [
    { lineId, sku: 'MUG', name: 'Mug', quantity: 2, unitPriceMinor: 900, taxClass: 'standard', grams: 300 },
  ]
  const allocations = [{ lineId, sku: 'MUG', quantity: 2, warehouseId: 'berlin' }]
  const nothing = async (): Promise<void> => {}
  return {
    openOrder: async ({ rate }: Pick<Checkout, 'rate'>) => ({ lines, ...(rate && { totalMinor: 2390 }) }),
    reserveStock: async () => ({ allocations }),
    quoteShipping: async () => ({ rate: aCheckout().rate }),
    priceOrder: async () => ({ totalMinor: 2390 }),
    authorizePayment: async () => ({ ...onlyHeld, captured: true }),
    lookUpPayment: async () => onlyHeld,
    capturePayment: nothing,
    confirmOrder: async ({ orderId }: { orderId: OrderId }) => ({ letter: anOrderLetter(orderId) }),
    commitStock: nothing,
    buyLabel: async () => ({ trackingCode: 'EZ1' }),
    sendConfirmation: nothing,
    sendShipped: nothing,
    abandonOrder: nothing,
    extendOrder: nothing,
    extendHold: nothing,
    releaseStock: nothing,
    returnPayment: nothing,
    flagOrder: nothing,
    followParcels: async () => ({ asked: 0 }),
    bookProviderNews: async () => ({ done: 'Our books say so already.' }),
  } satisfies Fakes
}

export interface Placed {
  readonly orderId: OrderId
  readonly handle: WorkflowHandle
  /** Pays with this payment method, and hears the answer. */
  readonly pay: (paymentMethod: string) => Promise<Standing>
}

export interface Told {
  readonly calls: string[]
  readonly answers: Standing[]
  readonly verdict: Standing
}

/** Places an order and does what `then` says; tells what was called, answered, and how it ended. */
export async function place(
  world: FlowWorld,
  {
    fakes,
    request,
    then = async () => {},
    hold = { holdMs, challengeMs },
    taskQueue = queues.order,
  }: {
    fakes: Fakes
    request: Partial<Checkout>
    then?: (placed: Placed) => Promise<unknown>
    hold?: { holdMs: number; challengeMs: number }
    taskQueue?: OrderQueue
  },
): Promise<Told> {
  const orderId = typeid('ord').toString() as OrderId
  const { workflow } = world.env.client
  const handle = workflow.getHandle(placeOrderId(orderId))
  const answers: Standing[] = []
  let verdict: Standing | undefined
  const calls = await world.play({ ...goodParts(), ...fakes }, async () => {
    const content = { ...aCheckout(), ...request }
    const updateId = `wish of ${orderId}`
    const startWorkflowOperation = new WithStartWorkflowOperation('placeOrder', {
      workflowId: placeOrderId(orderId),
      taskQueue,
      args: [
        { orderId, ...hold },
        { updateId, content },
      ],
      workflowIdConflictPolicy: 'USE_EXISTING',
    })
    const asked = { startWorkflowOperation, args: [content] as [Checkout], updateId }
    answers.push(await workflow.executeUpdateWithStart(checkout, asked))
    const pay = async (paymentMethod: string): Promise<Standing> => {
      const answer = await handle.executeUpdate(submitPayment, { args: [{ ...aCard, paymentMethod }] })
      answers.push(answer)
      return answer
    }
    await then({ orderId, handle, pay })
    verdict = (await handle.result()) as Standing
  })
  return { calls, answers, verdict: verdict! }
}

/** The undoing of an order that was priced, in its order. */
export const unwound = ['returnPayment', 'releaseStock', 'abandonOrder']

/** An answer in one word: its outcome, or why not. */
export const ended = (standing: Standing): string =>
  standing.outcome === 'refused' ? standing.refusal.code : standing.outcome
