import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import type { AuthorizePayment } from '../../activities/payments.ts'
import { createStripeGateway } from '../../gateways/stripe.ts'
import type { Db } from '../../store/db.ts'
import { readOrder } from '../../store/orders.ts'
import { newestAttempt, readPayment, shutPayment } from '../../store/payments.ts'
import type { OrderId } from '../../domain/ids.ts'
import { anOrderId, refuses, someDatabases } from '../support/parts.ts'
import { aStripe } from '../support/stripe.ts'

const cause = 'req_1'

async function theMoney(t: TestContext) {
  const { order: db } = await someDatabases(t)
  const double = await aStripe(t)
  const stripe = createStripeGateway({ apiKey: double.apiKey, baseUrl: double.baseUrl, timeoutMs: 2_000 })
  const activities = activitiesOf.order({ db, stripe, orderUrl: String })
  const card = (changes: Partial<AuthorizePayment> = {}): AuthorizePayment => ({
    orderId: anOrderId(),
    total: { amount: 2390, currency: 'EUR' },
    attempt: 1,
    paymentMethod: 'pm_card_visa',
    returnUrl: 'http://localhost/back',
    cause,
    ...changes,
  })
  return { db, double, stripe, ...activities, card }
}

async function journalOf(db: Db, orderId: OrderId): Promise<[string, number][]> {
  const entries = (await db('payments.journal').where({ order_id: orderId }).orderBy('position')) as {
    kind: string
    amount_minor: number
  }[]
  return entries.map(({ kind, amount_minor: amount }) => [kind, amount])
}

describe('authorizePayment', () => {
  it('holds the total once, however often and beside itself it runs', async (t) => {
    const { db, double, authorizePayment, card } = await theMoney(t)
    const order = card()

    const outcomes = await Promise.allSettled([authorizePayment(order), authorizePayment(order)])
    assert.ok(outcomes.some((outcome) => outcome.status === 'fulfilled'))
    assert.equal((await authorizePayment(order)).outcome, 'authorized')
    assert.equal((await authorizePayment(order)).outcome, 'authorized')

    assert.deepEqual(await journalOf(db, order.orderId), [['authorized', 2390]])
    assert.equal((await double.deeds('payment_intents.create')).length, 1)
    assert.equal((await double.deeds('payment_intents.confirm')).length, 1)
  })

  it('answers a decline with its reason, and takes the next card', async (t) => {
    const { db, authorizePayment, card } = await theMoney(t)
    const order = card({ paymentMethod: 'pm_card_visa_chargeDeclinedInsufficientFunds' })

    const declined = await authorizePayment(order)
    assert.deepEqual(declined, {
      outcome: 'declined',
      code: 'card_declined',
      declineCode: 'insufficient_funds',
    })

    const next = await authorizePayment({ ...order, attempt: 2, paymentMethod: 'pm_card_mastercard' })
    assert.equal(next.outcome, 'authorized')
    const attempts = (await db('payments.attempts').orderBy('attempt')) as {
      outcome: string
      code: string | null
    }[]
    assert.deepEqual(
      attempts.map(({ outcome, code }) => [outcome, code]),
      [
        ['declined', 'insufficient_funds'],
        ['authorized', null],
      ],
    )
  })

  for (const [kind, operation] of [
    ['fail_after', 'payment_intents.create'],
    ['fail_after', 'payment_intents.confirm'],
    ['drop_after', 'payment_intents.confirm'],
    ['fail_before', 'payment_intents.confirm'],
    ['drop_before', 'payment_intents.create'],
  ] as const) {
    it(`holds the total once though ${operation} has the fault ${kind}`, async (t) => {
      const { db, double, authorizePayment, card } = await theMoney(t)
      await double.fault({ operation, kind })
      const order = card()

      await tried(() => authorizePayment(order))

      assert.deepEqual(await journalOf(db, order.orderId), [['authorized', 2390]])
      assert.equal((await double.deeds('payment_intents.confirm')).length, 1)
      assert.deepEqual(
        (await double.faults()).map((fault) => fault.fired),
        [1],
      )
    })
  }

  it('gives the hold back at once when the order was let go while the bank was asked', async (t) => {
    const { db, double, stripe, card } = await theMoney(t)
    const order = card()
    const slow = activitiesOf.order({
      db,
      orderUrl: String,
      stripe: {
        ...stripe,
        confirm: async (input) => {
          const answer = await stripe.confirm(input)
          await db('payments.payments').where({ order_id: order.orderId }).update({ status: 'voided' })
          return answer
        },
      },
    })

    await refuses('hold.expired', slow.authorizePayment(order))

    assert.equal((await double.deeds('payment_intents.cancel')).length, 1)
    assert.deepEqual(await journalOf(db, order.orderId), [])
  })

  it('finds the door shut when the order was let go before', async (t) => {
    const { double, authorizePayment, returnPayment, card } = await theMoney(t)
    const order = card()
    await returnPayment({ orderId: order.orderId, cause })

    await refuses('hold.expired', authorizePayment(order))
    assert.equal((await double.deeds('payment_intents.create')).length, 0)
  })
})

