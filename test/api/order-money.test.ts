import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { OrderView } from '../../api/schemas/order-views.ts'
import { activitiesOf } from '../../activities/index.ts'
import type { OrderId } from '../../domain/ids.ts'
import { bookAuthorization, bookCapture } from '../../activities/payments/books.ts'
import { noteAttempt, openPayment } from '../../store/payments.ts'
import { flagOrder } from '../../store/order-steps.ts'
import { fileFindings } from '../../store/reconciliation.ts'
import { keepParcel } from '../../store/parcels.ts'
import { aCart, aKey, aProduct, openApi, order, paidBy } from '../support/api.ts'
import type { Reply, TestApi } from '../support/api.ts'
import { noStripe } from '../support/no-stripe.ts'

describe('the money of orders over HTTP', () => {
  let api: TestApi
  let admin: Readonly<Record<string, string>>
  before(async () => {
    api = await openApi()
    await aProduct(api.databases, { sku: 'MUG', prices: { EUR: 1000 }, units: 1000 })
    await aProduct(api.databases, { sku: 'POT', prices: { EUR: 2500 }, units: 1000 })
    admin = { authorization: `Bearer ${await aKey(api.databases, ['*'])}` }
  })
  after(() => api.close())

  let keys = 0
  const key = (): { 'idempotency-key': string } => ({ 'idempotency-key': `money-${(keys += 1)}` })

  interface Paid {
    readonly id: OrderId
    readonly view: OrderView
    readonly own: Readonly<Record<string, string>>
    readonly line: string
  }

  /** An order of two mugs and a pot, paid, with its money in the books. */
  async function aPaidOrder(): Promise<Paid> {
    const cart = await aCart(api, {
      lines: [
        { sku: 'MUG', quantity: 2 },
        { sku: 'POT', quantity: 1 },
      ],
    })
    const placed = await order(api, { cart, body: paidBy('pm_card_visa') })
    const view = placed.body as OrderView
    const id = view.id as OrderId
    const db = api.databases.order
    const amount = view.total?.amount ?? 0
    const payment = await openPayment(db, { orderId: id, total: { amount, currency: 'EUR' } })
    await noteAttempt(db, { orderId: id, attempt: 1, paymentMethod: 'pm_card_visa', intentId: `pi_${id}` })
    const answer = { outcome: 'authorized', chargeId: `ch_${id}`, captureBefore: null } as const
    const tried = { orderId: id, attempt: 1, amountMinor: amount, intentId: `pi_${id}`, answer }
    await bookAuthorization(db, { ...tried, cause: 'test' })
    await bookCapture(db, { payment, cause: 'test', amountMinor: amount, chargeId: `ch_${id}` })
    const own = { 'x-order-token': view.order_token ?? '' }
    return { id, view, own, line: view.lines[0]?.id ?? '' }
  }

  const cancel = (of: Paid, body: object, headers: object = {}): Promise<Reply> =>
    api.ask({
      method: 'POST',
      url: `/v1/store/orders/${of.id}/cancel`,
      headers: { ...of.own, ...key(), ...headers },
      body,
    })
  const versionOf = async ({ id }: Paid): Promise<string> => {
    const read = await api.ask({ url: `/v1/admin/orders/${id}`, headers: admin })
    return String(read.headers['etag'])
  }
  const refund = async (of: Paid, body: object, headers: object = {}): Promise<Reply> =>
    api.ask({
      method: 'POST',
      url: `/v1/admin/orders/${of.id}/refunds`,
      headers: { ...admin, ...key(), 'if-match': await versionOf(of), ...headers },
      body,
    })
  const booksOf = async ({ id }: Paid): Promise<Record<string, never>> =>
    (await api.ask({ url: `/v1/admin/orders/${id}/books`, headers: admin })).body as Record<string, never>

  /** Asserts that a request is refused with this code, and that the books are what they were. */
  async function refusedUntouched(
    of: Paid,
    { code, status, ask }: { code: string; status: number; ask: () => Promise<Reply> },
  ): Promise<void> {
    const before = JSON.stringify(await booksOf(of))
    const reply = await ask()
    assert.deepEqual([reply.status, reply.problem.code], [status, code])
    assert.equal(JSON.stringify(await booksOf(of)), before)
  }

  it('cancels lines and quantities, and says what is left', async () => {
    const paid = await aPaidOrder()
    const reply = await cancel(paid, { lines: [{ line_id: paid.line, quantity: 1 }] })

    const view = reply.body as OrderView
    assert.deepEqual([reply.status, view.status], [202, 'confirmed'])
    assert.deepEqual(
      view.lines.map(({ quantity, cancelled_quantity: cancelled }) => [quantity, cancelled]),
      [
        [2, 1],
        [1, 0],
      ],
    )
  })

  it('answers a repeat with the same bytes, and a key used for another body with a no', async () => {
    const paid = await aPaidOrder()
    const same = key()
    const first = await cancel(paid, {}, same)
    const again = await cancel(paid, {}, same)
    assert.equal(again.text, first.text)
    assert.equal(again.headers['idempotency-replayed'], 'true')

    await refusedUntouched(paid, {
      code: 'idempotency.key_reused',
      status: 422,
      ask: () => cancel(paid, { reason: 'another one' }, same),
    })
    assert.equal((await cancel(paid, {})).status, 202, 'cancelled already: the same answer')
  })

  it('names what is wrong with a cancellation, and changes nothing', async () => {
    const paid = await aPaidOrder()
    const other = await aPaidOrder()
    const no = (code: string, status: number, body: object, headers?: object): Promise<void> =>
      refusedUntouched(paid, { code, status, ask: () => cancel(paid, body, headers) })
    const line = (line_id: string, quantity: number): object => ({ lines: [{ line_id, quantity }] })

    await no('order.quantity_too_large', 422, line(paid.line, 3))
    await no('order.quantity_too_large', 422, {
      lines: [1, 2].map((quantity) => ({ line_id: paid.line, quantity })),
    })
    await no('order.line_unknown', 422, line(other.line, 1))
    await no('request.invalid', 400, line(paid.line, 0))
    await no('request.invalid', 400, line(paid.line, 1.5))
    await no('request.invalid', 400, { lines: [] })
    await no('request.invalid', 400, { lines: 'all' })
    await no('request.invalid', 400, { reason: 'my card is 4242 4242 4242 4242' })
    await no('precondition.failed', 412, {}, { 'if-match': '"1"' })
  })

  it('refuses what has left, with the reason, and lets the other lines be named', async () => {
    const paid = await aPaidOrder()
    const parcel = {
      ...{ shipmentId: `shp_${paid.id}` as never, status: 'handed_over' as const, carrier: 'DHL' },
      ...{ service: 'Parcel', trackingCode: 'T1', trackingUrl: null, labelUrl: null },
    }
    await keepParcel(api.databases.order, { orderId: paid.id, parcel })

    const late = await cancel(paid, {})
    assert.deepEqual([late.status, late.problem.code], [409, 'order.not_cancellable'])
    assert.match(late.problem.detail, /has left already/)
  })

  it('tells one who cancels while parcels are being taken back to come again', async () => {
    const paid = await aPaidOrder()
    await cancel(paid, { lines: [{ line_id: paid.line, quantity: 1 }] })

    const second = await cancel(paid, { lines: [{ line_id: paid.line, quantity: 1 }] })
    assert.deepEqual([second.status, second.problem.code], [409, 'order.change_running'])
  })

  it('lets admins cancel what they have looked at, and nothing else', async () => {
    const paid = await aPaidOrder()
    const url = `/v1/admin/orders/${paid.id}/cancel`
    const blind = await api.ask({ method: 'POST', url, headers: { ...admin, ...key() }, body: {} })
    assert.deepEqual([blind.status, blind.problem.code], [428, 'precondition.required'])
    const stale = { ...admin, ...key(), 'if-match': '"1"' }
    assert.equal((await api.ask({ method: 'POST', url, headers: stale, body: {} })).status, 412)

    const headers = { ...admin, ...key(), 'if-match': await versionOf(paid) }
    const done = await api.ask({ method: 'POST', url, headers, body: { reason: 'sold out' } })
    assert.deepEqual([done.status, (done.body as OrderView).status], [202, 'cancelling'])
  })

  it('gives back an amount, and the share of lines, and tells how the money stands', async () => {
    const paid = await aPaidOrder()
    const some = await refund(paid, { amount: { amount: 500, currency: 'EUR' }, reason: 'a scratch' })
    assert.equal(some.status, 202)
    const lines = await refund(paid, { lines: [{ line_id: paid.line, quantity: 1 }], reason: 'broken' })
    assert.deepEqual((lines.body as { amount: unknown }).amount, { amount: 1000, currency: 'EUR' })

    const books = (await booksOf(paid)) as unknown as {
      refunds: { amount: { amount: number }; status: string; reason: string }[]
      payment: { state: string }
    }
    assert.deepEqual(
      books.refunds.map(({ amount, status, reason }) => [amount.amount, status, reason]),
      [
        [500, 'asked', 'a scratch'],
        [1000, 'asked', 'broken'],
      ],
    )
    assert.equal(books.payment.state, 'captured')
  })

  it('names what is wrong with a refund, and changes nothing', async () => {
    const paid = await aPaidOrder()
    const other = await aPaidOrder()
    const reason = 'why not'
    const total = paid.view.total?.amount ?? 0
    const no = (code: string, status: number, body: object, headers?: object): Promise<void> =>
      refusedUntouched(paid, { code, status, ask: () => refund(paid, body, headers) })
    const eur = (amount: number): object => ({ amount: { amount, currency: 'EUR' }, reason })

    await no('refund.nothing', 422, eur(0))
    await no('refund.nothing', 422, eur(-5))
    await no('refund.too_large', 422, eur(total + 1))
    await no('refund.other_currency', 422, { amount: { amount: 100, currency: 'USD' }, reason })
    await no('order.line_unknown', 422, { lines: [{ line_id: other.line, quantity: 1 }], reason })
    await no('order.quantity_too_large', 422, { lines: [{ line_id: paid.line, quantity: 3 }], reason })
    await no('request.invalid', 400, { reason })
    await no('request.invalid', 400, { ...eur(100), lines: [{ line_id: paid.line, quantity: 1 }] })
    await no('request.invalid', 400, { amount: { amount: 100, currency: 'EUR' } })
    await no('precondition.failed', 412, eur(100), { 'if-match': '"1"' })

    assert.equal((await refund(paid, eur(total - 100))).status, 202)
    await no('refund.too_large', 422, eur(101))
    assert.equal((await refund(paid, eur(100))).status, 202)
  })

  it('finds orders by number, mail, SKU, status and what needs attention', async () => {
    const paid = await aPaidOrder()
    await flagOrder(api.databases.order, { orderId: paid.id, reason: 'look at it' })
    const find = async (query: string): Promise<string[]> => {
      const reply = await api.ask({ url: `/v1/admin/orders?limit=100&${query}`, headers: admin })
      assert.equal(reply.status, 200)
      return (reply.body as { data: { id: string }[] }).data.map(({ id }) => id)
    }
    const needs = await find('needs_attention=true')
    assert.deepEqual(needs, [paid.id])
    for (const query of [`q=${paid.view.number}`, `q=${paid.id}`, 'q=POT', 'q=ADA@', 'status=confirmed']) {
      assert.ok((await find(query)).includes(paid.id), query)
    }
    assert.deepEqual(await find('q=%25'), [])
    assert.deepEqual(await find('placed_before=2020-01-01T00:00:00Z'), [])
  })

  it('lets somebody say that he has looked after an order, once, with a reason', async () => {
    const paid = await aPaidOrder()
    const url = `/v1/admin/orders/${paid.id}/resolve`
    const resolve = async (): Promise<Reply> => {
      const headers = { ...admin, ...key(), 'if-match': await versionOf(paid) }
      return api.ask({ method: 'POST', url, headers, body: { reason: 'called the bank' } })
    }
    assert.equal((await resolve()).problem.code, 'order.attention_settled')
    await flagOrder(api.databases.order, { orderId: paid.id, reason: 'look at it' })
    const settled = await resolve()
    assert.deepEqual(
      [settled.status, (settled.body as { needs_attention: boolean }).needs_attention],
      [200, false],
    )
    assert.equal((await resolve()).problem.code, 'order.attention_settled')
  })

  it('shows what the reconciliation found, and lets it be resolved once', async () => {
    const at = new Date().toISOString()
    const violations = [{ invariant: 'I11', subject: 'pi_1', detail: '5 here, 6 there' }] as const
    const run = { begunAt: at, endedAt: at, orders: 1, payments: 1 }
    await fileFindings(api.databases.order, { ...run, runId: 'run_1', violations })
    const [found] = (
      (await api.ask({ url: '/v1/admin/findings?state=open', headers: admin })).body as {
        data: { id: string; detail: string }[]
      }
    ).data
    assert.equal(found?.detail, '5 here, 6 there')

    const resolve = (id: string): Promise<Reply> =>
      api.ask({
        ...{ method: 'POST', url: `/v1/admin/findings/${id}/resolve` },
        headers: { ...admin, ...key() },
        body: { reason: 'a typing error' },
      })
    assert.equal((await resolve(found?.id ?? '')).status, 200)
    assert.equal((await resolve(found?.id ?? '')).problem.code, 'finding.settled')
    assert.equal((await resolve('fnd_nonsense')).problem.code, 'finding.not_found')
  })

  it('tells a late repeat why the order was turned down', async () => {
    const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
    const orders = activitiesOf.order({ db: api.databases.order, stripe: noStripe, orderUrl: String })
    const placed = await order(api, { cart, key: 'late' })
    const { id } = placed.body as OrderView
    await orders.abandonOrder({
      ...{ orderId: id as OrderId, ending: 'rejected', actor: 'system', reason: 'The card was declined.' },
      refusal: { code: 'payment.declined', detail: 'The card was declined.', facts: {} },
      cause: 'test',
    })
    await api.databases
      .accounts('accounts.idempotency_keys')
      .where({ key: 'late' })
      .update({
        ...{ status: null, headers: null, body: null, leased_until: null },
      })
    const late = await order(api, { cart, key: 'late' })
    assert.equal(late.problem.code, 'payment.declined')
  })
})
