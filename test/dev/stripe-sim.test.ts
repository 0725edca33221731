import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import Stripe from 'stripe'
import { apiVersion } from '../../dev/stripe-sim/events.ts'
import { aListener, aStripe, clientOf, until } from '../support/stripe.ts'

async function aClient(t: TestContext, settings: Parameters<typeof aStripe>[1] = {}) {
  const double = await aStripe(t, settings)
  return { double, stripe: clientOf(double) }
}

const money = { amount: 4990, currency: 'eur' } as const
const cardOnly = { allowed_payment_method_types: ['card' as const] }
const held = {
  ...money,
  ...cardOnly,
  capture_method: 'manual',
  confirm: true,
  payment_method: 'pm_card_visa',
} as const

const idOf = (charge: string | Stripe.Charge | null): string =>
  typeof charge === 'string' ? charge : (charge?.id ?? '')

/** The error that a call ends with, in the fields that Stripe documents. */
async function errorOf(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Stripe.errors.StripeError, `no error but ${String(error)}`)
  const { statusCode: status, rawType: type, code, param, decline_code: declineCode, message } = error
  return { status, type, code, param, declineCode, message, intent: error.payment_intent?.status }
}

describe('a payment intent', () => {
  it('walks from created to taken with manual capture', async (t) => {
    const { stripe } = await aClient(t)
    const made = await stripe.paymentIntents.create({ ...money, ...cardOnly, capture_method: 'manual' })
    const set = await stripe.paymentIntents.update(made.id, { payment_method: 'pm_card_visa' })
    const confirmed = await stripe.paymentIntents.confirm(made.id, {
      expand: ['latest_charge', 'payment_method'],
    })
    const taken = await stripe.paymentIntents.capture(made.id)

    assert.deepEqual(
      [made.status, set.status, confirmed.status, taken.status],
      ['requires_payment_method', 'requires_confirmation', 'requires_capture', 'succeeded'],
    )
    assert.deepEqual([confirmed.amount_capturable, confirmed.amount_received], [4990, 0])
    assert.deepEqual([taken.amount_capturable, taken.amount_received], [0, 4990])
    const { latest_charge: charge, payment_method: method } = confirmed
    assert.ok(charge !== null && typeof charge === 'object' && method !== null && typeof method === 'object')
    assert.deepEqual([charge.captured, charge.paid, method.card?.last4], [false, true, '4242'])
    const weekLater = Math.floor(Date.now() / 1000) + 7 * 24 * 60 * 60
    assert.ok(Math.abs((charge.payment_method_details?.card?.capture_before ?? 0) - weekLater) < 60)
  })

  it('is taken at once unless told otherwise', async (t) => {
    const { stripe } = await aClient(t)
    const { id } = await stripe.paymentIntents.create({ ...money, ...cardOnly })
    const paid = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
    assert.deepEqual(
      [paid.status, paid.amount_received, paid.capture_method],
      ['succeeded', 4990, 'automatic_async'],
    )
  })

  it('takes a part and lets go of the rest', async (t) => {
    const { stripe } = await aClient(t)
    const { id } = await stripe.paymentIntents.create(held)
    const tooMuch = await errorOf(stripe.paymentIntents.capture(id, { amount_to_capture: 4991 }))
    const taken = await stripe.paymentIntents.capture(id, {
      amount_to_capture: 1000,
      expand: ['latest_charge'],
    })

    assert.deepEqual([tooMuch.status, tooMuch.param], [400, 'amount_to_capture'])
    const charge = taken.latest_charge
    assert.ok(charge !== null && typeof charge === 'object')
    assert.deepEqual(
      [taken.amount_received, charge.amount_captured, charge.amount_refunded],
      [1000, 1000, 3990],
    )
    assert.match(
      (await errorOf(stripe.refunds.create({ charge: charge.id, amount: 1001 }))).message,
      /€10\.01.*€10\.00/,
    )
  })

  it('refuses what its status does not allow, and shows itself in the error', async (t) => {
    const { stripe } = await aClient(t)
    const open = await stripe.paymentIntents.create({ ...money, ...cardOnly })
    const paid = await stripe.paymentIntents.create({ ...held, capture_method: 'automatic' })
    const gone = await stripe.paymentIntents.create(held)
    const canceled = await stripe.paymentIntents.cancel(gone.id, { cancellation_reason: 'abandoned' })
    assert.deepEqual([canceled.status, canceled.cancellation_reason], ['canceled', 'abandoned'])

    const wrong = [
      [() => stripe.paymentIntents.capture(open.id), 'requires_payment_method'],
      [() => stripe.paymentIntents.capture(paid.id), 'succeeded'],
      [() => stripe.paymentIntents.capture(gone.id), 'canceled'],
      [() => stripe.paymentIntents.confirm(open.id), 'requires_payment_method'],
      [() => stripe.paymentIntents.confirm(paid.id, { payment_method: 'pm_card_visa' }), 'succeeded'],
      [() => stripe.paymentIntents.confirm(gone.id, { payment_method: 'pm_card_visa' }), 'canceled'],
      [() => stripe.paymentIntents.cancel(paid.id), 'succeeded'],
      [() => stripe.paymentIntents.cancel(gone.id), 'canceled'],
      [() => stripe.paymentIntents.update(paid.id, { amount: 100 }), 'succeeded'],
    ] as const
    for (const [call, status] of wrong) {
      const error = await errorOf(call())
      assert.deepEqual(
        [error.status, error.type, error.code, error.intent],
        [400, 'invalid_request_error', 'payment_intent_unexpected_state', status],
        error.message,
      )
    }
  })

  it('says why a card was declined and is ready for another', async (t) => {
    const { stripe } = await aClient(t)
    const { id } = await stripe.paymentIntents.create({ ...money, ...cardOnly })
    const no = await errorOf(
      stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa_chargeDeclined' }),
    )
    const after = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })

    assert.deepEqual(
      [no.status, no.type, no.code, no.declineCode, no.intent],
      [402, 'card_error', 'card_declined', 'generic_decline', 'requires_payment_method'],
    )
    assert.deepEqual([after.payment_method, after.last_payment_error?.code], [null, 'card_declined'])
    const charge = after.latest_charge
    assert.ok(charge !== null && typeof charge === 'object')
    assert.deepEqual([charge.status, charge.paid, charge.failure_code], ['failed', false, 'card_declined'])
    assert.equal(
      (await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_amex' })).status,
      'succeeded',
    )
  })

  it('expires when its hold is old', async (t) => {
    const { stripe, double } = await aClient(t)
    const seen = await stripe.paymentIntents.create(held)
    const asked = await stripe.paymentIntents.create(held)
    for (const { id } of [seen, asked]) await double.send(`payment_intents/${id}/expire`, {})

    const found = await stripe.paymentIntents.retrieve(seen.id)
    const error = await errorOf(stripe.paymentIntents.capture(asked.id))
    assert.deepEqual([found.status, found.cancellation_reason], ['canceled', 'automatic'])
    assert.deepEqual([error.code, error.intent], ['charge_expired_for_capture', 'canceled'])
    const types = (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type)
    assert.deepEqual(types.filter((type) => type === 'charge.expired').length, 2)
  })

  it('keeps what is said about it, within the limits', async (t) => {
    const { stripe } = await aClient(t)
    const made = await stripe.paymentIntents.create({ ...money, ...cardOnly, metadata: { a: '1', b: '2' } })
    const changed = await stripe.paymentIntents.update(made.id, { metadata: { a: '', c: 'ü[x]=&' } })
    const cleared = await stripe.paymentIntents.update(made.id, { metadata: '' })
    const tooLong = await errorOf(stripe.paymentIntents.update(made.id, { metadata: { a: 'x'.repeat(501) } }))

    assert.deepEqual({ ...changed.metadata }, { b: '2', c: 'ü[x]=&' })
    assert.deepEqual({ ...cleared.metadata }, {})
    assert.deepEqual([tooLong.status, tooLong.param], [400, 'metadata[a]'])
  })
})

