import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { typeid } from 'typeid-js'
import type { Fault } from '../../dev/sim-kit/faults.ts'
import type { OrderId } from '../../domain/ids.ts'
import { ProviderFault } from '../../gateways/provider-fault.ts'
import { createStripeGateway } from '../../gateways/stripe.ts'
import type { PaymentGateway } from '../../gateways/stripe.ts'
import { aFolder } from '../support/doubles.ts'
import { aListener, aStripe, until } from '../support/stripe.ts'

const total = { amount: 4990, currency: 'EUR' } as const
const returnUrl = 'https://shop.example/orders/1'

const anOrderId = (): OrderId => typeid('ord').toString() as OrderId

async function aGateway(t: TestContext, settings: Parameters<typeof aStripe>[1] = {}) {
  const provider = await aStripe(t, settings)
  return { provider, gateway: createStripeGateway({ ...provider, timeoutMs: 5000 }) }
}

async function anIntent(gateway: PaymentGateway, orderId = anOrderId()) {
  const { intentId } = await gateway.createIntent({ orderId, total, idempotencyKey: `intent:${orderId}` })
  return { orderId, intentId }
}

const pay = (gateway: PaymentGateway, intentId: string, paymentMethod = 'pm_card_visa', attempt = 1) =>
  gateway.confirm({ intentId, paymentMethod, returnUrl, idempotencyKey: `authorize:${intentId}:${attempt}` })

async function aHeldIntent(gateway: PaymentGateway) {
  const intent = await anIntent(gateway)
  assert.equal((await pay(gateway, intent.intentId)).outcome, 'authorized')
  return intent
}

async function aPaidIntent(gateway: PaymentGateway, paymentMethod = 'pm_card_visa') {
  const intent = await anIntent(gateway)
  await pay(gateway, intent.intentId, paymentMethod)
  await gateway.capture({ intentId: intent.intentId, idempotencyKey: `capture:${intent.orderId}` })
  return intent
}

const isFault = (expected: Partial<ProviderFault>) => (error: unknown) => {
  assert.ok(error instanceof ProviderFault, String(error))
  for (const [key, value] of Object.entries(expected))
    assert.equal(error[key as keyof ProviderFault], value, key)
  return true
}