describe('lookUpPayment', () => {
  const challenging = 'pm_card_authenticationRequired'

  async function aChallenge(t: TestContext) {
    const money = await theMoney(t)
    const order = money.card({ paymentMethod: challenging })
    const answer = await money.authorizePayment(order)
    assert.ok(answer.outcome === 'action_required' && answer.action.kind === 'redirect')
    const { action } = answer
    const choose = (outcome: string): Promise<Response> =>
      fetch(action.url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome }) })
    return { ...money, order, action, choose, look: () => money.lookUpPayment(order) }
  }

  it('says where the customer has to go while he is there, to whoever reads the order', async (t) => {
    const { db, order, action, look } = await aChallenge(t)

    assert.deepEqual(await look(), { outcome: 'action_required', action })
    const attempt = { attempt: 1, outcome: 'action_required', code: null, action }
    assert.deepEqual(await newestAttempt(db, order.orderId), attempt)
  })

  it('books a challenge that was passed, once', async (t) => {
    const { db, order, choose, look } = await aChallenge(t)
    await choose('pass')

    const answers = await Promise.all([look(), look(), look()])
    for (const { outcome } of answers) assert.equal(outcome, 'authorized')
    assert.deepEqual(await journalOf(db, order.orderId), [['authorized', 2390]])
    assert.equal(await newestAttempt(db, order.orderId), null, 'nothing is open any more')
  })

  it('answers a challenge that was failed as a decline, and the next card is taken', async (t) => {
    const { db, order, choose, look, authorizePayment } = await aChallenge(t)
    await choose('fail')

    const failed = await look()
    assert.deepEqual(failed, {
      outcome: 'declined',
      code: 'payment_intent_authentication_failure',
      declineCode: null,
    })
    assert.equal((await newestAttempt(db, order.orderId))?.code, 'payment_intent_authentication_failure')
    const next = await authorizePayment({ ...order, attempt: 2, paymentMethod: 'pm_card_visa' })
    assert.equal(next.outcome, 'authorized')
  })

  it('lets another card take the place of an open challenge', async (t) => {
    const { db, order, authorizePayment } = await aChallenge(t)

    const next = await authorizePayment({ ...order, attempt: 2, paymentMethod: 'pm_card_visa' })
    assert.equal(next.outcome, 'authorized')
    assert.deepEqual(await journalOf(db, order.orderId), [['authorized', 2390]])
  })

  it('finds the door shut when the order was let go before, and leaves the money to the undo', async (t) => {
    const { db, double, order, choose, look } = await aChallenge(t)
    await choose('pass')
    await shutPayment(db, order.orderId)

    await refuses('hold.expired', look())
    assert.deepEqual(await double.deeds('payment_intents.cancel'), [])
  })

  it('gives back what was authorized while it was looked up', async (t) => {
    const { db, double, stripe, order, choose } = await aChallenge(t)
    await choose('pass')
    const slow = activitiesOf.order({
      ...{ db, orderUrl: String },
      stripe: {
        ...stripe,
        retrieveIntent: async (intentId) => {
          const state = await stripe.retrieveIntent(intentId)
          await shutPayment(db, order.orderId)
          return state
        },
      },
    })

    await refuses('hold.expired', slow.lookUpPayment(order))
    assert.equal((await double.deeds('payment_intents.cancel')).length, 1)
  })
})

