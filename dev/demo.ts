/**
 * `npm run demo`: one order against the running shop, from the cart to the door, told step by step with links. It ends with 0 only
 * when everything that it tells was really seen.
 */
import { randomBytes } from 'node:crypto'
import { formatMoney } from '../domain/money.ts'
import { serviceInWords } from '../domain/notifications/letter.ts'
import { aCustomer, berlin, handleOf } from './customer.ts'
import type { CartHandle, Customer, OrderHandle, ProductView, RateView } from './customer.ts'
import {
  eventually,
  expectPage,
  expectRefusal,
  mailOf,
  refuseRealProviders,
  workflowOf,
} from './demo/looking.ts'
import { openReport } from './demo/report.ts'
import type { Report } from './demo/report.ts'
import { findRunningShop, runCommand } from './running-shop.ts'
import type { RunningShop } from './running-shop.ts'

interface Scene {
  readonly shop: RunningShop
  readonly customer: Customer
  readonly report: Report
  /** Of this demo only, so that the mailbox shows its mails and no others. */
  readonly email: string
}

await runCommand(async () => {
  const shop = await findRunningShop(process.env)
  refuseRealProviders(shop)
  const email = `ada.${randomBytes(3).toString('hex')}@example.com`
  const report = openReport()
  const scene = { shop, customer: aCustomer(shop.api), report, email }
  report.title(`${shop.config.shop.name}: one order, from the cart to the door`)

  const cart = await fillCart(scene)
  const rate = await chooseRate(scene, cart)
  const order = await checkOut(scene, { cart, rate })
  await pay(scene, order)
  await seePromises(scene, order)
  await followParcel(scene, order)
  await tellTimeline(scene, order)
  await tellLinks(scene, order)
})

async function fillCart({ customer, report }: Scene): Promise<CartHandle> {
  const { data } = (await customer.products('?limit=100')).body
  const [first, second] = inStock(data)
  if (!first || !second) throw new Error('The catalog has no two products in stock: npm start -- --fresh')
  report.step('Products', `${data.length} in the catalog; ${first.title} and ${second.title} look good`)

  const lines = [
    { sku: first.sku, quantity: 1 },
    { sku: second.sku, quantity: 2 },
  ]
  const cart = await customer.fill(lines)
  const { body } = await customer.readCart(cart)
  report.step(
    'Cart',
    `${body.lines.length} lines, subtotal ${formatMoney(body.subtotal)}`,
    body.lines.map((line) => `${line.quantity} × ${line.name}, ${line.availability.replaceAll('_', ' ')}`),
  )
  return cart
}

/** What can be bought, in an order of chance: each demo takes other things. */
function inStock(products: readonly ProductView[]): { sku: string; title: string }[] {
  return products
    .flatMap(({ title, variants }) => variants.map((variant) => ({ ...variant, title })))
    .filter(({ availability }) => availability === 'in_stock')
    .map((variant) => ({ ...variant, chance: Math.random() }))
    .sort((one, other) => one.chance - other.chance)
}

async function chooseRate({ customer, report }: Scene, cart: CartHandle): Promise<RateView> {
  const { data } = (await customer.ratesTo(cart, berlin)).body
  const [cheapest] = data
  if (!cheapest) throw new Error('There is no shipping rate to Berlin.')
  const inWords = (rate: RateView): string => {
    const days = rate.delivery_days
    const time = days === undefined ? '' : `, ${days} ${days === 1 ? 'day' : 'days'}`
    return `${formatMoney(rate.amount).padStart(7)}  ${serviceInWords(rate)}${time}`
  }
  report.step('Rates', `${data.length} ways to ${berlin.city}`, data.map(inWords))
  return cheapest
}