describe('paying by card', () => {
  it('holds the total, then takes it', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const { intentId, orderId } = await anIntent(gateway)

    const held = await pay(gateway, intentId)
    assert.equal(held.outcome, 'authorized')
    assert.ok(held.captureBefore !== null && Date.parse(held.captureBefore) > Date.now())
    const before = await gateway.retrieveIntent(intentId)
    const taken = await gateway.capture({ intentId, idempotencyKey: `capture:${orderId}` })

    assert.deepEqual(taken, { outcome: 'captured', amountMinor: 4990, chargeId: held.chargeId })
    assert.equal(before.status, 'authorized')
    assert.equal(before.capturableMinor, 4990)
    const after = await gateway.retrieveIntent(intentId)
    assert.deepEqual(
      { ...after, createdAt: '' },
      {
        intentId,
        orderId,
        status: 'captured',
        totalMinor: 4990,
        capturableMinor: 0,
        receivedMinor: 4990,
        refundedMinor: 0,
        currency: 'EUR',
        chargeId: held.chargeId,
        captureBefore: null,
        createdAt: '',
      },
    )
    assert.equal((await provider.deeds('payment_intents.capture')).length, 1)
  })

  it('tells a no from an accident, and lets the next card try', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId } = await anIntent(gateway)

    const poor = await pay(gateway, intentId, 'pm_card_visa_chargeDeclinedInsufficientFunds', 1)
    const old = await pay(gateway, intentId, 'pm_card_chargeDeclinedExpiredCard', 2)
    const unknown = await pay(gateway, intentId, 'pm_nobody_has_this', 3)
    const open = await gateway.retrieveIntent(intentId)
    const good = await pay(gateway, intentId, 'pm_card_mastercard', 4)

    assert.deepEqual(poor, { outcome: 'declined', code: 'card_declined', declineCode: 'insufficient_funds' })
    assert.deepEqual(old, { outcome: 'declined', code: 'expired_card', declineCode: 'expired_card' })
    assert.deepEqual(unknown, { outcome: 'declined', code: 'resource_missing', declineCode: null })
    assert.equal(open.status, 'open')
    assert.deepEqual(open.declined, { code: 'expired_card', declineCode: 'expired_card' })
    assert.equal(good.outcome, 'authorized')
  })

  it('repeats the no of the same try', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const { intentId } = await anIntent(gateway)

    const first = await pay(gateway, intentId, 'pm_card_visa_chargeDeclined')
    assert.deepEqual(await pay(gateway, intentId, 'pm_card_visa_chargeDeclined'), first)
    assert.equal((await provider.deeds('payment_intents.confirm')).length, 1)
  })

  it('charges yen and dinar in their own units', async (t) => {
    const { gateway } = await aGateway(t)
    for (const money of [
      { amount: 1999, currency: 'JPY' },
      { amount: 12_340, currency: 'KWD' },
    ] as const) {
      const orderId = anOrderId()
      const { intentId } = await gateway.createIntent({
        orderId,
        total: money,
        idempotencyKey: `intent:${orderId}`,
      })
      const { totalMinor, currency } = await gateway.retrieveIntent(intentId)
      assert.deepEqual({ amount: totalMinor, currency }, money)
    }
  })

  it('answers a payment that stands already instead of complaining', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId, orderId } = await aHeldIntent(gateway)

    assert.equal((await pay(gateway, intentId, 'pm_card_visa', 2)).outcome, 'authorized')
    await gateway.capture({ intentId, idempotencyKey: `capture:${orderId}` })
    assert.equal((await pay(gateway, intentId, 'pm_card_visa', 3)).outcome, 'authorized')
    const again = await gateway.capture({ intentId, idempotencyKey: `capture-again:${orderId}` })
    assert.equal(again.outcome, 'captured')
  })

  it('declines for an intent that was cancelled at the provider', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId } = await anIntent(gateway)
    await gateway.cancel({ intentId, idempotencyKey: `void:${intentId}` })

    const answer = await pay(gateway, intentId)
    assert.deepEqual(answer, { outcome: 'declined', code: 'payment_intent_canceled', declineCode: null })
  })
})

describe('a card that wants to see its owner', () => {
  const choose = (url: string, outcome: string) =>
    fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome }) })

  async function aChallenge(gateway: PaymentGateway) {
    const { intentId } = await anIntent(gateway)
    const answer = await pay(gateway, intentId, 'pm_card_authenticationRequired')
    assert.equal(answer.outcome, 'action_required')
    assert.equal(answer.action.kind, 'redirect')
    return { intentId, url: answer.action.url }
  }

  it('is held once the owner has passed', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId, url } = await aChallenge(gateway)
    assert.deepEqual((await gateway.retrieveIntent(intentId)).action, { kind: 'redirect', url })

    const back = new URL((await choose(url, 'pass')).headers.get('location') ?? '')
    assert.equal(`${back.origin}${back.pathname}`, returnUrl)
    assert.equal(back.searchParams.get('redirect_status'), 'succeeded')
    assert.equal((await gateway.retrieveIntent(intentId)).status, 'authorized')
    const repeated = await pay(gateway, intentId, 'pm_card_authenticationRequired')
    assert.equal(repeated.outcome, 'authorized', 'a remembered answer is not the newest')
  })

  it('is declined once the owner has failed', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId, url } = await aChallenge(gateway)

    await choose(url, 'fail')
    const { status, declined } = await gateway.retrieveIntent(intentId)
    assert.equal(status, 'open')
    assert.equal(declined?.code, 'payment_intent_authentication_failure')
    assert.equal((await pay(gateway, intentId, 'pm_card_authenticationRequired')).outcome, 'declined')
    assert.equal((await pay(gateway, intentId, 'pm_card_visa', 2)).outcome, 'authorized')
  })

  it('waits while the owner is away, and takes another card meanwhile', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId, url } = await aChallenge(gateway)

    await choose(url, 'leave')
    assert.equal((await gateway.retrieveIntent(intentId)).status, 'action_required')
    assert.equal((await pay(gateway, intentId, 'pm_card_visa', 2)).outcome, 'authorized')
  })
})

