import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aCart, aProduct, berlin, openApi, order, paidBy } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'

let api: TestApi

before(async () => {
  api = await openApi()
  await aProduct(api.databases, { sku: 'MUG', title: '<script>alert(1)</script> & "Mug"', units: 10 })
})
after(() => api.close())

test('shows an order to whoever has its link, and lets nothing in it run', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 2 }] })
  const name = '<img src=x onerror=alert(1)>'
  const placed = await order(api, {
    cart,
    body: { ...paidBy('pm_card_visa'), shipping_address: { ...berlin, name } },
  })
  const {
    id,
    number,
    order_token: token,
  } = placed.body as { id: string; number: string; order_token: string }
  await api.databases.order('orders.order_shipments').insert([
    {
      shipment_id: 'shp_1',
      order_id: id,
      status: 'ready',
      carrier: 'USPS',
      service: 'Priority',
      tracking_code: 'EZ1',
      tracking_url: 'https://track.example/EZ1?a=1&b=2',
    },
    {
      shipment_id: 'shp_2',
      order_id: id,
      status: 'ready',
      carrier: 'USPS',
      service: 'Priority',
      tracking_code: 'EZ2',
      tracking_url: 'javascript:alert(1)',
    },
  ])

  const page = await api.ask({ url: `/orders/${id}?token=${token}` })
  assert.equal(page.status, 200)
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(page.headers['cache-control'], 'no-store')
  assert.equal(page.headers['referrer-policy'], 'no-referrer')
  assert.match(String(page.headers['content-security-policy']), /^default-src 'none'; style-src 'sha256-/)
  for (const part of [
    `Order ${number}`,
    'Confirmed',
    '€39.98',
    'Order Placed',
    'https://track.example/EZ1?a=1&amp;b=2',
    'EZ2',
  ]) {
    assert.ok(page.text.includes(part), part)
  }
  assert.doesNotMatch(page.text, /<script|<img|javascript:/)
  assert.match(page.text, /<meta http-equiv="refresh" content="15">/)
  assert.ok(!page.text.includes(token), 'the page does not repeat its token')
})

test('is not loaded anew once nothing more can happen to the order', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const placed = await order(api, { cart, body: paidBy('pm_card_visa') })
  const { id, order_token: token } = placed.body as { id: string; order_token: string }
  await api.databases.order('orders.orders').where({ id }).update({ status: 'cancelling' })
  await api.databases.order('orders.orders').where({ id }).update({ status: 'cancelled' })

  const page = await api.ask({ url: `/orders/${id}?token=${token}` })
  assert.ok(page.text.includes('Cancelled'))
  assert.doesNotMatch(page.text, /http-equiv/)
})

test('shows a page and no order to whoever has no link, or another one', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const { id } = (await order(api, { cart })).body as { id: string }
  for (const url of [`/orders/${id}`, `/orders/${id}?token=x`, '/orders/nonsense?token=x']) {
    const page = await api.ask({ url })
    assert.equal(page.status, 404)
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.match(String(page.headers['content-security-policy']), /^default-src 'none'/)
    assert.ok(page.text.includes('We cannot show you this order'))
  }
})

test('tells whoever comes back from his bank how it went, and nothing of the order', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const { id } = (await order(api, { cart })).body as { id: string }
  const back = (status: string) =>
    api.ask({ url: `/orders/${id}?payment_intent=pi_1&redirect_status=${status}` })

  const [passed, failed] = [await back('succeeded'), await back('failed')]
  assert.deepEqual([passed.status, failed.status], [200, 200])
  assert.ok(passed.text.includes('Your bank has answered'))
  assert.ok(failed.text.includes('did not approve the payment'))
  for (const page of [passed, failed]) assert.ok(!page.text.includes(id) && !page.text.includes('MUG'))
})
