import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { providerNews } from '../../workflows/contract.ts'
import type { Checkout, Standing } from '../../workflows/contract.ts'
import { mostAttempts } from '../../workflows/payment-answers.ts'
import { faulty, sharedFlowWorld, refuse } from '../support/flow-world.ts'
import type { FlowWorld } from '../support/flow-world.ts'
import { aCard, challengeMs, ended, goodParts, holdMs, place, unwound } from '../support/placing.ts'
import type { Placed } from '../support/placing.ts'

const action = { kind: 'redirect', url: 'https://bank.example/challenge' } as const
const asked = { outcome: 'action_required', action } as const
const authorized = { outcome: 'authorized', chargeId: 'ch_1', captureBefore: null } as const
const failed = {
  outcome: 'declined',
  code: 'payment_intent_authentication_failure',
  declineCode: null,
} as const
const challenging = 'pm_card_authenticationRequired'
const request = { payment: { ...aCard, paymentMethod: challenging } }

describe('a card whose bank wants to see its customer', () => {
  let world: FlowWorld
  before(async () => {
    world = await sharedFlowWorld()
  })

  /** A bank that challenges `challenging` and takes every other card; `look` is what it says when it is asked again. */
  function aBank(look: () => unknown, tries: [number, string][] = []) {
    const authorizePayment = async (card: { attempt: number; paymentMethod: string }): Promise<unknown> => {
      tries.push([card.attempt, card.paymentMethod])
      return card.paymentMethod === challenging ? asked : authorized
    }
    return { tries, fakes: { authorizePayment, lookUpPayment: async () => look() } }
  }

  const ring = ({ handle }: Placed, outcome: 'passed' | 'failed', attempt = 1): Promise<void> =>
    handle.signal(providerNews, { attempt, outcome, eventId: 'evt_1' })

  it('confirms the order when the provider says that the challenge was passed', async () => {
    const { fakes } = aBank(() => authorized)
    const { answers, calls, verdict } = await place(world, {
      fakes,
      request,
      then: (placed) => ring(placed, 'passed'),
    })

    assert.deepEqual(answers, [asked])
    assert.equal(verdict.outcome, 'confirmed')
    assert.deepEqual(calls.filter((name) => /Payment|extend/.test(name)).sort(), [
      'authorizePayment',
      'capturePayment',
      'extendHold',
      'extendOrder',
      'lookUpPayment',
    ])
  })

  it('confirms the order when the customer pays with the same card again, and tries no card twice', async () => {
    const { fakes, tries } = aBank(() => authorized)
    const { answers } = await place(world, { fakes, request, then: ({ pay }) => pay(challenging) })

    assert.deepEqual(answers.map(ended), ['action_required', 'confirmed'])
    assert.deepEqual(tries, [[1, challenging]])
  })

  it('tells the same customer the same while the challenge is open', async () => {
    let passed = false
    const { fakes } = aBank(() => (passed ? authorized : asked))
    const { answers, calls } = await place(world, {
      fakes,
      request,
      then: async (placed) => {
        await placed.pay(challenging)
        passed = true
        await ring(placed, 'passed')
      },
    })

    assert.deepEqual(answers, [asked, asked])
    assert.equal(calls.filter((name) => name === 'extendHold').length, 1)
  })

  it('believes the provider when it is asked, and not the news', async () => {
    let look: unknown = asked
    const { fakes } = aBank(() => look)
    const { verdict } = await place(world, {
      fakes,
      request,
      then: async (placed) => {
        await ring(placed, 'failed')
        await ring(placed, 'passed')
        await world.env.sleep(1_000)
        look = authorized
        await ring(placed, 'failed')
      },
    })

    assert.equal(verdict.outcome, 'confirmed')
  })

  it('waits for another card when the challenge was failed', async () => {
    const { fakes, tries } = aBank(() => failed)
    const { answers, verdict } = await place(world, {
      fakes,
      request,
      then: async (placed) => {
        await ring(placed, 'failed')
        await world.env.sleep(1_000)
        await placed.pay('pm_card_visa')
      },
    })

    assert.deepEqual(answers.map(ended), ['action_required', 'confirmed'])
    assert.deepEqual(tries, [
      [1, challenging],
      [2, 'pm_card_visa'],
    ])
    assert.equal(verdict.outcome, 'confirmed')
  })

  it('answers whoever asks again that the challenge was failed, and how many tries are left', async () => {
    const { fakes } = aBank(() => failed)
    const { answers } = await place(world, {
      fakes,
      request,
      then: async ({ pay }) => {
        await pay(challenging)
        await pay('pm_card_visa')
      },
    })

    const told = answers[1] as Extract<Standing, { outcome: 'refused' }>
    assert.equal(told.refusal.code, 'payment.declined')
    assert.equal(told.refusal.facts['reason'], 'payment_intent_authentication_failure')
    assert.equal(told.refusal.facts['triesLeft'], mostAttempts - 1)
    assert.equal(told.open, true)
    assert.equal(ended(answers[2]!), 'confirmed')
  })

  it('lets another card take the place of an open challenge', async () => {
    const { fakes, tries } = aBank(() => asked)
    const { answers, calls } = await place(world, { fakes, request, then: ({ pay }) => pay('pm_card_visa') })

    assert.deepEqual(answers.map(ended), ['action_required', 'confirmed'])
    assert.deepEqual(tries.at(-1), [2, 'pm_card_visa'])
    assert.ok(!calls.includes('lookUpPayment'))
  })

  it('takes no more cards than it may, but waits for the challenge of the last one', async () => {
    const { tries } = aBank(() => null)
    const authorizePayment = async (card: { attempt: number; paymentMethod: string }): Promise<unknown> => {
      tries.push([card.attempt, card.paymentMethod])
      return card.attempt < mostAttempts ? failed : asked
    }
    const { answers, verdict } = await place(world, {
      fakes: { authorizePayment },
      request,
      then: async (placed) => {
        for (let card = 2; card <= mostAttempts + 1; card += 1) await placed.pay(`pm_${card}`)
        await ring(placed, 'passed', mostAttempts)
      },
    })

    assert.equal(tries.length, mostAttempts)
    assert.deepEqual(answers.slice(-2).map(ended), ['action_required', 'payment.too_many_attempts'])
    assert.equal(verdict.outcome, 'confirmed')
  })

  it('holds order and stock as long as the challenge may last', async () => {
    const until: Record<string, string> = {}
    let placedAt = ''
    let passed = false
    const { fakes } = aBank(() => (passed ? authorized : asked))
    const { verdict } = await place(world, {
      fakes: {
        ...fakes,
        openOrder: async (order: Checkout & { placedAt: string }) => {
          placedAt = order.placedAt
          return goodParts().openOrder(order)
        },
        extendHold: async ({ deadline }: { deadline: string }) => void (until['stock'] = deadline),
        extendOrder: async ({ expiresAt }: { expiresAt: string }) => void (until['order'] = expiresAt),
      },
      request,
      then: async (placed) => {
        await world.env.sleep(holdMs + 5 * 60_000)
        passed = true
        await ring(placed, 'passed')
      },
    })

    assert.equal(verdict.outcome, 'confirmed')
    assert.equal(until['stock'], until['order'])
    const lastsMs = Date.parse(until['stock'] ?? '') - Date.parse(placedAt)
    assert.ok(lastsMs >= challengeMs && lastsMs < challengeMs + holdMs, `it lasts ${lastsMs} ms`)
  })

  it('holds for one challenge longer at the most, however many there are', async () => {
    const deadlines: number[] = []
    let placedAt = 0
    const { verdict } = await place(world, {
      fakes: {
        authorizePayment: async () => asked,
        lookUpPayment: async () => asked,
        openOrder: async (order: Checkout & { placedAt: string }) => {
          placedAt = Date.parse(order.placedAt)
          return goodParts().openOrder(order)
        },
        extendHold: async ({ deadline }: { deadline: string }) => void deadlines.push(Date.parse(deadline)),
      },
      request,
      then: async ({ pay }) => {
        for (const card of ['pm_2', 'pm_3', 'pm_4']) {
          await world.env.sleep(10 * 60_000)
          await pay(card)
        }
      },
    })

    assert.equal(ended(verdict), 'payment.action_abandoned')
    assert.ok(deadlines.length > 1)
    assert.equal(Math.max(...deadlines), placedAt + holdMs + challengeMs)
  })

  it('lets everything go when the challenge is never finished', async () => {
    const endings: unknown[] = []
    const { fakes } = aBank(() => asked)
    const { calls, verdict, answers } = await place(world, {
      fakes: { ...fakes, abandonOrder: async ({ ending }: { ending: string }) => void endings.push(ending) },
      request,
    })

    assert.deepEqual(answers, [asked])
    assert.equal(ended(verdict), 'payment.action_abandoned')
    assert.deepEqual(endings, ['expired'])
    assert.deepEqual(calls.slice(-4), ['lookUpPayment', ...unwound])
  })

  it('confirms at the last moment what was passed while nobody told us', async () => {
    const { fakes } = aBank(() => authorized)
    const { verdict, calls } = await place(world, { fakes, request })

    assert.equal(verdict.outcome, 'confirmed')
    assert.ok(calls.includes('capturePayment'))
  })

  it('gives the money back when the challenge is passed after the order was let go', async () => {
    const { fakes } = aBank(() => asked)
    const { calls, verdict } = await place(world, {
      fakes: { ...fakes, lookUpPayment: refuse('hold.expired') },
      request,
      then: (placed) => ring(placed, 'passed'),
    })

    assert.equal(ended(verdict), 'hold.expired')
    assert.deepEqual(calls.slice(-3), unwound)
    assert.ok(!calls.includes('capturePayment'))
  })

  it('lets everything go when an operator cancels it during the challenge', async () => {
    const endings: unknown[] = []
    const { fakes } = aBank(() => asked)
    const { calls } = await place(world, {
      fakes: {
        ...fakes,
        abandonOrder: async (end: { ending: string; actor: string }) =>
          void endings.push([end.ending, end.actor]),
      },
      request,
      then: async ({ handle }) => {
        // The test server, unlike the real one, cannot cancel a step that ends at this very moment: let it be done.
        await world.env.sleep(1_000)
        await handle.cancel()
      },
    })

    assert.deepEqual(calls.slice(-3), unwound)
    assert.deepEqual(endings, [['cancelled', 'operator']])
  })

  it('goes on though looking it up fails twice', async () => {
    const { fakes } = aBank(() => authorized)
    const { verdict } = await place(world, {
      fakes: { ...fakes, lookUpPayment: faulty(2, async () => authorized) },
      request,
      then: (placed) => ring(placed, 'passed'),
    })

    assert.equal(verdict.outcome, 'confirmed')
  })

  it('is not disturbed by news of an order that waits for its first card', async () => {
    const { answers, calls } = await place(world, {
      fakes: {},
      request: {},
      then: async (placed) => {
        await ring(placed, 'passed', 0)
        await placed.pay('pm_card_visa')
      },
    })

    assert.deepEqual(answers.map(ended), ['pending_payment', 'confirmed'])
    assert.ok(!calls.includes('lookUpPayment'))
  })
})
