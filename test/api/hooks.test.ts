import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { aKey, aProduct, aCart, openApi, order } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'
import { aCarrierEvent, aStripeEvent, fromCarrier, fromStripe, hear } from '../support/hooks.ts'

interface Row {
  event_id: string
  type: string
  topic: string | null
  state: string
  subject: string | null
  excerpt: Record<string, unknown>
}

let api: TestApi
before(async () => {
  api = await openApi()
})
after(() => api.close())
afterEach(async () => {
  await api.databases.order('payments.provider_events').delete()
  await api.databases.shipping('shipping.provider_events').delete()
})

const kept = async (provider: 'stripe' | 'easypost' = 'stripe'): Promise<Row[]> =>
  provider === 'stripe'
    ? api.databases.order<Row>('payments.provider_events').orderBy('event_id')
    : api.databases.shipping<Row>('shipping.provider_events').orderBy('event_id')

const minutes = (count: number): number => Date.now() + count * 60_000

describe('what a provider posts', () => {
  it('is kept before it is answered, though Temporal is down and the object unknown', async () => {
    api.flows.down = true
    const event = aStripeEvent({ id: 'evt_1', object: { id: 'pi_nobody_knows' } })
    const reply = await hear(api, 'stripe', fromStripe(event))
    api.flows.down = false

    assert.equal(reply.status, 200)
    assert.deepEqual(reply.body, { received: true })
    const [row, ...others] = await kept()
    assert.equal(others.length, 0)
    assert.deepEqual([row?.event_id, row?.state, row?.subject], ['evt_1', 'stored', 'pi_nobody_knows'])
  })

  it('is kept once, though it comes five times at once and again later', async () => {
    const post = fromStripe(aStripeEvent())
    const replies = await Promise.all(Array.from({ length: 5 }, () => hear(api, 'stripe', post)))
    replies.push(await hear(api, 'stripe', post))

    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200])
    assert.equal((await kept()).length, 1)
  })

  for (const secret of ['whsec_new', 'whsec_old']) {
    it(`may be signed by Stripe with ${secret}`, async () => {
      assert.equal((await hear(api, 'stripe', fromStripe(aStripeEvent(), { secret }))).status, 200)
    })
  }

  for (const secret of ['new-secret', 'old-secret']) {
    it(`may be signed by EasyPost with the ${secret}`, async () => {
      assert.equal((await hear(api, 'easypost', fromCarrier(aCarrierEvent(), secret))).status, 200)
      const [row] = await kept('easypost')
      assert.deepEqual([row?.topic, row?.state], ['tracking', 'stored'])
    })
  }

  it('is turned away when it is forged, and nothing of it is kept', async () => {
    const event = aStripeEvent()
    const { body, headers } = fromStripe(event)
    const parcel = fromCarrier(aCarrierEvent())
    const forgeries = [
      await hear(api, 'stripe', fromStripe(event, { secret: 'whsec_guessed' })),
      await hear(api, 'stripe', { body: body.replace('succeeded', 'canceled'), headers }),
      await hear(api, 'stripe', { body, headers: {} }),
      await hear(api, 'stripe', { body, headers: { 'stripe-signature': 'nonsense' } }),
      await hear(api, 'stripe', parcel),
      await hear(api, 'easypost', fromCarrier(aCarrierEvent(), 'guessed')),
      await hear(api, 'easypost', { ...parcel, body: parcel.body.replace('in_transit', 'delivered') }),
      await hear(api, 'easypost', { ...parcel, headers: {} }),
      await hear(api, 'easypost', { ...parcel, headers: { 'x-hmac-signature': 'ü' } }),
    ]

    assert.deepEqual([...new Set(forgeries.map((reply) => reply.problem.code))], ['hook.forged'])
    assert.deepEqual([...new Set(forgeries.map(({ status }) => status))], [400])
    assert.deepEqual([...(await kept()), ...(await kept('easypost'))], [])
  })

  for (const [when, offset] of [
    ['an hour old', -60],
    ['six minutes old', -6],
    ['ten minutes in the future', 10],
  ] as const) {
    it(`is turned away when its signature is ${when}`, async () => {
      const reply = await hear(api, 'stripe', fromStripe(aStripeEvent(), { nowMs: minutes(offset) }))
      assert.equal(reply.problem.code, 'hook.out_of_time')
      assert.deepEqual(await kept(), [])
    })
  }

  it('is taken when the clocks differ by four minutes', async () => {
    for (const offset of [-4, 4]) {
      const reply = await hear(api, 'stripe', fromStripe(aStripeEvent(), { nowMs: minutes(offset) }))
      assert.equal(reply.status, 200)
    }
  })

  it('is turned away with two times, of which the signature covers one', async () => {
    const { body, headers } = fromStripe(aStripeEvent(), { nowMs: minutes(-60) })
    const now = Math.floor(Date.now() / 1000)
    for (const header of [
      `t=${now},${headers['stripe-signature']}`,
      `${headers['stripe-signature']},t=${now}`,
    ]) {
      const reply = await hear(api, 'stripe', { body, headers: { 'stripe-signature': header } })
      assert.equal(reply.status, 400)
    }
    assert.deepEqual(await kept(), [])
  })

  it('is turned away when it is no event', async () => {
    const noEvents = ['not json', '[]', '{}', '{"id":"evt_1","object":"event","type":"x","created":1}']
    for (const body of noEvents) {
      assert.equal((await hear(api, 'stripe', fromStripe(body))).problem.code, 'request.malformed')
      const reply = await hear(api, 'easypost', fromCarrier(body))
      assert.ok(['request.malformed', 'hook.forged'].includes(reply.problem.code))
    }
  })

  it('is turned away when it is too large, before anything is computed', async () => {
    const event = { ...aStripeEvent(), padding: 'x'.repeat(300_000) }
    assert.equal((await hear(api, 'stripe', fromStripe(event))).problem.code, 'request.too_large')
  })

  it('may be larger than what customers send', async () => {
    const event = { ...aStripeEvent(), padding: 'x'.repeat(100_000) }
    assert.equal((await hear(api, 'stripe', fromStripe(event))).status, 200)
  })

  it('is filed at once when it does not concern us', async () => {
    await hear(api, 'stripe', fromStripe(aStripeEvent({ type: 'payment_intent.created' })))
    await hear(api, 'stripe', fromStripe(aStripeEvent({ type: 'constructor' })))
    await hear(api, 'easypost', fromCarrier(aCarrierEvent({ description: 'tracker.created' })))

    const rows = [...(await kept()), ...(await kept('easypost'))]
    assert.deepEqual(
      rows.map(({ state, topic }) => [state, topic]),
      [
        ['filed', null],
        ['filed', null],
        ['filed', null],
      ],
    )
  })

  it('leaves nothing about a person in our books', async () => {
    const object = {
      amount: 2390,
      receipt_email: 'ada@example.com',
      shipping: { name: 'Ada Lovelace' },
      metadata: { order_id: 'not one of ours', note: 'for Ada' },
      last_payment_error: { message: 'Ada has no money' },
    }
    await hear(api, 'stripe', fromStripe(aStripeEvent({ object })))

    const [row] = await kept()
    assert.doesNotMatch(JSON.stringify(row), /ada/i)
    assert.equal(row?.excerpt['amount'], 2390)
  })
})

