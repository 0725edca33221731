import { createHash } from 'node:crypto'
import { addressLines } from '../../domain/addresses.ts'
import { formatMoney } from '../../domain/money.ts'
import { escaped } from '../../domain/notifications/html.ts'
import { dayInWords, sumRows, webLink } from '../../domain/notifications/letter.ts'
import { isOver } from '../../domain/orders.ts'
import type { Order, OrderShipment, OrderStatus, TimelineEntry } from '../../domain/orders.ts'

/**
 * The page that the links in mails lead to: the order as its customer sees it. It needs no script, and its policy allows none; while
 * something can still happen, it is loaded anew every now and then.
 */

const style = `
body{margin:0;background:#f4f5f7;color:#1c2430;font:16px/1.5 -apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif}
main{max-width:640px;margin:0 auto;padding:32px 16px 48px}
header{font-size:20px;font-weight:700;color:#1f5d4c;padding:0 8px 16px}
section{background:#fff;border:1px solid #e6e8ec;border-radius:12px;padding:24px 28px;margin-bottom:16px}
h1{font-size:24px;margin:0 0 4px}
h2{font-size:14px;text-transform:uppercase;letter-spacing:.06em;color:#667085;margin:0 0 12px}
p{margin:0 0 8px}
.muted{color:#667085}
.badge{display:inline-block;padding:2px 12px;border-radius:999px;background:#e7f2ee;color:#1f5d4c;font-weight:600}
.badge.waiting{background:#fdf1dc;color:#8a5a00}
.badge.ended{background:#f1f2f4;color:#667085}
table{width:100%;border-collapse:collapse}
td{padding:8px 0;border-top:1px solid #e6e8ec;vertical-align:top}
tr:first-child td{border-top:0}
td:last-child{text-align:right;white-space:nowrap}
.total td{font-weight:700}
.note td{color:#667085}
ol{list-style:none;margin:0;padding:0}
li{padding:6px 0}
address{font-style:normal}
a{color:#1f5d4c}
`

/** Nothing may run, load or frame this page; only its own style sheet applies, named by its hash. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const reloadSeconds = 15

const words = {
  pending_payment: 'Waiting for payment',
  confirmed: 'Confirmed',
  shipped: 'On its way',
  delivered: 'Delivered',
  cancelling: 'Being cancelled',
  cancelled: 'Cancelled',
  expired: 'Not paid in time',
  rejected: 'Not accepted',
} as const satisfies Record<OrderStatus, string>

const tones: Readonly<Partial<Record<OrderStatus, string>>> = {
  pending_payment: ' waiting',
  cancelling: ' waiting',
  cancelled: ' ended',
  expired: ' ended',
  rejected: ' ended',
}

export function orderPage({
  shopName,
  order,
  timeline,
}: {
  shopName: string
  order: Order
  timeline: readonly TimelineEntry[]
}): string {
  const { number, status, placedAt } = order
  return page({
    shopName,
    title: `Order ${number}`,
    head: isOver(status) ? '' : `<meta http-equiv="refresh" content="${reloadSeconds}">\n`,
    body: `
<section>
<h1>Order ${escaped(number)}</h1>
<p class="muted">Placed on ${escaped(dayInWords(placedAt))}</p>
<p><span class="badge${tones[status] ?? ''}">${words[status]}</span></p>
</section>
${'shipments' in order && order.shipments.length > 0 ? parcels(order.shipments) : ''}
${goods(order)}
<section>
<h2>Goes to</h2>
<address>${addressLines(order.shipTo).map(escaped).join('<br>')}</address>
</section>
<section>
<h2>What happened</h2>
<ol>${timeline.map(entry).join('')}</ol>
</section>`,
  })
}

/** For whoever comes without the token of the order, or with one that is not its own. */
export function noOrderPage({ shopName }: { shopName: string }): string {
  return page({
    shopName,
    title: 'Order not found',
    body: `
<section>
<h1>We cannot show you this order</h1>
<p>Please open it with the link in our mail to you: it proves that the order is yours.</p>
</section>`,
  })
}

/** For whoever comes back from his bank (3-D Secure): the address that a bank knows holds no token. */
export function backFromBankPage({ shopName, passed }: { shopName: string; passed: boolean }): string {
  const said = passed
    ? `<h1>Thank you</h1>
<p>Your bank has answered. If it said yes, your order is confirmed in a moment, and our mail to you leads to it.</p>`
    : `<h1>Your bank did not approve the payment</h1>
<p>Nothing was taken. Please go back to the shop and pay with another card; we hold your goods a little longer.</p>`
  return page({ shopName, title: 'Back from your bank', body: `<section>\n${said}\n</section>` })
}

function page({
  shopName,
  title,
  head = '',
  body,
}: {
  shopName: string
  title: string
  head?: string
  body: string
}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
${head}<title>${escaped(title)} · ${escaped(shopName)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>${escaped(shopName)}</header>
${body}
</main>
</body>
</html>
`
}

function goods({ lines, totals, currency }: Order): string {
  const money = (amount: number): string => escaped(formatMoney({ amount, currency }))
  const rows = lines.map(
    (line) =>
      `<tr><td>${escaped(line.name)}<br><span class="muted">${line.quantity} × ${money(line.unitPriceMinor)}</span></td>` +
      `<td>${money(line.quantity * line.unitPriceMinor)}</td></tr>`,
  )
  const sums = totals ? sumRows({ totals, currency }) : []
  const sumLines = sums.map(
    ({ label, amount, kind }) =>
      `<tr class="${kind}"><td>${escaped(label)}</td><td>${escaped(amount)}</td></tr>`,
  )
  return `<section>
<h2>What you ordered</h2>
<table>${[...rows, ...sumLines].join('')}</table>
</section>`
}

function parcels(shipments: readonly OrderShipment[]): string {
  const parcel = ({ carrier, service, trackingCode, trackingUrl }: OrderShipment): string => {
    const link = webLink(trackingUrl)
    const code = escaped(trackingCode)
    const track = link === null ? code : `<a href="${escaped(link)}" rel="noopener noreferrer">${code}</a>`
    return `<p>${escaped(carrier)} ${escaped(service)}<br>Tracking number: ${track}</p>`
  }
  return `<section>
<h2>${shipments.length === 1 ? 'Your parcel' : 'Your parcels'}</h2>
${shipments.map(parcel).join('\n')}
</section>`
}

function entry({ type, at, reason }: TimelineEntry): string {
  const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  const why = reason === null || reason === '' ? '' : `: ${escaped(reason)}`
  return `<li>${escaped(type)}${why}<br><span class="muted">${escaped(when.format(new Date(at)))} UTC</span></li>`
}
