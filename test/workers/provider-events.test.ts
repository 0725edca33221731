import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import { signWebhook } from '../../dev/stripe-sim/events.ts'
import type { OrderId } from '../../domain/ids.ts'
import type { NewsDesk } from '../../gateways/news-desk.ts'
import { createStripeGateway } from '../../gateways/stripe.ts'
import type { PaymentGateway } from '../../gateways/stripe.ts'
import { stripeEventTypes, stripeHook } from '../../gateways/stripe/webhook.ts'
import type { Db } from '../../store/db.ts'
import { readOrder } from '../../store/orders.ts'
import { readPayment, shutPayment } from '../../store/payments.ts'
import { providerEventId } from '../../workflows/contract.ts'
import { routePayments } from '../../workers/route-payments.ts'
import { mostAttempts } from '../../workers/router.ts'
import { anAddress, aRate } from '../support/factories.ts'
import { ears, manners } from '../support/hearing.ts'
import type { Manner } from '../support/hearing.ts'
import { aCart, anOrderId } from '../support/parts.ts'
import { aPostbox } from '../support/postbox.ts'
import type { Posted } from '../support/postbox.ts'
import { openStore } from '../support/stores.ts'
import { aStripe, clientOf, until, webhookSecret } from '../support/stripe.ts'

const cause = 'req_1'
const challenging = 'pm_card_authenticationRequired'

/** One for the file: each test has orders of its own, and begins with no events. */
let store: Awaited<ReturnType<typeof openStore>>
before(async () => {
  store = await openStore()
})
after(() => store.close())

/** An order that waits for its payment, the provider that tells of it, and our ears. */
async function theTill(t: TestContext, wrap: (gateway: PaymentGateway) => PaymentGateway = (same) => same) {
  const { db } = store
  await db('payments.provider_events').delete()
  const postbox = await aPostbox(t)
  const double = await aStripe(t, {
    webhookUrl: postbox.url,
    webhookSecret,
    webhookEvents: stripeEventTypes,
    refundSettleMs: 60 * 60_000,
  })
  const gateway = createStripeGateway({ apiKey: double.apiKey, baseUrl: double.url, timeoutMs: 5_000 })
  const activities = activitiesOf.order({ db, stripe: wrap(gateway), orderUrl: String })
  const orderId = anOrderId()
  const totalMinor = await open()
  const { desk, told, started } = aDesk()
  const read = stripeHook(['whsec_older', webhookSecret])
  const its = ears({
    db,
    schema: 'payments',
    route: routePayments({ db, news: desk }),
    read,
    resign: ({ body }, nowMs) => signWebhook({ body: body.toString(), secret: webhookSecret, nowMs }),
  })

  async function open(): Promise<number> {
    const at = new Date().toISOString()
    await activities.openOrder({
      orderId,
      ...(await aCart(db, { lines: [{ sku: 'MUG', quantity: 2 }] })),
      ...{ rate: null, expectedTotalMinor: null },
      customerRef: 'guest',
      currency: 'EUR',
      personal: { email: 'ada@example.com', shipTo: anAddress(), billTo: null },
      placedAt: at,
      expiresAt: at,
      cause,
    })
    return (await activities.priceOrder({ orderId, rate: aRate(), expectedTotalMinor: null })).totalMinor
  }

  /** Workflows, as far as they matter here: an order that waits looks up what is true and takes the money. */
  function aDesk(): { desk: NewsDesk; told: string[]; started: Set<string> } {
    const started = new Set<string>()
    const told: string[] = []
    const desk: NewsDesk = {
      tell: async ({ orderId: id, news }) => {
        if ((await readOrder(db, id))?.status !== 'pending_payment') return 'nobody'
        told.push(news.outcome)
        const total = { amount: totalMinor, currency: 'EUR' } as const
        const answer = await activities.lookUpPayment({ orderId: id, total, attempt: news.attempt, cause })
        if (answer.outcome === 'authorized') await activities.capturePayment({ orderId: id, cause })
        return 'told'
      },
      settle: async ({ replays, eventId, ...news }) => {
        const workflowId = providerEventId({ eventId, replays })
        if (started.has(workflowId)) return workflowId
        started.add(workflowId)
        await activities.bookProviderNews({ ...news, cause: eventId })
        return workflowId
      },
    }
    return { desk, told, started }
  }

  /** All that the provider has posted, once it has posted all that it has to tell. */
  async function posts(): Promise<Posted[]> {
    const { data } = await clientOf(double).events.list({ limit: 100 })
    const wanted = data.filter(({ type }) => stripeEventTypes.includes(type)).map(({ id }) => id)
    await until(() => wanted.every((id) => postbox.posted.some(({ eventId }) => eventId === id)))
    const order = [...wanted].reverse()
    return postbox.posted.toSorted((one, other) => order.indexOf(one.eventId) - order.indexOf(other.eventId))
  }

  /** Delivers what was posted and what follows from it, until there is nothing more to tell. */
  async function deliver(manner: Manner): Promise<void> {
    let [heard, now] = [0, Date.now()]
    for (let all = await posts(); all.length > heard; all = await posts()) {
      const fresh = all.slice(heard)
      heard = all.length
      now = await manner(its, fresh, now)
    }
  }

  const pay = (paymentMethod = 'pm_card_visa', attempt = 1) =>
    activities.authorizePayment({
      ...{ orderId, attempt, paymentMethod, cause, returnUrl: 'http://localhost/back' },
      total: { amount: totalMinor, currency: 'EUR' },
    })
  const intentId = async (): Promise<string> => (await readPayment(db, orderId))?.intentId ?? ''
  const books = () => booksOf(db, orderId)
  return {
    ...{ db, double, gateway, orderId, totalMinor, its, told, started, activities },
    ...{ posts, deliver, pay, intentId, books, client: clientOf(double) },
    capture: () => activities.capturePayment({ orderId, cause }),
  }
}