describe('authorizePayment, told to take the money at once', () => {
  const taken: [string, number][] = [
    ['authorized', 2390],
    ['captured', 2390],
  ]

  it('takes the total once, however often and beside itself it runs', async (t) => {
    const { db, double, authorizePayment, card } = await theMoney(t)
    const order = card({ captureAtOnce: true })

    await Promise.allSettled([authorizePayment(order), authorizePayment(order)])
    const again = await tried(() => authorizePayment(order))

    assert.ok(again.outcome === 'authorized' && again.captured)
    assert.deepEqual(await journalOf(db, order.orderId), taken)
    assert.equal((await double.deeds('payment_intents.confirm')).length, 1)
    assert.equal((await double.deeds('payment_intents.capture')).length, 1)
    assert.equal((await db('payments.outbox').where({ type: 'Payment Processed' })).length, 1)
  })

  it('takes nothing where the bank says no', async (t) => {
    const { double, authorizePayment, card } = await theMoney(t)

    const answer = await authorizePayment(
      card({ captureAtOnce: true, paymentMethod: 'pm_card_visa_chargeDeclined' }),
    )

    assert.equal(answer.outcome, 'declined')
    assert.equal((await double.deeds('payment_intents.capture')).length, 0)
  })

  for (const kind of ['fail_after', 'drop_after', 'fail_before', 'drop_before'] as const) {
    it(`takes the money once though the capture has the fault ${kind}, here or in the next step`, async (t) => {
      const { db, double, authorizePayment, capturePayment, card } = await theMoney(t)
      const order = card({ captureAtOnce: true })
      await double.fault({ operation: 'payment_intents.capture', kind })

      assert.equal((await authorizePayment(order)).outcome, 'authorized')
      await tried(() => capturePayment({ orderId: order.orderId, cause }))

      assert.deepEqual(await journalOf(db, order.orderId), taken)
      assert.equal((await double.deeds('payment_intents.capture')).length, 1)
    })
  }

  it('leaves it to the next step when the provider refuses, which says why', async (t) => {
    const { db, stripe, capturePayment, card } = await theMoney(t)
    const order = card({ captureAtOnce: true })
    const gone = activitiesOf.order({
      ...{ db, orderUrl: String },
      stripe: {
        ...stripe,
        capture: async (asked) => {
          await stripe.cancel({ intentId: asked.intentId, idempotencyKey: 'by-hand' })
          return stripe.capture(asked)
        },
      },
    })

    const answer = await gone.authorizePayment(order)

    assert.ok(answer.outcome === 'authorized' && answer.captured === false)
    await refuses('payment.capture_refused', capturePayment({ orderId: order.orderId, cause }))
    assert.deepEqual(await journalOf(db, order.orderId), [['authorized', 2390]])
  })

  for (const moment of ['before', 'after'] as const) {
    it(`leaves nothing taken when the order is let go ${moment} the provider takes it`, async (t) => {
      const { db, double, stripe, returnPayment, card } = await theMoney(t)
      const order = card({ captureAtOnce: true })
      const { orderId } = order
      const slow = activitiesOf.order({
        ...{ db, orderUrl: String },
        stripe: {
          ...stripe,
          capture: async (asked) => {
            if (moment === 'before') await returnPayment({ orderId, cause })
            const answer = await stripe.capture(asked)
            if (moment === 'after') await returnPayment({ orderId, cause })
            return answer
          },
        },
      })

      await tried(() => slow.authorizePayment(order))

      const intent = await stripe.retrieveIntent((await readPayment(db, orderId))?.intentId ?? '')
      assert.equal(intent.receivedMinor - intent.refundedMinor, 0)
      assert.equal(intent.capturableMinor, 0)
      const last = moment === 'before' ? 'voided' : 'refunded'
      assert.deepEqual((await journalOf(db, orderId)).at(-1), [last, 2390])
      assert.equal((await double.deeds('refunds.create')).length, moment === 'before' ? 0 : 1)
    })
  }
})