describe('a stream of forgeries', () => {
  it('is counted, and what is really signed is not', async () => {
    const busy = await openApi({ door: { rateLimitPerMinute: 5 } })
    try {
      const forged = fromStripe(aStripeEvent(), { secret: 'whsec_guessed' })
      const statuses: number[] = []
      for (let post = 0; post < 8; post += 1) statuses.push((await hear(busy, 'stripe', forged)).status)
      const real = await Promise.all(
        Array.from({ length: 8 }, () => hear(busy, 'stripe', fromStripe(aStripeEvent()))),
      )

      assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429, 429, 429])
      assert.deepEqual([...new Set(real.map(({ status }) => status))], [200])
    } finally {
      await busy.close()
    }
  })
})

describe('the events of providers, for admins', () => {
  interface Listed {
    data: { id: string; provider: string; state: string; replays: number; attempts: number }[]
    page: { has_more: boolean; next_cursor?: string }
  }
  const asAdmin = async (grant: 'provider-events:read' | 'provider-events:replay') => ({
    authorization: `Bearer ${await aKey(api.databases, [grant])}`,
  })
  const list = async (query = ''): Promise<Listed> => {
    const headers = await asAdmin('provider-events:read')
    return (await api.ask({ url: `/v1/admin/provider-events${query}`, headers })).body as Listed
  }

  it('are listed newest first, of both providers, by state, page by page', async () => {
    for (let count = 1; count <= 3; count += 1) {
      await hear(api, 'stripe', fromStripe(aStripeEvent({ id: `evt_s${count}` })))
      await hear(api, 'easypost', fromCarrier(aCarrierEvent({ id: `evt_e${count}` })))
    }
    await api.databases
      .order('payments.provider_events')
      .where({ event_id: 'evt_s2' })
      .update({ state: 'failed', next_at: null, last_error: 'nobody knows it' })

    const seen: string[] = []
    let cursor: string | undefined
    do {
      const { data, page } = await list(`?limit=4${cursor ? `&cursor=${cursor}` : ''}`)
      seen.push(...data.map(({ id }) => id))
      cursor = page.next_cursor
    } while (cursor)
    assert.deepEqual(seen, ['evt_e3', 'evt_s3', 'evt_e2', 'evt_s2', 'evt_e1', 'evt_s1'])
    assert.deepEqual(
      (await list('?state=failed')).data.map(({ id }) => id),
      ['evt_s2'],
    )
    assert.deepEqual(
      (await list('?provider=easypost')).data.map(({ provider }) => provider),
      ['easypost', 'easypost', 'easypost'],
    )
  })

  it('are looked at again when an admin says so, once for each time he says it', async () => {
    await hear(api, 'stripe', fromStripe(aStripeEvent({ id: 'evt_lost' })))
    await api.databases
      .order('payments.provider_events')
      .update({ state: 'failed', next_at: null, attempts: 30, last_error: 'nobody knows it' })

    const admin = await asAdmin('provider-events:replay')
    const replay = async (key: string) =>
      api.ask({
        method: 'POST',
        url: '/v1/admin/provider-events/evt_lost/replay',
        headers: { ...admin, 'idempotency-key': key },
      })
    const first = await replay('again-1')
    assert.equal(first.status, 202)
    const { state, attempts, replays } = first.body as Listed['data'][number]
    assert.deepEqual([state, attempts, replays], ['stored', 0, 1])
    assert.equal((await replay('again-1')).text, first.text)
    assert.equal(((await replay('again-2')).body as Listed['data'][number]).replays, 2)
    assert.deepEqual(
      (await list('?state=stored')).data.map(({ id }) => id),
      ['evt_lost'],
    )
  })

  it('are for those who may see them', async () => {
    const url = '/v1/admin/provider-events/evt_1/replay'
    const headers = { ...(await asAdmin('provider-events:read')), 'idempotency-key': 'k' }
    assert.equal((await api.ask({ method: 'POST', url, headers })).problem.code, 'auth.forbidden')
    assert.equal((await api.ask({ url: '/v1/admin/provider-events' })).problem.code, 'auth.required')

    const may = { ...(await asAdmin('provider-events:replay')), 'idempotency-key': 'k' }
    const unknown = await api.ask({ method: 'POST', url, headers: may })
    assert.equal(unknown.problem.code, 'provider_event.not_found')
  })
})