type Till = Awaited<ReturnType<typeof theTill>>

interface Books {
  readonly payment: readonly [status: string | undefined, captured: number, refunded: number]
  readonly journal: readonly string[]
  readonly refunds: readonly string[]
  readonly attempt: string | null
  readonly attention: boolean
}

async function booksOf(db: Db, orderId: OrderId): Promise<Books> {
  const payment = await readPayment(db, orderId)
  const journal = await db<{ order_id: string; kind: string; amount_minor: number }>(
    'payments.journal',
  ).where({
    order_id: orderId,
  })
  const refunds = await db<{ order_id: string; status: string; amount_minor: number }>(
    'payments.refunds',
  ).where({
    order_id: orderId,
  })
  const [attempt] = await db<{ order_id: string; outcome: string; attempt: number }>('payments.attempts')
    .where({ order_id: orderId })
    .orderBy('attempt', 'desc')
  return {
    payment: [payment?.status, payment?.capturedMinor ?? 0, payment?.refundedMinor ?? 0],
    journal: journal.map(({ kind, amount_minor: amount }) => `${kind} ${amount}`).sort(),
    refunds: refunds.map(({ status, amount_minor: amount }) => `${status} ${amount}`),
    attempt: attempt?.outcome ?? null,
    attention: (await readOrder(db, orderId))?.needsAttention ?? false,
  }
}

/** The customer at the bank's page. */
async function atTheBank(till: Till, outcome: 'pass' | 'fail'): Promise<void> {
  const answer = await till.pay(challenging)
  assert.ok(answer.outcome === 'action_required' && answer.action.kind === 'redirect')
  const body = new URLSearchParams({ outcome })
  await fetch(answer.action.url, { method: 'POST', redirect: 'manual', body })
}

async function paid(till: Till, card?: string): Promise<void> {
  await till.pay(card)
  await till.capture()
}

/** What may happen to the money of an order, and what our books say of it in the end. `T` is the total. */
const stories: Readonly<
  Record<string, { happens: (till: Till) => Promise<unknown>; ends: (T: number) => Books }>