async function checkOut(
  { shop, customer, report, email }: Scene,
  { cart, rate }: { cart: CartHandle; rate: RateView },
): Promise<OrderHandle> {
  const reply = await customer.order(cart, { email, rateId: rate.id })
  const { number, total, totals, expires_at: until, status } = reply.body
  if (!total || !totals || status !== 'pending_payment')
    throw new Error(`Not open for payment: ${reply.text}`)
  const order = handleOf(reply)
  const { subtotal, shipping, tax, tax_included: included } = totals
  report.step('Checkout', `order ${number}: the goods are held until ${until?.slice(11, 19)} UTC`, [
    `${formatMoney(total)} to pay: goods ${formatMoney(subtotal)}, shipping ${formatMoney(shipping)}, ` +
      `tax ${formatMoney(tax)} on top and ${formatMoney(included)} included`,
    ...(await workflowOf(shop, { order, status: 'RUNNING' })),
  ])
  return order
}

async function pay({ customer, report }: Scene, order: OrderHandle): Promise<void> {
  const declined = await customer.pay(order, { card: 'pm_card_visa_chargeDeclined' })
  const { detail, tries_left: triesLeft } = expectRefusal(declined, 'payment.declined')
  report.step('Bad card', `402 payment.declined: ${detail}`, [
    `${String(triesLeft)} tries left; the goods are still held`,
  ])

  const paid = await customer.pay(order, { card: 'pm_card_visa' })
  if (paid.body.status !== 'confirmed') throw new Error(`The order is not confirmed: ${paid.text}`)
  report.step('Good card', `order ${paid.body.number} is confirmed: the money is taken`)
}

/** What a confirmed order promises: its mail and its label. */
async function seePromises(scene: Scene, order: OrderHandle): Promise<void> {
  const { shop, customer, report, email } = scene
  const mail = await mailOf(shop, { email, subject: 'is confirmed' })
  report.step('Mail', `“${mail.subject}” to ${email}`, [mail.link])

  const parcel = await eventually('the label of the parcel', async () => {
    const { shipments } = (await customer.readOrder(order)).body
    return shipments[0]
  })
  report.step('Label', `${serviceInWords(parcel)}, tracking code ${parcel.tracking_code}`, [
    ...(parcel.tracking_url === undefined ? [] : [parcel.tracking_url]),
    ...(await eventually('the end of the workflow', () =>
      workflowOf(shop, { order, status: 'COMPLETED' }).catch(() => undefined),
    )),
  ])
}

async function followParcel(scene: Scene, order: OrderHandle): Promise<void> {
  const { shop, customer, report, email } = scene
  const untilIt = async (status: 'shipped' | 'delivered'): Promise<string> =>
    eventually(`the order to be ${status}`, async () => {
      const { body } = await customer.readOrder(order)
      return body.status === status || body.status === 'delivered' ? body.number : undefined
    })

  const number = await untilIt('shipped')
  report.step('Shipped', `order ${number} has left the warehouse`)
  const mail = await mailOf(shop, { email, subject: 'on its way' })
  report.step('Mail', `“${mail.subject}” to ${email}`, [mail.link])
  await untilIt('delivered')
  report.step('Delivered', `order ${number} is at its door`)
}

async function tellTimeline({ customer, report }: Scene, order: OrderHandle): Promise<void> {
  const { data } = (await customer.timeline(order)).body
  report.section(
    'The order’s own timeline',
    data.map(({ at, type, status, reason }) => [
      at.slice(11, 23),
      `${type}${reason === undefined ? '' : ` (${reason})`} → ${status.replaceAll('_', ' ')}`,
    ]),
  )
}

async function tellLinks({ shop, report, email }: Scene, { id, token }: OrderHandle): Promise<void> {
  const { docs, mailbox, temporal } = shop.pages
  const workflow = encodeURIComponent(`place-order:${id}`)
  const { namespace } = shop.config.temporal
  await expectPage(`${shop.api}/orders/${id}?token=${token}`)
  report.section('Look at it', [
    ['Order page', `${shop.config.shop.storefrontUrl}/orders/${id}?token=${token}`],
    ...(temporal ? [['Workflow', `${temporal}/namespaces/${namespace}/workflows/${workflow}`] as const] : []),
    ...(mailbox ? [['Mailbox', `${mailbox}/?to=${encodeURIComponent(email)}`] as const] : []),
    ['API', docs],
  ])
}