describe('taking and letting go', () => {
  it('refuses for good to take what has expired', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const { intentId, orderId } = await aHeldIntent(gateway)
    await provider.send(`payment_intents/${intentId}/expire`, {})

    const capture = () => gateway.capture({ intentId, idempotencyKey: `capture:${orderId}` })
    assert.deepEqual(await capture(), { outcome: 'refused', code: 'charge_expired_for_capture' })
    assert.equal((await capture()).outcome, 'refused')
    assert.equal((await gateway.retrieveIntent(intentId)).status, 'cancelled')
  })

  it('refuses to take what was never held or was let go', async (t) => {
    const { gateway } = await aGateway(t)
    const open = await anIntent(gateway)
    const gone = await aHeldIntent(gateway)
    await gateway.cancel({ intentId: gone.intentId, idempotencyKey: `void:${gone.orderId}` })

    for (const { intentId } of [open, gone]) {
      const answer = await gateway.capture({ intentId, idempotencyKey: `capture:${intentId}` })
      assert.equal(answer.outcome, 'refused')
    }
  })

  it('takes what was held only after it was first asked', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId } = await anIntent(gateway)
    const capture = () => gateway.capture({ intentId, idempotencyKey: `capture:${intentId}` })

    assert.equal((await capture()).outcome, 'refused')
    await pay(gateway, intentId)
    assert.equal((await capture()).outcome, 'captured')
  })

  it('lets go of open and held money, once or twice, and says when it was taken', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const cancel = (intentId: string, key: string) => gateway.cancel({ intentId, idempotencyKey: key })
    for (const { intentId } of [await anIntent(gateway), await aHeldIntent(gateway)]) {
      assert.deepEqual(await cancel(intentId, `void:${intentId}`), { outcome: 'cancelled' })
      assert.deepEqual(await cancel(intentId, `void:${intentId}`), { outcome: 'cancelled' })
      assert.deepEqual(await cancel(intentId, `void-again:${intentId}`), { outcome: 'cancelled' })
    }
    assert.equal((await provider.deeds('payment_intents.cancel')).length, 2)

    const paid = await aPaidIntent(gateway)
    assert.deepEqual(await cancel(paid.intentId, 'void:paid'), { outcome: 'captured' })
  })
})

describe('giving back', () => {
  const refund = (
    gateway: PaymentGateway,
    intentId: string,
    amountMinor: number,
    refundId = 'refund_1',
    key = refundId,
  ) =>
    gateway.refund({
      intentId,
      amountMinor,
      refundId,
      reason: 'arrived broken',
      idempotencyKey: `refund:${key}`,
    })

  it('gives back in parts, and never more than was taken', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId } = await aPaidIntent(gateway)

    assert.equal((await refund(gateway, intentId, 990, 'refund_1')).outcome, 'succeeded')
    assert.deepEqual(await refund(gateway, intentId, 4001, 'refund_2'), {
      outcome: 'refused',
      code: 'amount_too_large',
    })
    assert.equal((await refund(gateway, intentId, 4000, 'refund_3')).outcome, 'succeeded')
    assert.deepEqual(await refund(gateway, intentId, 1, 'refund_4'), {
      outcome: 'refused',
      code: 'charge_already_refunded',
    })
    assert.equal((await gateway.retrieveIntent(intentId)).refundedMinor, 4990)
  })

  it('gives back once the provider is well again, however many errors it keeps in mind', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const { intentId } = await aPaidIntent(gateway)
    await provider.fault({ operation: 'refunds.create', kind: 'fail_before', count: 30 })
    let tries = 0
    for (let over = false; !over && tries < 100; tries += 1) {
      const answer = await refund(gateway, intentId, 990).catch(() => null)
      over = answer?.outcome === 'succeeded'
    }

    assert.ok(tries < 40, `${tries} tries`)
    assert.equal((await provider.deeds('refunds.create')).length, 1)
    assert.equal((await gateway.retrieveIntent(intentId)).refundedMinor, 990)
  })

  it('answers a refund of ours that exists, whatever the key', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const { intentId } = await aPaidIntent(gateway)

    const first = await refund(gateway, intentId, 4990, 'refund_1', 'a')
    assert.deepEqual(await refund(gateway, intentId, 4990, 'refund_1', 'b'), first)
    assert.equal((await provider.deeds('refunds.create')).length, 1)
  })

  it('gives back after the capture what it could not give back before', async (t) => {
    const { gateway } = await aGateway(t)
    const { intentId, orderId } = await aHeldIntent(gateway)

    assert.deepEqual(await refund(gateway, intentId, 100), { outcome: 'refused', code: 'nothing_captured' })
    await gateway.capture({ intentId, idempotencyKey: `capture:${orderId}` })
    assert.equal((await refund(gateway, intentId, 100)).outcome, 'succeeded')
  })

  it('says when a refund is on its way, and takes it back into the sums when it fails', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const { intentId } = await aPaidIntent(gateway, 'pm_card_pendingRefund')

    const answer = await refund(gateway, intentId, 4990)
    assert.equal(answer.outcome, 'pending')
    assert.equal((await gateway.retrieveIntent(intentId)).refundedMinor, 4990)
    await provider.send(`refunds/${answer.providerRefundId}/fail`, {})
    assert.equal((await gateway.retrieveIntent(intentId)).refundedMinor, 0)
    assert.equal((await refund(gateway, intentId, 4990, 'refund_2')).outcome, 'pending')
  })
})