> = {
  'a payment that our own calls have booked': {
    happens: (till) => paid(till),
    ends: (T) => ({
      payment: ['captured', T, 0],
      journal: [`authorized ${T}`, `captured ${T}`],
      ...{ refunds: [], attempt: 'authorized', attention: false },
    }),
  },
  'a card that was declined': {
    happens: (till) => till.pay('pm_card_visa_chargeDeclined'),
    ends: () => ({
      ...{ payment: ['open', 0, 0], journal: [], refunds: [], attempt: 'declined', attention: false },
    }),
  },
  'a challenge that was passed': {
    happens: (till) => atTheBank(till, 'pass'),
    ends: (T) => ({
      payment: ['captured', T, 0],
      journal: [`authorized ${T}`, `captured ${T}`],
      ...{ refunds: [], attempt: 'authorized', attention: false },
    }),
  },
  'a challenge that was failed': {
    happens: (till) => atTheBank(till, 'fail'),
    ends: () => ({
      ...{ payment: ['open', 0, 0], journal: [], refunds: [], attempt: 'declined', attention: false },
    }),
  },
  'a challenge that was passed after the hold was lost': {
    happens: async (till) => {
      const answer = await till.pay(challenging)
      assert.ok(answer.outcome === 'action_required' && answer.action.kind === 'redirect')
      await shutPayment(till.db, till.orderId)
      const body = new URLSearchParams({ outcome: 'pass' })
      await fetch(answer.action.url, { method: 'POST', redirect: 'manual', body })
    },
    ends: (T) => ({
      payment: ['voided', 0, 0],
      journal: [`authorized ${T}`, `voided ${T}`],
      ...{ refunds: [], attempt: 'action_required', attention: false },
    }),
  },
  'an order that was let go after its card was held': {
    happens: async (till) => {
      await till.pay()
      await till.activities.returnPayment({ orderId: till.orderId, cause })
    },
    ends: (T) => ({
      payment: ['voided', 0, 0],
      journal: [`authorized ${T}`, `voided ${T}`],
      ...{ refunds: [], attempt: 'authorized', attention: false },
    }),
  },
  'a capture that was made at the provider': {
    happens: async (till) => {
      await till.pay()
      await till.client.paymentIntents.capture(await till.intentId())
    },
    ends: (T) => ({
      payment: ['captured', T, 0],
      journal: [`authorized ${T}`, `captured ${T}`],
      ...{ refunds: [], attempt: 'authorized', attention: false },
    }),
  },
  'a capture of less than the total': {
    happens: async (till) => {
      await till.pay()
      await till.client.paymentIntents.capture(await till.intentId(), { amount_to_capture: 1000 })
    },
    ends: (T) => ({
      payment: ['captured', 1000, 0],
      journal: [`authorized ${T}`, `captured 1000`],
      ...{ refunds: [], attempt: 'authorized', attention: true },
    }),
  },
  'a refund that was made at the provider': {
    happens: async (till) => {
      await paid(till)
      await till.client.refunds.create({ payment_intent: await till.intentId(), amount: 500 })
    },
    ends: (T) => ({
      payment: ['captured', T, 500],
      journal: [`authorized ${T}`, `captured ${T}`, 'refunded 500'],
      ...{ refunds: ['succeeded 500'], attempt: 'authorized', attention: true },
    }),
  },
  'a refund of ours that arrives later': {
    happens: async (till) => {
      await paid(till, 'pm_card_pendingRefund')
      await till.activities.returnPayment({ orderId: till.orderId, cause })
      const [refund] = (await till.client.refunds.list()).data
      await till.double.send(`refunds/${refund?.id}/succeed`, {})
    },
    ends: (T) => ({
      payment: ['refunded', T, T],
      journal: [`authorized ${T}`, `captured ${T}`, `refunded ${T}`],
      ...{ refunds: [`succeeded ${T}`], attempt: 'authorized', attention: false },
    }),
  },
  'a refund of ours that fails later': {
    happens: async (till) => {
      await paid(till)
      await till.activities.returnPayment({ orderId: till.orderId, cause })
      const [refund] = (await till.client.refunds.list()).data
      await till.double.send(`refunds/${refund?.id}/fail`, {})
    },
    ends: (T) => ({
      payment: ['captured', T, 0],
      journal: [`authorized ${T}`, `captured ${T}`, `refund_failed ${T}`, `refunded ${T}`],
      ...{ refunds: [`failed ${T}`], attempt: 'authorized', attention: true },
    }),
  },
  'a dispute': {
    happens: async (till) => {
      await paid(till)
      await till.double.send(`payment_intents/${await till.intentId()}/dispute`, {})
    },
    ends: (T) => ({
      payment: ['captured', T, 0],
      journal: [`authorized ${T}`, `captured ${T}`, `disputed ${T}`],
      ...{ refunds: [], attempt: 'authorized', attention: true },
    }),
  },
}

for (const [story, { happens, ends }] of Object.entries(stories)) {
  describe(story, () => {
    for (const [how, manner] of Object.entries(manners)) {
      it(`ends with the same books when it is told ${how}`, async (t) => {
        const till = await theTill(t)
        await happens(till)
        await till.deliver(manner)

        assert.deepEqual(await till.books(), ends(till.totalMinor))
        const states = (await till.its.events()).map(({ state }) => state)
        assert.ok(states.length > 0)
        assert.ok(
          states.every((state) => state === 'filed' || state === 'routed'),
          states.join(', '),
        )
        const { status } = await till.gateway.retrieveIntent(await till.intentId())
        assert.notEqual(status, 'authorized', 'nothing stays held')
        assert.ok((await till.double.deeds('payment_intents.capture')).length <= 1)
      })
    }
  })
}

