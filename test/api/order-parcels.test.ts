import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { OrderView } from '../../api/schemas/order-views.ts'
import { shipmentIdOf } from '../../domain/ids.ts'
import type { OrderId } from '../../domain/ids.ts'
import type { OrderMail } from '../../domain/notifications/order-mails.ts'
import { closeMail, openMail } from '../../store/notifications.ts'
import { insertRefund } from '../../store/refunds.ts'
import { rows } from '../../store/db.ts'
import { goodsReturned } from '../../workers/effects/parcels.ts'
import { noteMailAgain } from '../../workers/effects/mails.ts'
import { aCart, aKey, aProduct, openApi, order, paidBy } from '../support/api.ts'
import type { Reply, TestApi } from '../support/api.ts'
import { aRate, anAddress } from '../support/factories.ts'

describe('parcels that did not arrive, goods that come back, mails', () => {
  let api: TestApi
  let admin: Readonly<Record<string, string>>
  before(async () => {
    api = await openApi()
    await aProduct(api.databases, { sku: 'MUG', prices: { EUR: 1000 }, units: 100 })
    admin = { authorization: `Bearer ${await aKey(api.databases, ['*'])}` }
  })
  after(() => api.close())

  let keys = 0
  const key = (): { 'idempotency-key': string } => ({ 'idempotency-key': `parcels-${(keys += 1)}` })

  /** An order of three mugs whose only parcel has left, and was lost. */
  async function aLostOrder(status = 'lost'): Promise<{ id: OrderId; parcel: string; line: string }> {
    const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 3 }] })
    const { id: text, lines } = (await order(api, { cart, body: paidBy('pm_card_visa') })).body as OrderView
    const [id, line] = [text as OrderId, lines[0]?.id ?? '']
    const parcel = shipmentIdOf(id, 1)
    const { shipping, inventory, order: db } = api.databases
    const goods = JSON.stringify([{ lineId: line, sku: 'MUG', quantity: 3 }])
    await shipping('shipping.shipments').insert({
      ...{ id: parcel, order_id: id, number: 1, warehouse_id: 'main', status, lines: goods, grams: 1500 },
      ...{ ship_to: JSON.stringify(anAddress()), rate: JSON.stringify(aRate()), cause: 'test' },
      ...{ tracking_code: 'EZ1', label_url: 'http://label', carrier: 'DHL', service: 'Parcel' },
    })
    await db('orders.order_shipments').insert({
      ...{ shipment_id: parcel, order_id: id, status, carrier: 'DHL', service: 'Parcel' },
      ...{ tracking_code: 'EZ1', label_url: 'http://label' },
    })
    await inventory('inventory.holds').insert({ order_id: id, status: 'committed' })
    await inventory('inventory.reservations').insert({
      ...{
        order_id: id,
        line_id: line,
        sku: 'MUG',
        warehouse_id: 'main',
        quantity: 3,
        status: 'handed_over',
      },
    })
    await db('payments.payments').insert({
      ...{ order_id: id, intent_id: `pi_${id}`, total_minor: 3000, currency: 'EUR', status: 'captured' },
      ...{ authorized_minor: 3000, captured_minor: 3000 },
    })
    return { id, parcel, line }
  }

  const post = (url: string, body: object, headers: object = {}): Promise<Reply> =>
    api.ask({
      method: 'POST',
      url: `/v1/admin/orders/${url}`,
      headers: { ...admin, ...key(), ...headers },
      body,
    })
  const versionOf = async (id: string): Promise<string> =>
    String((await api.ask({ url: `/v1/admin/orders/${id}`, headers: admin })).headers['etag'])
  const reship = async (id: string, body: object, headers: object = {}): Promise<Reply> =>
    post(`${id}/reships`, { reason: 'lost', ...body }, { 'if-match': await versionOf(id), ...headers })
  const types = async (id: OrderId): Promise<string[]> => {
    const { body } = await api.ask({ url: `/v1/admin/orders/${id}/timeline`, headers: admin })
    return (body as { data: { type: string }[] }).data.map(({ type }) => type)
  }

  it('sends a lost parcel again, once for each key, and shows it', async () => {
    const { id, parcel } = await aLostOrder()
    const same = { ...key(), 'if-match': await versionOf(id) }
    const first = await reship(id, { shipment_id: parcel }, same)
    const again = await reship(id, { shipment_id: parcel }, same)

    assert.equal(first.status, 202)
    assert.deepEqual((first.body as { shipments: string[] }).shipments, [shipmentIdOf(id, 2)])
    assert.deepEqual([again.text, again.headers['idempotency-replayed']], [first.text, 'true'])
    const { body } = await api.ask({ url: `/v1/admin/orders/${id}/books`, headers: admin })
    const { reships, workflows } = body as {
      reships: { status: string; lines: { quantity: number }[]; reason: string }[]
      workflows: { workflow_id: string }[]
    }
    assert.deepEqual(
      reships.map(({ status, lines, reason }) => [status, lines[0]?.quantity, reason]),
      [['sent', 3, 'lost']],
    )
    assert.ok(workflows.some(({ workflow_id: name }) => name.startsWith('reship-order:rsp_')))
    assert.ok((await types(id)).includes('Parcel Sent Again'))
  })

  it('names what is wrong with sending again, and changes nothing', async () => {
    const { id, parcel, line } = await aLostOrder()
    const other = await aLostOrder('handed_over')
    const no = async (code: string, status: number, ask: Promise<Reply>): Promise<void> => {
      const reply = await ask
      assert.deepEqual([reply.status, reply.problem.code], [status, code])
    }
    const lines = (line_id: string, quantity: number): object => ({
      ...{ shipment_id: parcel, lines: [{ line_id, quantity }] },
    })
    await no('order.quantity_too_large', 422, reship(id, lines(line, 4)))
    await no('order.line_unknown', 422, reship(id, lines(other.line, 1)))
    await no('request.invalid', 400, reship(id, lines(line, 0)))
    await no('request.invalid', 400, reship(id, { shipment_id: parcel, reason: '  ' }))
    await no('shipment.unknown', 422, reship(id, { shipment_id: other.parcel }))
    await no('shipment.unknown', 422, reship(id, { shipment_id: 'shp_nonsense' }))
    await no('shipment.not_lost', 409, reship(other.id, { shipment_id: other.parcel }))
    await no('precondition.failed', 412, reship(id, { shipment_id: parcel }, { 'if-match': '"77"' }))
    await no('precondition.required', 428, post(`${id}/reships`, { shipment_id: parcel, reason: 'lost' }))
    await no('order.not_found', 404, post('ord_nonsense/reships', { shipment_id: parcel, reason: 'lost' }))
    const support = { authorization: `Bearer ${await aKey(api.databases, ['orders:read', 'orders:refund'])}` }
    await no('auth.forbidden', 403, reship(id, { shipment_id: parcel }, support))

    assert.equal((await reship(id, lines(line, 2))).status, 202)
    assert.equal((await reship(id, { shipment_id: parcel })).status, 202)
    await no('shipment.sent_again', 409, reship(id, { shipment_id: parcel }))
  })

  it('takes goods back into stock: money first, never more than left, once for each key', async () => {
    const { id, line } = await aLostOrder('returned')
    const { inventory, order: db } = api.databases
    const restock = (body: object, headers: object = {}): Promise<Reply> =>
      post(`${id}/restocks`, { line_id: line, quantity: 1, reason: 'came back', ...body }, headers)
    const code = async (ask: Promise<Reply>): Promise<unknown> => (await ask).problem.code

    assert.equal(await code(restock({})), 'restock.money_first')
    await insertRefund(db, {
      ...{ refundId: 'rfd_1', orderId: id, amountMinor: 2000, reason: 'lost', cause: 'test' },
      lines: [{ lineId: line, quantity: 2 }],
    })
    assert.equal(await code(restock({})), 'restock.money_first', 'the provider has not made it')
    await db('payments.refunds').where({ id: 'rfd_1' }).update({ status: 'succeeded', provider_id: 're_1' })
    const same = key()
    const done = await restock({}, same)
    assert.deepEqual([done.status, (done.body as { warehouse_id: string }).warehouse_id], [201, 'main'])
    assert.equal((await restock({}, same)).text, done.text)
    assert.equal(await code(restock({ quantity: 2 })), 'restock.money_first')
    assert.equal((await restock({ quantity: 2, condition: 'damaged' })).status, 201)
    assert.equal(await code(restock({})), 'restock.too_many')
    assert.equal(await code(restock({ line_id: 'line_nonsense' })), 'order.line_unknown')
    assert.equal(await code(restock({ quantity: 0 })), 'request.invalid')

    const moved = await rows<{ quantity: number; condition: string; reason: string }>(
      inventory,
      `select m.quantity, m.condition, m.reason from inventory.stock_movements as m
       join inventory.restocks as r on r.id = m.source where r.order_id = :id and m.kind = 'returned' order by m.position`,
      { id },
    )
    assert.deepEqual(moved, [
      { quantity: 1, condition: 'sellable', reason: 'came back' },
      { quantity: 2, condition: 'damaged', reason: 'came back' },
    ])
    const [event] = await rows<never>(
      inventory,
      `select type, at, cause, data from inventory.outbox where type = 'Goods Returned' and subject = :id`,
      { id },
    )
    assert.ok(event)
    await db.transaction((trx) => goodsReturned(trx, event))
    assert.ok((await types(id)).includes('Goods Returned'))
  })

  it('lists the mails of an order and sends one again, once for each key', async () => {
    const { id } = await aLostOrder()
    const { notification: db, order: orders } = api.databases
    const write = async (kind: string, content?: OrderMail): Promise<string> => {
      const mail = { messageId: `<${kind}.${id}@x>`, about: id, kind, reference: id, content, cause: 'test' }
      await openMail(db, mail)
      return mail.messageId
    }
    const at = new Date().toISOString()
    const confirmation = await write('confirmation', { kind: 'confirmation' })
    const old = await write('refund')
    await closeMail(db, { messageId: confirmation, status: 'sent', code: null, at })
    await closeMail(db, { messageId: old, status: 'sent', code: null, at })
    await write('too-late', { kind: 'too-late' })

    const { body } = await api.ask({ url: `/v1/admin/orders/${id}/mails`, headers: admin })
    assert.deepEqual(
      (body as { data: { id: string; status: string }[] }).data.map((mail) => [mail.id, mail.status]),
      [
        [`confirmation.${id}`, 'sent'],
        [`refund.${id}`, 'sent'],
        [`too-late.${id}`, 'sending'],
      ],
    )
    const resend = (name: string, headers: object = {}, body: object = { reason: 'she lost it' }) =>
      post(`${id}/mails/${name}/resend`, body, headers)
    const same = key()
    const first = await resend(`confirmation.${id}`, same)
    assert.equal(first.status, 202)
    assert.equal((await resend(`confirmation.${id}`, same)).text, first.text)
    for (const [name, code] of [
      [`shipped.${id}`, 'mail.not_found'],
      [`too-late.${id}`, 'mail.sending'],
      [`refund.${id}`, 'mail.not_kept'],
    ] as const) {
      assert.equal((await resend(name)).problem.code, code)
    }
    assert.equal((await resend(`confirmation.${id}`, {}, {})).problem.code, 'request.invalid')

    const asked = await rows<never>(
      db,
      `select type, at, cause, data from notifications.outbox where type = 'Mail Asked Again' and subject = :id`,
      { id },
    )
    assert.equal(asked.length, 1)
    for (const event of asked) await orders.transaction((trx) => noteMailAgain(trx, event))
    assert.ok((await types(id)).includes('Mail Sent Again'))
  })
})