describe('capturePayment', () => {
  it('says so when it takes money whose authorization has run out', async (t) => {
    const { db, authorizePayment, capturePayment, card } = await theMoney(t)
    const order = card()
    await authorizePayment(order)
    await insertOrderRow(db, order.orderId)
    await db('payments.payments').update({ capture_before: '2026-01-01T00:00:00Z' })

    await capturePayment({ orderId: order.orderId, cause })

    const stored = await readOrder(db, order.orderId)
    assert.equal(stored?.needsAttention, true)
    assert.match(stored?.attentionReason ?? '', /authorization had run out \(2026-01-01/)
  })

  it('refuses when the provider says that it has run out', async (t) => {
    const { db, double, authorizePayment, capturePayment, card } = await theMoney(t)
    const order = card()
    await authorizePayment(order)
    await double.send(`payment_intents/${(await readPayment(db, order.orderId))?.intentId}/expire`, {})

    const { code } = await refuses(
      'payment.capture_refused',
      capturePayment({ orderId: order.orderId, cause }),
    )
    assert.equal(code, 'charge_expired_for_capture')
  })

  for (const kind of ['fail_after', 'drop_after', 'fail_before', 'drop_before'] as const) {
    it(`takes the money once though the capture has the fault ${kind}`, async (t) => {
      const { db, double, authorizePayment, capturePayment, card } = await theMoney(t)
      const order = card()
      await authorizePayment(order)
      await double.fault({ operation: 'payment_intents.capture', kind })

      await tried(() => capturePayment({ orderId: order.orderId, cause }))
      await capturePayment({ orderId: order.orderId, cause })

      assert.deepEqual(await journalOf(db, order.orderId), [
        ['authorized', 2390],
        ['captured', 2390],
      ])
      assert.equal((await double.deeds('payment_intents.capture')).length, 1)
      assert.equal((await db('payments.outbox').where({ type: 'Payment Processed' })).length, 1)
    })
  }

  it('captures once when it runs beside itself', async (t) => {
    const { db, double, authorizePayment, capturePayment, card } = await theMoney(t)
    const order = card()
    await authorizePayment(order)
    const { orderId } = order

    await Promise.allSettled([capturePayment({ orderId, cause }), capturePayment({ orderId, cause })])
    await tried(() => capturePayment({ orderId, cause }))

    assert.equal((await double.deeds('payment_intents.capture')).length, 1)
    assert.equal((await readPayment(db, orderId))?.capturedMinor, 2390)
  })

  it('refuses when the authorization is gone for good', async (t) => {
    const { stripe, db, authorizePayment, capturePayment, card } = await theMoney(t)
    const order = card()
    await authorizePayment(order)
    const intentId = (await readPayment(db, order.orderId))?.intentId
    await stripe.cancel({ intentId: intentId ?? '', idempotencyKey: 'by-hand' })

    await refuses('payment.capture_refused', capturePayment({ orderId: order.orderId, cause }))
  })
})

describe('returnPayment', () => {
  it('voids an authorization, once', async (t) => {
    const { db, double, authorizePayment, returnPayment, card } = await theMoney(t)
    const order = card()
    await authorizePayment(order)
    const { orderId } = order

    await Promise.allSettled([returnPayment({ orderId, cause }), returnPayment({ orderId, cause })])
    await tried(() => returnPayment({ orderId, cause }))

    assert.deepEqual(await journalOf(db, orderId), [
      ['authorized', 2390],
      ['voided', 2390],
    ])
    assert.equal((await double.deeds('payment_intents.cancel')).length, 1)
  })

  it('refunds a capture whose answer was lost, and our books say so', async (t) => {
    const { db, double, stripe, authorizePayment, returnPayment, card } = await theMoney(t)
    const order = card()
    await authorizePayment(order)
    const { orderId } = order
    const intentId = (await readPayment(db, orderId))?.intentId ?? ''
    await stripe.capture({ intentId, idempotencyKey: `capture:${orderId}` })

    await returnPayment({ orderId, cause })
    await returnPayment({ orderId, cause })

    assert.deepEqual(await journalOf(db, orderId), [
      ['authorized', 2390],
      ['captured', 2390],
      ['refunded', 2390],
    ])
    const payment = await readPayment(db, orderId)
    assert.deepEqual([payment?.status, payment?.refundedMinor], ['refunded', 2390])
    assert.equal((await double.deeds('refunds.create')).length, 1)
  })

  for (const kind of ['fail_after', 'drop_after', 'fail_before'] as const) {
    it(`gives the money back once though the refund has the fault ${kind}`, async (t) => {
      const { db, double, authorizePayment, capturePayment, returnPayment, card } = await theMoney(t)
      const order = card()
      const { orderId } = order
      await authorizePayment(order)
      await capturePayment({ orderId, cause })
      await double.fault({ operation: 'refunds.create', kind })

      await tried(() => returnPayment({ orderId, cause }))

      assert.equal((await readPayment(db, orderId))?.refundedMinor, 2390)
      assert.equal((await double.deeds('refunds.create')).length, 1)
    })
  }

  it('does nothing where nothing was paid', async (t) => {
    const { db, double, returnPayment } = await theMoney(t)
    const orderId = anOrderId()

    await returnPayment({ orderId, cause })

    assert.deepEqual(await journalOf(db, orderId), [])
    assert.deepEqual(await double.deeds('payment_intents.cancel'), [])
  })
})

/** The order itself, as far as it matters to its money. */
async function insertOrderRow(db: Db, orderId: OrderId): Promise<void> {
  const at = '2026-01-01T00:00:00Z'
  await db('orders.orders').insert({
    ...{
      id: orderId,
      number: '1',
      cart_id: 'cart_1',
      cart_version: 1,
      customer_ref: 'guest',
      email: 'a@b.c',
    },
    ...{ currency: 'EUR', status: 'pending_payment', version: 1, ship_to: '{}', cause },
    ...{ placed_at: at, expires_at: at },
  })
}

/** Runs a step as Temporal would: again and again until it stops failing. */
async function tried<T>(step: () => Promise<T>): Promise<T> {
  let fault: unknown
  for (let run = 0; run < 6; run += 1) {
    try {
      return await step()
    } catch (error) {
      fault = error
    }
  }
  throw fault
}