describe('events of a payment', () => {
  it('wait for our own call that they have overtaken, and are filed once it has booked', async (t) => {
    let hear = async (): Promise<void> => {}
    const till = await theTill(t, (gateway) => ({
      ...gateway,
      confirm: async (input) => {
        const answer = await gateway.confirm(input)
        await hear()
        return answer
      },
      capture: async (input) => {
        const answer = await gateway.capture(input)
        await hear()
        return answer
      },
    }))
    const now = Date.now()
    const waiting: string[] = []
    hear = async () => {
      for (const post of await till.posts()) await till.its.hear(post, now)
      await till.its.look(now)
      const events = await till.its.events()
      waiting.push(...events.filter(({ state }) => state === 'waiting').map(({ type }) => type))
    }
    await paid(till)
    await till.its.rest(now)

    assert.deepEqual(
      [...new Set(waiting)],
      ['payment_intent.amount_capturable_updated', 'payment_intent.succeeded'],
    )
    assert.deepEqual(
      (await till.its.events()).map(({ state }) => state),
      ['filed', 'filed'],
    )
    assert.deepEqual([till.told, [...till.started]], [[], []])
    assert.deepEqual((await till.books()).journal, [
      `authorized ${till.totalMinor}`,
      `captured ${till.totalMinor}`,
    ])
  })

  it('that are told as they happen cause no workflow at all', async (t) => {
    const till = await theTill(t)
    await paid(till)
    await till.deliver(manners['in their order, each looked at before the next']!)

    assert.deepEqual([till.told, [...till.started]], [[], []])
    assert.deepEqual(
      (await till.its.events()).map(({ attempts }) => attempts),
      [1, 1],
    )
  })

  it('of an object that nobody knows are kept, tried again, given up, and replayed by an admin', async (t) => {
    const till = await theTill(t)
    const { intentId } = await till.gateway.createIntent({
      ...{ orderId: till.orderId, idempotencyKey: 'an answer that was lost' },
      total: { amount: till.totalMinor, currency: 'EUR' },
    })
    await till.gateway.confirm({
      ...{ intentId, paymentMethod: 'pm_card_visa', returnUrl: 'http://localhost/back' },
      idempotencyKey: 'another one',
    })
    for (const post of await till.posts()) await till.its.hear(post, Date.now())
    const later = await till.its.rest(Date.now())

    const [event] = await till.its.events()
    assert.deepEqual([event?.state, event?.attempts], ['failed', mostAttempts])
    assert.match(event?.lastError ?? '', /no payment of ours/)
    assert.ok(later - Date.now() > 60 * 60_000, 'it was tried for more than an hour')

    // What it is about turns up after all: its answer had been lost, and the order was let go meanwhile.
    await till.db('payments.payments').insert({
      ...{ order_id: till.orderId, intent_id: intentId, total_minor: till.totalMinor },
      ...{ currency: 'EUR', status: 'voided' },
    })
    await till.its.replayAll(later)
    await till.its.rest(later)
    const [replayed] = await till.its.events()
    assert.deepEqual(
      [replayed?.state, replayed?.routedTo],
      ['routed', `provider-event:${replayed?.eventId}:replay-1`],
    )
    assert.equal((await till.gateway.retrieveIntent(intentId)).status, 'cancelled')
  })

  it('wait while Temporal cannot be reached, and lose nothing', async (t) => {
    const till = await theTill(t)
    await paid(till)
    await till.client.refunds.create({ payment_intent: await till.intentId(), amount: 500 })
    const down: NewsDesk = {
      tell: async () => Promise.reject(new Error('no connection')),
      settle: async () => Promise.reject(new Error('no connection')),
    }
    const deaf = ears({
      ...{ db: till.db, schema: 'payments', route: routePayments({ db: till.db, news: down }) },
      read: stripeHook([webhookSecret]),
      resign: ({ headers }) => headers,
    })
    const now = Date.now()
    for (const post of await till.posts()) await deaf.hear(post, now)
    await deaf.look(now)

    const stuck = (await deaf.events()).filter(({ state }) => state === 'waiting')
    assert.deepEqual(
      stuck.map(({ type, lastError }) => [type, lastError]),
      [['refund.created', 'no connection']],
    )
    await till.its.rest(now)
    assert.deepEqual((await till.books()).refunds, ['succeeded 500'])
  })

  it('are taken up by another router when one dies with them', async (t) => {
    const till = await theTill(t)
    await atTheBank(till, 'pass')
    const dying = ears({
      ...{ db: till.db, schema: 'payments', route: async () => Promise.reject(new Error('killed')) },
      read: stripeHook([webhookSecret]),
      resign: ({ headers }) => headers,
    })
    const now = Date.now()
    for (const post of await till.posts()) await dying.hear(post, now)
    await assert.rejects(dying.look(now))

    assert.equal(await till.its.look(now + 1_000), 0, 'they are leased')
    await till.its.rest(now + 1_000)
    assert.equal((await till.books()).payment[0], 'captured')
  })

  it('give the money back that came for an order whose workflow is gone', async (t) => {
    const till = await theTill(t)
    await atTheBank(till, 'pass')
    await till.db('orders.orders').where({ id: till.orderId }).update({ status: 'expired', end_reason: '' })
    await till.deliver(manners['in their order, each looked at before the next']!)

    const { payment, attention } = await till.books()
    assert.deepEqual([payment[0], attention], ['voided', true])
    assert.equal((await till.gateway.retrieveIntent(await till.intentId())).status, 'cancelled')
  })
})