describe('accidents', () => {
  const kinds = [
    { kind: 'fail_before' },
    { kind: 'fail_after' },
    // Stripe's client hides the first cut connection by sending the request again with the same key.
    { kind: 'drop_before', count: 2 },
    { kind: 'drop_after' },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429 },
  ] as const satisfies Omit<Fault, 'operation'>[]

  /** Each verb with what must stand before it, ready to be called again and again with the same key. */
  const verbs = {
    'payment_intents.create': async (gateway: PaymentGateway) => {
      const orderId = anOrderId()
      return () => gateway.createIntent({ orderId, total, idempotencyKey: `intent:${orderId}` })
    },
    'payment_intents.confirm': async (gateway: PaymentGateway) => {
      const { intentId } = await anIntent(gateway)
      return () => pay(gateway, intentId)
    },
    'payment_intents.capture': async (gateway: PaymentGateway) => {
      const { intentId } = await aHeldIntent(gateway)
      return () => gateway.capture({ intentId, idempotencyKey: `capture:${intentId}` })
    },
    'payment_intents.cancel': async (gateway: PaymentGateway) => {
      const { intentId } = await aHeldIntent(gateway)
      return () => gateway.cancel({ intentId, idempotencyKey: `void:${intentId}` })
    },
    'refunds.create': async (gateway: PaymentGateway) => {
      const { intentId } = await aPaidIntent(gateway)
      const refund = { intentId, amountMinor: 100, refundId: 'refund_1', idempotencyKey: 'refund:1' }
      return () => gateway.refund(refund)
    },
  }

  /** As a workflow engine does: again, with the same key, until there is an answer. */
  async function insist<Answer>(
    call: () => Promise<Answer>,
  ): Promise<{ answer: Answer; faults: ProviderFault[] }> {
    const faults: ProviderFault[] = []
    for (;;) {
      try {
        return { answer: await call(), faults }
      } catch (error) {
        if (!(error instanceof ProviderFault) || faults.length > 5) throw error
        faults.push(error)
      }
    }
  }

  for (const [operation, prepare] of Object.entries(verbs)) {
    for (const accident of kinds) {
      const name = 'status' in accident ? `${accident.kind} ${accident.status}` : accident.kind
      it(`does ${operation} once through ${name}`, async (t) => {
        const { gateway, provider } = await aGateway(t)
        const call = await prepare(gateway)
        const before = (await provider.deeds(operation)).length
        await provider.fault({ operation, ...accident })

        const { answer, faults } = await insist<unknown>(call)

        assert.equal((await provider.deeds(operation)).length, before + 1)
        assert.deepEqual(
          (await provider.faults()).map(({ fired }) => fired),
          ['count' in accident ? accident.count : 1],
        )
        assert.deepEqual(await call(), answer, 'a repeat gets the same answer')
        for (const fault of faults) {
          assert.equal(fault.outcomeUnknown, !('status' in accident && accident.status === 429))
        }
      })
    }
  }

  it('gets through a row of stored failures', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const { intentId } = await aHeldIntent(gateway)
    await provider.fault({ operation: 'payment_intents.capture', kind: 'fail_before', count: 3 })

    const capture = () => gateway.capture({ intentId, idempotencyKey: `capture:${intentId}` })
    const { answer } = await insist(capture)

    assert.equal(answer.outcome, 'captured')
    assert.equal((await provider.faults())[0]?.fired, 3)
    assert.equal((await provider.deeds('payment_intents.capture')).length, 1)
  })

  it('leaves a key alone while the request may still be under way', async (t) => {
    const provider = await aStripe(t)
    const patient = createStripeGateway({ ...provider, timeoutMs: 5000 })
    const hasty = createStripeGateway({ ...provider, timeoutMs: 150 })
    const { intentId } = await aHeldIntent(patient)
    await provider.fault({ operation: 'payment_intents.capture', kind: 'delay', delayMs: 2000 })

    const input = { intentId, idempotencyKey: `capture:${intentId}` }
    await assert.rejects(hasty.capture(input), isFault({ outcomeUnknown: true }))
    await assert.rejects(patient.capture(input), isFault({ code: 'idempotency_key_in_use', status: 409 }))
    const { answer } = await insistSlowly(() => patient.capture(input))

    assert.equal(answer.outcome, 'captured')
    assert.equal((await provider.deeds('payment_intents.capture')).length, 1)
  })

  async function insistSlowly<Answer>(call: () => Promise<Answer>) {
    let answer: Answer | undefined
    await until(async () => {
      answer = await call().catch(() => undefined)
      return answer !== undefined
    })
    assert.ok(answer !== undefined)
    return { answer }
  }

  it('makes one intent of two requests at the same time', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const orderId = anOrderId()
    const input = { orderId, total, idempotencyKey: `intent:${orderId}` }
    await provider.fault({ operation: 'payment_intents.create', kind: 'delay', delayMs: 200 })

    const both = await Promise.allSettled([gateway.createIntent(input), gateway.createIntent(input)])
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    const again = await gateway.createIntent(input)

    const first = both.find((one) => one.status === 'fulfilled')
    assert.deepEqual(again, first?.value)
    assert.equal((await provider.deeds('payment_intents.create')).length, 1)
  })

  it('tells a wrong key, a silent port and a lost intent apart', async (t) => {
    const { provider, gateway } = await aGateway(t)
    const stranger = createStripeGateway({ ...provider, apiKey: 'sk_test_stranger', timeoutMs: 5000 })
    const closed = createStripeGateway({ apiKey: 'sk', baseUrl: 'http://127.0.0.1:9', timeoutMs: 5000 })
    const input = { orderId: anOrderId(), total, idempotencyKey: 'k' }

    await assert.rejects(stranger.createIntent(input), isFault({ status: 401, outcomeUnknown: false }))
    await assert.rejects(closed.createIntent(input), isFault({ code: 'ECONNREFUSED', outcomeUnknown: false }))
    await assert.rejects(
      gateway.retrieveIntent('pi_lost'),
      isFault({ status: 404, code: 'resource_missing' }),
    )
  })

  for (const [name, body] of Object.entries({
    'a page': '<h1>Bad gateway</h1>',
    'other JSON': '{"ok":true}',
  })) {
    it(`believes no answer that is ${name}`, async (t) => {
      const server = createServer((_request, response) => response.writeHead(200).end(body)).listen(
        0,
        '127.0.0.1',
      )
      await once(server, 'listening')
      t.after(() => server.close().closeAllConnections())
      const { port } = server.address() as AddressInfo
      const gateway = createStripeGateway({
        apiKey: 'sk',
        baseUrl: `http://127.0.0.1:${port}`,
        timeoutMs: 5000,
      })

      const capture = gateway.capture({ intentId: 'pi_1', idempotencyKey: 'k' })
      await assert.rejects(capture, isFault({ outcomeUnknown: true, operation: 'payment_intents.capture' }))
    })
  }

  it('says nothing of who paid with what', async (t) => {
    const { gateway, provider } = await aGateway(t)
    const { intentId } = await anIntent(gateway)
    await provider.fault({ operation: 'payment_intents.confirm', kind: 'fail_before' })

    const fault: unknown = await pay(gateway, intentId).catch((error: unknown) => error)
    assert.ok(fault instanceof ProviderFault)
    const said = JSON.stringify({ ...fault, message: fault.message, cause: fault.cause })
    for (const secret of ['pm_card', 'secret', 'sk_test', 'shop.example'])
      assert.ok(!said.includes(secret), said)
    assert.match(fault.message, /stripe answered 500 .*payment_intents\.confirm, request req_\w+\. Whether/)
  })
})