describe('an order whose customer is at his bank', () => {
  it('says where to go, to whoever reads it, until that is decided', async () => {
    await aProduct(api.databases, { sku: 'MUG-HOOKS' })
    const cart = await aCart(api, { lines: [{ sku: 'MUG-HOOKS', quantity: 1 }] })
    const placed = await order(api, { cart })
    const { id, order_token: token } = placed.body as { id: string; order_token: string }
    const { order: db } = api.databases
    await db('payments.payments').insert({ order_id: id, total_minor: 1, currency: 'EUR', status: 'open' })
    const action = { kind: 'redirect', url: 'https://bank.example/challenge' }
    const read = async () =>
      (
        (await api.ask({ url: `/v1/store/orders/${id}`, headers: { 'x-order-token': token } })).body as {
          payment?: unknown
        }
      ).payment
    const attempt = { order_id: id, attempt: 1, payment_method: 'pm_1' }

    assert.equal(await read(), undefined)
    await db('payments.attempts').insert({
      ...attempt,
      outcome: 'action_required',
      action: JSON.stringify(action),
    })
    assert.deepEqual(await read(), { next_action: action })
    const again = await order(api, { cart })
    assert.deepEqual((again.body as { payment?: unknown }).payment, { next_action: action })
    await db('payments.attempts').update({
      outcome: 'declined',
      code: 'authentication_failure',
      action: null,
    })
    assert.deepEqual(await read(), { declined: 'authentication_failure' })
  })
})
