import { setTimeout as sleep } from 'node:timers/promises'
import { letGo, providerNews } from '../../../workflows/contract.ts'
import { faulty, refuse } from '../../support/flow-world.ts'
import type { Fakes } from '../../support/flow-world.ts'
import { aCard, goodParts, onlyHeld, place, unpriced } from '../../support/placing.ts'
import { inTheShop } from '../ending.ts'
import type { Ending, Endings } from '../ending.ts'

type Story = Parameters<typeof place>[1]

/** Every way in which placing an order can end. */
const stories: Readonly<Record<string, Story>> = {
  'confirmed-in-one-call': { fakes: {}, request: { payment: aCard } },
  'confirmed-with-the-total-frozen-in-its-own-step': {
    fakes: { openOrder: unpriced },
    request: { payment: aCard },
  },
  'confirmed-with-the-money-taken-in-its-own-step': {
    fakes: { authorizePayment: async () => onlyHeld },
    request: { payment: aCard },
  },
  'confirmed-with-a-rate-asked-for': { fakes: {}, request: { payment: aCard, rate: null } },
  'confirmed-after-checkout': { fakes: {}, request: {}, then: ({ pay }) => pay('pm_card_visa') },
  'confirmed-for-nothing': {
    fakes: { openOrder: unpriced, priceOrder: async () => ({ totalMinor: 0 }) },
    request: {},
  },
  'confirmed-and-label-refused': {
    fakes: { buyLabel: refuse('shipping.label_refused') },
    request: { payment: aCard },
  },
  'confirmed-after-accidents': {
    fakes: {
      reserveStock: faulty(1, goodParts().reserveStock),
      authorizePayment: faulty(1, async () => onlyHeld),
      capturePayment: faulty(1, goodParts().capturePayment),
    },
    request: { payment: aCard },
  },
  'confirmed-and-stock-refused': {
    fakes: { commitStock: refuse('hold.expired') },
    request: { payment: aCard },
  },
  'declined-then-paid': {
    fakes: declining(1),
    request: { payment: aCard },
    then: ({ pay }) => pay('pm_card_mastercard'),
  },
  'declined-too-often': {
    fakes: declining(9),
    request: { payment: aCard },
    then: async ({ pay }) => {
      for (const card of ['b', 'c', 'd', 'e']) await pay(`pm_${card}`)
    },
  },
  expired: { fakes: {}, request: {}, hold: { holdMs: 1_500, challengeMs: 1_500 } },
  'let-go-by-the-customer': {
    fakes: {},
    request: {},
    then: ({ handle }) => handle.signal(letGo, { actor: 'customer', reason: 'changed my mind' }),
  },
  'cancelled-by-an-operator': { fakes: {}, request: {}, then: ({ handle }) => handle.cancel() },
  'rejected-for-the-cart': { fakes: { openOrder: refuse('cart.empty') }, request: { payment: aCard } },
  'rejected-for-stock': {
    fakes: { reserveStock: refuse('stock.insufficient') },
    request: { payment: aCard },
  },
  'rejected-for-the-address': {
    fakes: { quoteShipping: refuse('shipping.no_service') },
    request: { payment: aCard, rate: null },
  },
  'rejected-for-the-total': {
    fakes: { openOrder: unpriced, priceOrder: refuse('order.total_changed') },
    request: { payment: aCard },
  },
  'capture-refused': {
    fakes: { authorizePayment: async () => onlyHeld, capturePayment: refuse('payment.capture_refused') },
    request: { payment: aCard },
  },
  'challenge-passed': {
    fakes: challenging(),
    request: { payment: aCard },
    then: async ({ handle }) => {
      await sleep(100)
      await handle.signal(providerNews, { attempt: 1, outcome: 'passed', eventId: 'evt_1' })
    },
  },
  'challenge-failed-then-paid': {
    fakes: {
      authorizePayment: async ({ attempt }: { attempt: number }) => (attempt === 1 ? challenge : onlyHeld),
      lookUpPayment: async () => ({ outcome: 'declined', code: 'authentication_failed', declineCode: null }),
    },
    request: { payment: aCard },
    then: async ({ handle, pay }) => {
      await handle.signal(providerNews, { attempt: 1, outcome: 'failed', eventId: 'evt_1' })
      await pay('pm_card_mastercard')
    },
  },
  'let-go-during-the-challenge': {
    fakes: challenging(),
    request: { payment: aCard },
    then: ({ handle }) => handle.signal(letGo, { actor: 'customer', reason: 'changed my mind' }),
  },
  'challenge-abandoned': {
    fakes: { ...challenging(), lookUpPayment: async () => challenge },
    request: { payment: aCard },
    hold: { holdMs: 1_000, challengeMs: 2_000 },
  },
}

const challenge = {
  outcome: 'action_required',
  action: { kind: 'redirect', url: 'https://bank.example/challenge' },
}

function challenging(): Fakes {
  return { authorizePayment: async () => challenge }
}

/** The first cards are declined, the next one is taken. */
function declining(cards: number): Fakes {
  return {
    authorizePayment: async ({ attempt }: { attempt: number }) =>
      attempt <= cards
        ? { outcome: 'declined', code: 'card_declined', declineCode: 'insufficient_funds' }
        : onlyHeld,
  }
}

/** Plays a story; what is wanted of it is the id of its workflow. */
const playing =
  (story: Story): Ending =>
  async (world, taskQueue) => {
    let workflowId = ''
    await place(world, {
      ...story,
      ...(taskQueue && { taskQueue }),
      then: async (placed) => {
        workflowId = placed.handle.workflowId
        await story.then?.(placed)
      },
    })
    return workflowId
  }

const told: Endings = Object.fromEntries(
  Object.entries(stories).map(([name, story]) => [name, playing(story)]),
)

export const endings: Endings = {
  ...told,
  ...inTheShop(told, [
    'confirmed-in-one-call',
    'confirmed-with-a-rate-asked-for',
    'confirmed-after-accidents',
    'confirmed-and-stock-refused',
    'declined-then-paid',
    'expired',
    'rejected-for-stock',
    'challenge-passed',
  ]),
}