describe('what the provider remembers', () => {
  it('is listed page by page, newest first, with the order that it is for', async (t) => {
    const { gateway } = await aGateway(t)
    const made: string[] = []
    for (let count = 0; count < 103; count += 1) made.unshift((await anIntent(gateway)).intentId)
    await pay(gateway, made[102] ?? '')
    const createdAfter = new Date(Date.now() - 60_000).toISOString()

    const first = await gateway.listIntents({ createdAfter })
    const second = await gateway.listIntents({
      createdAfter,
      startingAfter: first.intents.at(-1)?.intentId ?? '',
    })

    assert.deepEqual([first.intents.length, first.hasMore, second.hasMore], [100, true, false])
    assert.deepEqual(
      [...first.intents, ...second.intents].map(({ intentId }) => intentId),
      made,
    )
    assert.equal(second.intents.at(-1)?.status, 'authorized')
    assert.ok(second.intents.at(-1)?.captureBefore)
    const later = new Date(Date.now() + 60_000).toISOString()
    assert.deepEqual(await gateway.listIntents({ createdAfter: later }), { intents: [], hasMore: false })
  })

  it('is announced in signed webhooks, again until they are taken', async (t) => {
    const listener = await aListener(t, { refuse: 1 })
    const { gateway } = await aGateway(t, listener)
    await aPaidIntent(gateway)

    const expected = [
      'charge.captured',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]
    await until(() => listener.heard.length >= expected.length)
    assert.deepEqual(listener.heard.map(({ type }) => type).sort(), expected)
  })

  it('survives kill -9, webhooks that nobody took included', async (t) => {
    const stateDir = await aFolder(t)
    const first = await aDoubleOfItsOwn(t, stateDir)
    const gateway = createStripeGateway({ apiKey: 'sk_test_double', baseUrl: first.url, timeoutMs: 5000 })
    const { intentId, orderId } = await aHeldIntent(gateway)
    first.process.kill('SIGKILL')
    await once(first.process, 'exit')

    const listener = await aListener(t)
    const again = await aGateway(t, { stateDir, ...listener })
    const { status } = await again.gateway.retrieveIntent(intentId)
    assert.equal(status, 'authorized')
    const repeated = await again.gateway.createIntent({ orderId, total, idempotencyKey: `intent:${orderId}` })
    assert.equal(repeated.intentId, intentId)
    const captured = await again.gateway.capture({ intentId, idempotencyKey: `capture:${orderId}` })
    assert.equal(captured.outcome, 'captured')
    await until(() => listener.heard.length >= 5)
    assert.ok(listener.heard.some(({ type }) => type === 'payment_intent.created'))
    assert.deepEqual(
      (await again.provider.deeds('payment_intents.confirm')).map(({ id }) => id),
      [intentId],
    )
  })

  /** A double in a process of its own, whose webhooks lead nowhere. */
  async function aDoubleOfItsOwn(t: TestContext, stateDir: string) {
    const settings = {
      port: 0,
      host: '127.0.0.1',
      stateDir,
      apiKey: 'sk_test_double',
      webhookUrl: 'http://127.0.0.1:9/',
      webhookSecret: 'whsec_double',
    }
    const main = new URL('../../dev/stripe-sim/main.ts', import.meta.url).href
    const program = `const { startStripeDouble } = await import(${JSON.stringify(main)})
      console.log((await startStripeDouble(${JSON.stringify(settings)})).url)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    for await (const line of createInterface(child.stdout)) return { process: child, url: line }
    throw new Error('The double did not start.')
  }
})