describe('wrong parameters', () => {
  it('are named, one by one, as Stripe names them', async (t) => {
    const { stripe } = await aClient(t)
    const create = (params: object) =>
      errorOf(stripe.paymentIntents.create({ ...money, ...cardOnly, ...params }))
    const expected = [
      [{ amount: undefined }, 'amount', 'parameter_missing'],
      [{ currency: undefined }, 'currency', 'parameter_missing'],
      [{ amount: 1.5 }, 'amount', 'parameter_invalid_integer'],
      [{ amount: -5 }, 'amount', 'parameter_invalid_integer'],
      [{ amount: 49 }, 'amount', 'amount_too_small'],
      [{ amount: 100_000_000 }, 'amount', 'amount_too_large'],
      [{ amount: 1001, currency: 'kwd' }, 'amount', 'invalid_charge_amount'],
      [{ currency: 'xyz' }, 'currency', undefined],
      [{ currency: '' }, 'currency', 'parameter_invalid_empty'],
      [{ capture_method: 'never' }, 'capture_method', undefined],
      [{ payment_method_types: ['card'] }, 'payment_method_types', 'parameter_unknown'],
      [{ confirm: 'maybe' }, 'confirm', undefined],
      [{ payment_method: 'pm_nobody' }, 'payment_method', 'resource_missing'],
      [{ return_url: 'https://shop.example' }, 'return_url', undefined],
      [{ expand: ['customer.x'] }, undefined, undefined],
    ] as const
    for (const [params, param, code] of expected) {
      const error = await create(params)
      assert.deepEqual(
        [error.status, error.type, error.param, error.code],
        [400, 'invalid_request_error', param, code],
      )
    }
  })

  it('are told from unknown ids, strangers and unknown addresses', async (t) => {
    const { stripe, double } = await aClient(t)
    const missing = await errorOf(stripe.paymentIntents.retrieve('pi_nobody'))
    const stranger = await errorOf(clientOf(double, 'sk_test_stranger').paymentIntents.list())
    const nowhere = await errorOf(stripe.customers.list())

    assert.deepEqual([missing.status, missing.code, missing.param], [404, 'resource_missing', 'intent'])
    assert.deepEqual([stranger.status, stranger.type], [401, 'invalid_request_error'])
    assert.ok(!stranger.message.includes('sk_test_stranger'))
    assert.deepEqual([nowhere.status, nowhere.type], [404, 'invalid_request_error'])
  })

  it('asks for a way back when methods of the dashboard might lead away', async (t) => {
    const { stripe } = await aClient(t)
    const { id } = await stripe.paymentIntents.create(money)
    const error = await errorOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' }))
    assert.deepEqual([error.status, error.param], [400, 'return_url'])
    const paid = await stripe.paymentIntents.confirm(id, {
      payment_method: 'pm_card_visa',
      return_url: 'https://x.example',
    })
    assert.equal(paid.status, 'succeeded')
  })

  it('speaks the version that the client is made for, and no other', async (t) => {
    const { double } = await aClient(t)
    assert.equal(apiVersion, Stripe.API_VERSION)
    const headers = { authorization: `Bearer ${double.apiKey}`, 'stripe-version': '2020-08-27' }
    assert.equal((await fetch(`${double.url}/v1/charges`, { headers })).status, 400)
  })
})

