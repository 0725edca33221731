import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PurchaseOrderId } from '../../domain/ids.ts'
import {
  renderOverdueOrder,
  renderReplenishmentReminder,
  renderStockDigest,
} from '../../domain/notifications/stock-mails.ts'
import { renderOrderCancelled, renderPurchaseOrder } from '../../domain/notifications/supplier-letter.ts'
import type { SupplierLetter } from '../../domain/notifications/supplier-letter.ts'

const shopName = 'Cartwright'

function aLetter(): SupplierLetter {
  const line = { unitCostMinor: 450, totalMinor: 10800, quantity: 24 }
  return {
    ...{ purchaseOrderId: 'po_1' as PurchaseOrderId, number: 'PO-100001', currency: 'EUR' },
    ...{ orderedAt: '2026-11-23T02:28:47Z', expectedOn: '2026-12-02', totalMinor: 21600 },
    lines: [
      { ...line, sku: 'MUG', warehouseId: 'berlin', supplierSku: 'F-1' },
      { ...line, sku: 'POT', warehouseId: 'attic', supplierSku: null },
    ],
    personal: {
      supplierName: 'Furrow & <b>Whittle</b>',
      email: 'orders@furrow.example',
      deliverTo: [
        {
          ...{ warehouseId: 'berlin', name: 'Berlin' },
          address: {
            ...{ name: 'Cartwright', line1: 'Westhafenstr. 1', city: 'Berlin' },
            ...{ postalCode: '13353', country: 'DE' },
          },
        },
      ],
    },
  }
}

/** The text of a page, as a reader sees it from top to bottom. */
const seen = (html: string): string =>
  html
    .replace(/<head[^]*?<\/head>|<[^>]*>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replace(/\s+/g, ' ')

describe('the mail that orders', () => {
  it('says what, how many, where to and by when, in the supplier’s own terms', () => {
    const { subject, html, text } = renderPurchaseOrder({ shopName, letter: aLetter() })

    assert.equal(subject, 'Purchase order PO-100001 from Cartwright')
    for (const shown of [seen(html), text]) {
      assert.match(shown, /24 × +F-1 \(our MUG\)/)
      assert.match(shown, /24 × +POT/)
      assert.match(shown, /December 2, 2026/)
      assert.match(shown, /Westhafenstr. 1/)
      assert.match(shown, /€216\.00/)
    }
    assert.ok(html.includes('Furrow &amp; &lt;b&gt;Whittle&lt;/b&gt;'))
  })

  it('asks for its number on the delivery note before it says where to, not among the lines of an address', () => {
    const shown = seen(renderPurchaseOrder({ shopName, letter: aLetter() }).html)

    const asks = shown.indexOf('on the delivery note')
    assert.ok(asks > 0 && asks < shown.indexOf('Deliver to'), shown)
  })

  it('is taken back by its number', () => {
    const { subject, html, text } = renderOrderCancelled({ shopName, letter: aLetter() })

    assert.equal(subject, 'Purchase order PO-100001 is cancelled')
    for (const shown of [seen(html), text]) assert.match(shown, /Please do not send it/)
  })
})

describe('the mails to those who keep the stock', () => {
  const item = { sku: 'MUG', warehouseId: 'berlin', quantity: 42, because: ['0 of MUG can be sold.'] }

  it('tell the most urgent of a run, and how many more there are', () => {
    const found = { checkedAt: '2026-11-23T02:00:00Z', levels: 5000, low: 80 }
    const { subject, text } = renderStockDigest({
      shopName,
      digest: { ...found, started: 60, waiting: 75, items: [item] },
    })
    const quiet = renderStockDigest({
      shopName,
      digest: { ...found, started: 0, waiting: 1, items: [] },
    })

    assert.equal(subject, '60 items run low; 75 to decide about')
    assert.match(text, /MUG in berlin: order 42\?\n {2}0 of MUG can be sold\.\n\nAnd 59 more/)
    assert.equal(quiet.subject, 'Nothing new runs low; 1 to decide about')
    assert.match(quiet.text, /1 replenishment waits for a decision/)
  })

  it('remind, go one step higher, and ask after what does not come', () => {
    const shortage = {
      ...{ ...item, replenishmentId: 'rpl_1' },
      ...{ alertedAt: '2026-11-23T02:28:24Z', expiresAt: '2026-12-07T02:28:24Z' },
    }
    const reminder = renderReplenishmentReminder({ shopName, shortage, escalated: false })
    const higher = renderReplenishmentReminder({ shopName, shortage, escalated: true })
    const lines = [{ sku: 'MUG', warehouseId: 'berlin', outstanding: 24 }]
    const order = {
      ...{ purchaseOrderId: 'po_1', number: 'PO-1', supplierName: 'Furrow', expectedOn: '2026-12-02' },
      lines,
    }
    const overdue = renderOverdueOrder({ shopName, order })

    assert.equal(reminder.subject, 'MUG in berlin still waits to be ordered')
    assert.equal(higher.subject, 'Nobody decides about MUG in berlin')
    for (const { text } of [reminder, higher])
      assert.match(text, /since November 23, 2026\. Unless somebody decides, this ends on December 7, 2026/)
    assert.match(overdue.text, /Furrow was to deliver PO-1 by December 2, 2026[^]*24 of MUG/)
  })
})
