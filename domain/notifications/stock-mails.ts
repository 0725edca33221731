import { escaped, heading, page, panel, paragraph, sectionTitle } from './html.ts'
import type { Html } from './html.ts'
import { dayInWords, oneLine } from './letter.ts'
import type { RenderedMail } from './letter.ts'

/** Mails to the people who keep the stock. They name SKUs and warehouses, never customers. */

interface StockMail {
  readonly shopName: string
  readonly subject: string
  readonly lead: string
  readonly items: readonly StockMailItem[]
  /** What to do next. */
  readonly next: string
}

interface StockMailItem {
  readonly title: string
  readonly sentences: readonly string[]
}

function render({ shopName, subject, lead, items, next }: StockMail): RenderedMail {
  return {
    subject: oneLine(subject),
    html: page({
      shopName,
      title: subject,
      preview: lead,
      body: [
        heading(subject),
        paragraph(escaped(lead)),
        ...items.map(shownItem),
        paragraph(escaped(next)),
      ].join('\n'),
      footer: `You receive this mail because you look after the stock of ${escaped(shopName)}.`,
    }),
    text: [
      subject,
      '',
      lead,
      '',
      ...items.flatMap(({ title, sentences }) => [
        oneLine(title),
        ...sentences.map((sentence) => `  ${oneLine(sentence)}`),
        '',
      ]),
      next,
      '',
    ].join('\n'),
  }
}

function shownItem({ title, sentences }: StockMailItem): Html {
  return panel(
    [sectionTitle(title), `<p style="margin:0;">${sentences.map(escaped).join('<br>')}</p>`].join('\n'),
  )
}

/** A level that runs low, as the digest tells it. */
export interface DigestItem {
  readonly sku: string
  readonly warehouseId: string
  readonly quantity: number
  readonly because: readonly string[]
}

export interface StockDigest {
  readonly checkedAt: string
  readonly levels: number
  readonly low: number
  /** Shortages that this run found. */
  readonly started: number
  /** The most urgent of these, most urgent first. */
  readonly items: readonly DigestItem[]
  /** All shortages that wait for a decision. */
  readonly waiting: number
}

/** The one mail of a run: what is new, and how much waits for a decision. */
export function renderStockDigest({
  shopName,
  digest,
}: {
  shopName: string
  digest: StockDigest
}): RenderedMail {
  const { levels, low, started, items, waiting, checkedAt } = digest
  const fresh = started === 0 ? 'Nothing new runs low' : `${things(started, 'item runs', 'items run')} low`
  const unseen = started - items.length
  return render({
    shopName,
    subject: `${fresh}; ${waiting} to decide about`,
    lead:
      `${levels} stock levels were checked on ${dayInWords(checkedAt)}: ${low} are low, ${started} of them newly. ` +
      `${things(waiting, 'replenishment waits', 'replenishments wait')} for a decision.`,
    items: [
      ...items.map(({ sku, warehouseId, quantity, because }) => ({
        title: `${sku} in ${warehouseId}: order ${quantity}?`,
        sentences: because,
      })),
      ...(unseen > 0 ? [{ title: `And ${unseen} more`, sentences: [] }] : []),
    ],
    next: 'Approve or reject each one: GET /v1/admin/replenishments?status=waiting lists them, the most recent first.',
  })
}

/** A shortage about which nobody has decided. */
export interface WaitingShortage extends DigestItem {
  readonly replenishmentId: string
  readonly alertedAt: string
  readonly expiresAt: string
}

/** The mail that reminds, or that goes one step higher. */
export function renderReplenishmentReminder({
  shopName,
  shortage,
  escalated,
}: {
  shopName: string
  shortage: WaitingShortage
  escalated: boolean
}): RenderedMail {
  const { sku, warehouseId, quantity, because, replenishmentId, alertedAt, expiresAt } = shortage
  const since = dayInWords(alertedAt)
  return render({
    shopName,
    subject: escalated
      ? `Nobody decides about ${sku} in ${warehouseId}`
      : `${sku} in ${warehouseId} still waits to be ordered`,
    lead: `It has run low since ${since}. Unless somebody decides, this ends on ${dayInWords(expiresAt)}, and the next check begins anew.`,
    items: [{ title: `Order ${quantity} of ${sku}?`, sentences: because }],
    next: `Approve it with POST /v1/admin/replenishments/${replenishmentId}/approve, or reject it with a reason.`,
  })
}

/** An order that has not come in time. */
export interface OverdueOrder {
  readonly purchaseOrderId: string
  readonly number: string
  readonly supplierName: string
  readonly expectedOn: string
  readonly lines: readonly {
    readonly sku: string
    readonly warehouseId: string
    readonly outstanding: number
  }[]
}

/** The mail that says: ask the supplier. */
export function renderOverdueOrder({
  shopName,
  order,
}: {
  shopName: string
  order: OverdueOrder
}): RenderedMail {
  const { number, supplierName, expectedOn, lines, purchaseOrderId } = order
  return render({
    shopName,
    subject: `${number} is overdue`,
    lead: `${supplierName} was to deliver ${number} by ${dayInWords(expectedOn)}. This is still missing:`,
    items: lines.map(({ sku, warehouseId, outstanding }) => ({
      title: `${outstanding} of ${sku}`,
      sentences: [`for ${warehouseId}`],
    })),
    next: `Ask the supplier. If no more comes, close it: POST /v1/admin/purchase-orders/${purchaseOrderId}/close.`,
  })
}

const things = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