describe('an idempotency key', () => {
  const create = (stripe: Stripe, idempotencyKey: string, changes: object = {}) =>
    stripe.paymentIntents.create({ ...held, ...changes }, { idempotencyKey })

  it('repeats its first answer to the byte, although the intent has moved on', async (t) => {
    const { double } = await aClient(t)
    const post = async (path: string, key: string, body = '') => {
      const headers = {
        authorization: `Bearer ${double.apiKey}`,
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': key,
      }
      const answer = await fetch(`${double.url}/v1/${path}`, { method: 'POST', headers, body })
      return { text: await answer.text(), headers: answer.headers, status: answer.status }
    }
    const form =
      'amount=500&currency=eur&allowed_payment_method_types[]=card&capture_method=manual&metadata[b]=2&metadata[a]=1'
    const first = await post('payment_intents', 'k', form)
    const { id } = JSON.parse(first.text) as { id: string }
    await post(`payment_intents/${id}/cancel`, 'c')
    const again = await post('payment_intents', 'k', form.split('&').reverse().join('&'))

    assert.equal(again.text, first.text)
    assert.deepEqual(
      [first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')],
      [null, 'true'],
    )
    assert.equal(again.headers.get('original-request'), first.headers.get('request-id'))
    assert.notEqual(again.headers.get('request-id'), first.headers.get('request-id'))
  })

  it('is refused with another body', async (t) => {
    const { stripe } = await aClient(t)
    await create(stripe, 'k')
    const error = await errorOf(create(stripe, 'k', { amount: 5000 }))
    assert.deepEqual([error.status, error.type], [400, 'idempotency_error'])
  })

  it('is refused while the first request is under way', async (t) => {
    const { stripe, double } = await aClient(t)
    await double.fault({ operation: 'payment_intents.create', kind: 'delay', delayMs: 1000 })
    const first = create(stripe, 'k')
    await until(async () => (await double.faults())[0]?.fired === 1)
    const error = await errorOf(create(stripe, 'k'))
    assert.deepEqual([error.status, error.code], [409, 'idempotency_key_in_use'])
    assert.equal((await create(stripe, 'k').catch(() => first)).id, (await first).id)
  })

  it('remembers declines and failures on the way, but no wrong parameters', async (t) => {
    const { stripe, double } = await aClient(t)
    const { id } = await stripe.paymentIntents.create({ ...money, ...cardOnly })
    const decline = () =>
      stripe.paymentIntents.confirm(
        id,
        { payment_method: 'pm_card_visa_chargeDeclined' },
        { idempotencyKey: 'd' },
      )
    assert.deepEqual(await errorOf(decline()), await errorOf(decline()))
    assert.equal((await double.deeds('payment_intents.confirm')).length, 1)

    await double.fault({ operation: 'payment_intents.create', kind: 'fail_before' })
    assert.equal((await errorOf(create(stripe, 'f'))).status, 500)
    assert.equal((await errorOf(create(stripe, 'f'))).status, 500)

    await double.fault({ operation: 'payment_intents.create', kind: 'status', status: 429 })
    assert.equal((await errorOf(create(stripe, 's'))).code, 'rate_limit')
    assert.equal((await create(stripe, 's')).status, 'requires_capture')

    assert.equal((await errorOf(create(stripe, 'w', { amount: 1 }))).code, 'amount_too_small')
    assert.equal((await create(stripe, 'w')).status, 'requires_capture')
  })
})

describe('refunds', () => {
  const aCharge = async (stripe: Stripe, paymentMethod = 'pm_card_visa') => {
    const intent = await stripe.paymentIntents.create({
      ...held,
      capture_method: 'automatic',
      payment_method: paymentMethod,
    })
    return { intent: intent.id, charge: idOf(intent.latest_charge) }
  }

  it('add up on the charge and never exceed it', async (t) => {
    const { stripe } = await aClient(t)
    const { intent, charge } = await aCharge(stripe)
    await stripe.refunds.create({ payment_intent: intent, amount: 990, reason: 'duplicate' })
    const partly = await stripe.charges.retrieve(charge)
    const tooMuch = await errorOf(stripe.refunds.create({ charge, amount: 4001 }))
    const rest = await stripe.refunds.create({ charge })
    const whole = await stripe.charges.retrieve(charge)
    const nothingLeft = await errorOf(stripe.refunds.create({ charge }))

    assert.deepEqual([partly.amount_refunded, partly.refunded], [990, false])
    assert.deepEqual([tooMuch.status, tooMuch.param, tooMuch.code], [400, 'amount', undefined])
    assert.deepEqual([rest.amount, rest.status, whole.refunded], [4000, 'succeeded', true])
    assert.equal(nothingLeft.code, 'charge_already_refunded')
    assert.deepEqual(
      (await stripe.refunds.list({ payment_intent: intent })).data.map(({ amount }) => amount),
      [4000, 990],
    )
  })

  it('cannot be made of what was not taken, nor canceled once made', async (t) => {
    const { stripe } = await aClient(t)
    const { id } = await stripe.paymentIntents.create(held)
    assert.match(
      (await errorOf(stripe.refunds.create({ payment_intent: id }))).message,
      /does not have a successful charge/,
    )
    const { charge } = await aCharge(stripe)
    const refund = await stripe.refunds.create({ charge })
    assert.equal((await errorOf(stripe.refunds.cancel(refund.id))).status, 400)
  })

  it('come to their end later where the card says so', async (t) => {
    const { stripe } = await aClient(t, { refundSettleMs: 20 })
    const slow = await stripe.refunds.create({
      charge: (await aCharge(stripe, 'pm_card_pendingRefund')).charge,
    })
    const failing = await aCharge(stripe, 'pm_card_refundFail')
    const broken = await stripe.refunds.create({ charge: failing.charge })
    assert.deepEqual([slow.status, broken.status], ['pending', 'succeeded'])

    await until(async () => (await stripe.refunds.retrieve(slow.id)).status === 'succeeded')
    await until(async () => (await stripe.refunds.retrieve(broken.id)).status === 'failed')
    assert.equal((await stripe.charges.retrieve(failing.charge)).amount_refunded, 0)
    const { failure_reason: reason } = await stripe.refunds.retrieve(broken.id)
    assert.equal(reason, 'expired_or_canceled_card')
    const { data } = await stripe.events.list({ types: ['refund.failed'] })
    assert.deepEqual(
      data.map((event) => event.type === 'refund.failed' && event.data.object.id),
      [broken.id],
    )
  })

  it('come to their end after a restart', async (t) => {
    const { stripe, double } = await aClient(t, { refundSettleMs: 500 })
    const { charge } = await aCharge(stripe, 'pm_card_pendingRefund')
    const refund = await stripe.refunds.create({ charge })
    await double.close()
    const again = await aClient(t, { stateDir: double.stateDir })
    await until(async () => (await again.stripe.refunds.retrieve(refund.id)).status === 'succeeded')
  })
})

describe('lists', () => {
  it('page forwards and backwards without gaps', async (t) => {
    const { stripe } = await aClient(t)
    const ids: string[] = []
    for (let count = 0; count < 5; count += 1)
      ids.unshift((await stripe.paymentIntents.create({ ...money, ...cardOnly })).id)
    const list = async (params: Stripe.PaymentIntentListParams) => {
      const { data, has_more: more } = await stripe.paymentIntents.list(params)
      return [data.map(({ id }) => ids.indexOf(id)), more]
    }

    assert.deepEqual(await list({ limit: 2 }), [[0, 1], true])
    assert.deepEqual(await list({ limit: 2, starting_after: ids[1] ?? '' }), [[2, 3], true])
    assert.deepEqual(await list({ limit: 2, starting_after: ids[3] ?? '' }), [[4], false])
    assert.deepEqual(await list({ limit: 2, ending_before: ids[4] ?? '' }), [[2, 3], true])
    assert.deepEqual(await list({ limit: 2, ending_before: ids[1] ?? '' }), [[0], false])
    assert.deepEqual(await list({ created: { lt: 1000 } }), [[], false])
    const all: string[] = []
    for await (const { id } of stripe.paymentIntents.list({ limit: 2 })) all.push(id)
    assert.deepEqual(all, ids)
  })

  it('refuse what they cannot do', async (t) => {
    const { stripe } = await aClient(t)
    assert.equal((await errorOf(stripe.paymentIntents.list({ limit: 101 }))).param, 'limit')
    assert.equal(
      (await errorOf(stripe.paymentIntents.list({ starting_after: 'pi_nobody' }))).code,
      'resource_missing',
    )
    const both = stripe.paymentIntents.list({ starting_after: 'pi_a', ending_before: 'pi_b' })
    assert.equal((await errorOf(both)).code, 'parameters_exclusive')
    assert.match(
      (await errorOf(stripe.paymentIntents.list({ expand: ['latest_charge'] }))).message,
      /data\.latest_charge/,
    )
  })

  it('show the tries of one intent', async (t) => {
    const { stripe } = await aClient(t)
    const { id } = await stripe.paymentIntents.create({ ...money, ...cardOnly })
    await stripe.paymentIntents.create(held)
    await errorOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa_chargeDeclined' }))
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
    const { data } = await stripe.charges.list({ payment_intent: id })
    assert.deepEqual(
      data.map(({ status }) => status),
      ['succeeded', 'failed'],
    )
  })
})

describe('events', () => {
  it('show each thing as it was then, and are told to those who listen', async (t) => {
    const listener = await aListener(t)
    const { stripe } = await aClient(t, listener)
    const { id } = await stripe.paymentIntents.create(
      { ...money, ...cardOnly, capture_method: 'manual' },
      { idempotencyKey: 'k' },
    )
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
    await stripe.paymentIntents.cancel(id)
    await until(() => listener.heard.length === 5)

    const { data } = await stripe.events.list()
    assert.deepEqual(
      data.map((event) => [event.type, 'status' in event.data.object && event.data.object.status]),
      [
        ['payment_intent.canceled', 'canceled'],
        ['charge.refunded', 'succeeded'],
        ['payment_intent.amount_capturable_updated', 'requires_capture'],
        ['charge.succeeded', 'succeeded'],
        ['payment_intent.created', 'requires_payment_method'],
      ],
    )
    const created = data.at(-1)
    assert.equal(created?.request?.idempotency_key, 'k')
    await until(async () => (await stripe.events.retrieve(created?.id ?? '')).pending_webhooks === 0)
    assert.deepEqual(listener.heard.map((event) => event.id).sort(), data.map((event) => event.id).sort())
  })
})

describe('the page of the bank', () => {
  const challenged = {
    ...money,
    ...cardOnly,
    confirm: true,
    payment_method: 'pm_card_authenticationRequired',
  } as const

  it('asks a person, and only about a payment that waits', async (t) => {
    const { stripe } = await aClient(t)
    const intent = await stripe.paymentIntents.create({
      ...challenged,
      return_url: 'https://shop.example/?a=1',
    })
    const url = intent.next_action?.redirect_to_url?.url ?? ''
    const page = await fetch(url)
    assert.match(page.headers.get('content-type') ?? '', /text\/html/)
    assert.match(await page.text(), /€49\.90[^]*Pass the check[^]*Fail the check[^]*Leave/)
    assert.equal((await fetch(url.replace('secret', 'guess'))).status, 404)

    const passed = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ outcome: 'pass' }),
    })
    const back = new URL(passed.headers.get('location') ?? '')
    assert.deepEqual(Object.fromEntries(back.searchParams), {
      a: '1',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: 'succeeded',
    })
    assert.match(await (await fetch(url)).text(), /Nothing to do here[^]*succeeded/)
    const charge = await stripe.charges.retrieve(
      idOf((await stripe.paymentIntents.retrieve(intent.id)).latest_charge),
    )
    assert.equal(charge.payment_method_details?.card?.three_d_secure?.result, 'authenticated')
  })

  it('is left to the script in the browser when there is no way back', async (t) => {
    const { stripe } = await aClient(t)
    const { next_action: next, status } = await stripe.paymentIntents.create(challenged)
    assert.deepEqual([status, next?.type], ['requires_action', 'use_stripe_sdk'])
  })

  it('cannot make a good card of a bad one', async (t) => {
    const { stripe } = await aClient(t)
    const bad = { ...challenged, payment_method: 'pm_card_threeDSecureRequiredChargeDeclined' }
    const intent = await stripe.paymentIntents.create({ ...bad, return_url: 'https://shop.example' })
    const url = intent.next_action?.redirect_to_url?.url ?? ''
    await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome: 'pass' }) })
    const after = await stripe.paymentIntents.retrieve(intent.id)
    assert.deepEqual(
      [after.status, after.last_payment_error?.decline_code],
      ['requires_payment_method', 'generic_decline'],
    )
  })
})
