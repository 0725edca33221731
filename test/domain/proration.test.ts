import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { chargeStep } from '../../domain/money.ts'
import type { Currency } from '../../domain/money.ts'
import type { OrderLineId } from '../../domain/ids.ts'
import { priceOrder } from '../../domain/pricing.ts'
import { refundFor, settledWith } from '../../domain/proration.ts'
import type { LineQuantity, SettledOrder } from '../../domain/proration.ts'
import { aSku } from '../support/parts.ts'

/** Orders as they are really priced: discounts, tax included (DE) or on top (US, CA), three currencies with 0, 2 and 3 digits. */
const orders = fc
  .record({
    currency: fc.constantFrom<Currency>('EUR', 'JPY', 'KWD'),
    destination: fc.constantFrom(
      { country: 'DE' },
      { country: 'US', region: 'CA' },
      { country: 'CA', region: 'ON' },
    ),
    lines: fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 9 }),
        unitPriceMinor: fc.integer({ min: 0, max: 99_999 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    discount: fc.integer({ min: 0, max: 50_000 }),
    shipping: fc.integer({ min: 0, max: 5_000 }),
  })
  .map(({ currency, destination, lines, discount, shipping }): SettledOrder => {
    const priced = priceOrder({
      currency,
      destination,
      lines: lines.map((line, index) => ({
        ...line,
        lineId: `line_${index}` as OrderLineId,
        sku: aSku('MUG'),
        taxClass: 'standard',
      })),
      discounts: [{ code: 'TEN', amountMinor: discount }],
      shipping: { amountMinor: shipping, taxClass: 'standard' },
    })
    return {
      currency,
      totalMinor: priced.totalMinor,
      lines: priced.lines.map(({ lineId, totalMinor }, index) => ({
        lineId,
        totalMinor,
        settled: 0,
        quantity: lines[index]?.quantity ?? 0,
      })),
    }
  })

/** All units of an order, one by one, in an order that chance decides, cut into parts of chance's own. */
const cancelledInParts = orders.chain((order) => {
  const units = order.lines.flatMap(({ lineId, quantity }) => Array.from({ length: quantity }, () => lineId))
  return fc
    .tuple(
      fc.shuffledSubarray(units, { minLength: units.length, maxLength: units.length }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: units.length, maxLength: units.length }),
    )
    .map(([shuffled, sizes]) => {
      const parts: LineQuantity[][] = []
      for (let from = 0, part = 0; from < shuffled.length; part += 1) {
        const size = sizes[part] ?? 1
        parts.push(shuffled.slice(from, from + size).map((lineId) => ({ lineId, quantity: 1 })))
        from += size
      }
      return { order, parts }
    })
})

/** What each of these parts gives back, one after the other. */
function refundsOf(order: SettledOrder, parts: readonly (readonly LineQuantity[])[]): number[] {
  let now = order
  return parts.map((units) => {
    const back = refundFor(now, units)
    now = { ...now, lines: settledWith(now.lines, units) }
    return back
  })
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

describe('what goes back for a part of an order', () => {
  it('adds up to the total, to the cent, over any sequence of parts', () => {
    fc.assert(
      fc.property(cancelledInParts, ({ order, parts }) => {
        assert.equal(sum(refundsOf(order, parts)), order.totalMinor)
      }),
      { numRuns: 500 },
    )
  })

  it('is never negative, and always an amount that a card can be given back', () => {
    fc.assert(
      fc.property(cancelledInParts, ({ order, parts }) => {
        for (const back of refundsOf(order, parts)) {
          assert.ok(back >= 0)
          assert.equal(back % chargeStep(order.currency), 0)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('does not depend on the order in which parts are cancelled before it', () => {
    fc.assert(
      fc.property(cancelledInParts, ({ order, parts }) => {
        const half = parts.slice(0, Math.ceil(parts.length / 2))
        assert.equal(sum(refundsOf(order, half)), sum(refundsOf(order, [...half].reverse())))
        assert.equal(sum(refundsOf(order, half)), refundFor(order, half.flat()))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the shipping until the last of the goods goes back', () => {
    const order: SettledOrder = {
      currency: 'EUR',
      totalMinor: 3590,
      lines: [{ lineId: 'a', quantity: 3, totalMinor: 3000, settled: 0 }],
    }
    assert.deepEqual(
      refundsOf(
        order,
        [1, 1, 1].map((quantity) => [{ lineId: 'a', quantity }]),
      ),
      [1000, 1000, 1590],
    )
  })

  it('refuses a line that is not there, and more units than there are', () => {
    const order: SettledOrder = {
      currency: 'EUR',
      totalMinor: 100,
      lines: [{ lineId: 'a', quantity: 1, totalMinor: 100, settled: 0 }],
    }
    assert.throws(() => refundFor(order, [{ lineId: 'b', quantity: 1 }]), RangeError)
    assert.throws(() => refundFor(order, [{ lineId: 'a', quantity: 2 }]), RangeError)
  })
})
