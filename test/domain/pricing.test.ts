import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { priceOrder, subtotalOf } from '../../domain/pricing.ts'
import type { LineToPrice, OrderToPrice, PricedOrder } from '../../domain/pricing.ts'
import { chargeStep } from '../../domain/money.ts'
import { sku } from '../../domain/ids.ts'
import { taxClasses, taxRuleFor } from '../../domain/tax.ts'
import type { TaxClass, TaxPlace } from '../../domain/tax.ts'

const places: TaxPlace[] = [
  { country: 'DE' },
  { country: 'FI' },
  { country: 'JP' },
  { country: 'KW' },
  { country: 'US', region: 'NJ' },
  { country: 'US', region: 'OR' },
  { country: 'CA', region: 'QC' },
]

/** Lines as short as a hand calculation: `[quantity, unitPriceMinor, taxClass]`. */
type Row = readonly [quantity: number, unitPriceMinor: number, taxClass: TaxClass]

function linesOf(rows: readonly Row[]): LineToPrice[] {
  return rows.map(([quantity, unitPriceMinor, taxClass], index) => ({
    lineId: `line-${index}`,
    sku: sku(`SKU-${index}`),
    quantity,
    unitPriceMinor,
    taxClass,
  }))
}

function anOrder({ rows = [], ...given }: Partial<OrderToPrice> & { rows?: readonly Row[] }): OrderToPrice {
  return {
    currency: 'EUR',
    destination: { country: 'DE' },
    lines: linesOf(rows),
    discounts: [],
    shipping: { amountMinor: 0, taxClass: 'standard' },
    ...given,
  }
}

const off = (amountMinor: number, code = 'OFF') => ({ code, amountMinor })
const ship = (amountMinor: number, taxClass: TaxClass = 'standard') => ({ amountMinor, taxClass })

/** [tax on top, included tax] of each line. */
const taxesOf = (priced: PricedOrder) => priced.lines.map((line) => [line.taxMinor, line.taxIncludedMinor])

function totalsOf(priced: PricedOrder) {
  const {
    subtotalMinor,
    discountMinor,
    shippingMinor,
    taxMinor,
    taxIncludedMinor,
    roundingMinor,
    totalMinor,
  } = priced
  return [subtotalMinor, discountMinor, shippingMinor, taxMinor, taxIncludedMinor, roundingMinor, totalMinor]
}

describe('an order is priced as worked out by hand', () => {
  it('Germany: 19 % is inside the price of goods and shipping', () => {
    const priced = priceOrder(anOrder({ rows: [[1, 1999, 'standard']], shipping: ship(490) }))
    // 1999 × 19/119 = 319.17; 490 × 19/119 = 78.24
    assert.deepEqual(totalsOf(priced), [1999, 0, 490, 0, 397, 0, 2489])
    assert.deepEqual(priced.shipping, {
      amountMinor: 490,
      taxMinor: 0,
      taxIncludedMinor: 78,
      taxRatePer100k: 19_000,
      taxMode: 'included',
      totalMinor: 490,
    })
  })

  it('Germany: mixed classes share a discount by the largest remainder', () => {
    const rows: Row[] = [
      [2, 999, 'reduced'],
      [1, 4990, 'standard'],
    ]
    const priced = priceOrder(anOrder({ rows, discounts: [off(1000)] }))
    // 1000 × 1998/6988 = 285.92 → 286; 1000 × 4990/6988 = 714.08 → 714
    // 1712 × 7/107 = 112; 4276 × 19/119 = 682.72
    assert.deepEqual(priced.lines, [
      {
        lineId: 'line-0',
        subtotalMinor: 1998,
        discountMinor: 286,
        taxMinor: 0,
        taxIncludedMinor: 112,
        taxRatePer100k: 7_000,
        taxMode: 'included',
        totalMinor: 1712,
      },
      {
        lineId: 'line-1',
        subtotalMinor: 4990,
        discountMinor: 714,
        taxMinor: 0,
        taxIncludedMinor: 683,
        taxRatePer100k: 19_000,
        taxMode: 'included',
        totalMinor: 4276,
      },
    ])
    assert.deepEqual(totalsOf(priced), [6988, 1000, 0, 0, 795, 0, 5988])
  })

  it('Japan: 10 % and 8 % in yen, without decimals', () => {
    const rows: Row[] = [
      [3, 330, 'standard'],
      [1, 1080, 'reduced'],
    ]
    const order = anOrder({ currency: 'JPY', destination: { country: 'JP' }, rows, shipping: ship(550) })
    // 990 × 10/110 = 90; 1080 × 8/108 = 80; 550 × 10/110 = 50
    assert.deepEqual(totalsOf(priceOrder(order)), [2070, 0, 550, 0, 220, 0, 2620])
  })

  it('Japan: a yen of tax is rounded per line, not per order', () => {
    const rows: Row[] = [
      [1, 99, 'reduced'],
      [1, 99, 'reduced'],
      [1, 105, 'standard'],
    ]
    const priced = priceOrder(anOrder({ currency: 'JPY', destination: { country: 'JP' }, rows }))
    // 99 × 8/108 = 7.33 → 7 twice (together it would be 14.67 → 15); 105 × 10/110 = 9.55 → 10
    assert.deepEqual(taxesOf(priced), [
      [0, 7],
      [0, 7],
      [0, 10],
    ])
    assert.equal(priced.totalMinor, 303)
  })

  it('Kuwait: no tax, and the total is rounded up to ten fils', () => {
    const order = anOrder({ currency: 'KWD', destination: { country: 'KW' }, rows: [[3, 1333, 'standard']] })
    // 3 × 1.333 + 5.000 = 8.999 → 9.000
    assert.deepEqual(totalsOf(priceOrder({ ...order, shipping: ship(5000) })), [3999, 0, 5000, 0, 0, 1, 9000])
  })

  it('Kuwait: four fils go down, five go up', () => {
    const order = anOrder({ currency: 'KWD', destination: { country: 'KW' } })
    const priceOf = (unitPriceMinor: number) =>
      totalsOf(priceOrder({ ...order, lines: linesOf([[1, unitPriceMinor, 'standard']]) }))
    assert.deepEqual(priceOf(1234), [1234, 0, 0, 0, 0, -4, 1230])
    assert.deepEqual(priceOf(1235), [1235, 0, 0, 0, 0, 5, 1240])
    assert.deepEqual(priceOf(1230), [1230, 0, 0, 0, 0, 0, 1230])
  })

  it('dinars to Germany: included tax is taken before the total is rounded', () => {
    const priced = priceOrder(anOrder({ currency: 'KWD', rows: [[1, 12_345, 'standard']] }))
    // 12.345 × 19/119 = 1.97105
    assert.deepEqual(totalsOf(priced), [12_345, 0, 0, 0, 1971, 5, 12_350])
  })

  it('dinars to New Jersey: tax on top is part of what is rounded', () => {
    const destination = { country: 'US', region: 'NJ' }
    const priced = priceOrder(anOrder({ currency: 'KWD', destination, rows: [[1, 10_000, 'standard']] }))
    // 10.000 × 6.625 % = 0.6625 → 0.663; 10.663 → 10.660
    assert.deepEqual(totalsOf(priced), [10_000, 0, 0, 663, 0, -3, 10_660])
  })

  it('Wisconsin: exactly half a cent goes up, odd or even', () => {
    const rows: Row[] = [
      [1, 10, 'standard'],
      [1, 30, 'standard'],
      [1, 50, 'standard'],
      [1, 9, 'standard'],
    ]
    const priced = priceOrder(
      anOrder({ currency: 'USD', destination: { country: 'US', region: 'WI' }, rows }),
    )
    // 5 %: 0.5 → 1, 1.5 → 2, 2.5 → 3, 0.45 → 0
    assert.deepEqual(taxesOf(priced), [
      [1, 0],
      [2, 0],
      [3, 0],
      [0, 0],
    ])
    assert.deepEqual(totalsOf(priced), [99, 0, 0, 6, 0, 0, 105])
  })

  it('New Jersey: 6.625 % is finer than a basis point', () => {
    const rows: Row[] = [
      [1, 4000, 'standard'],
      [2, 200, 'standard'],
      [1, 1250, 'zero'],
    ]
    const order = anOrder({ currency: 'USD', destination: { country: 'US', region: 'NJ' }, rows })
    // 40.00 → 2.65; 4.00 → 0.265 → 0.27; zero; shipping 8.00 → 0.53
    assert.deepEqual(totalsOf(priceOrder({ ...order, shipping: ship(800) })), [5650, 0, 800, 345, 0, 0, 6795])
  })

  it('New York: a discount lowers the tax on top', () => {
    const rows: Row[] = [
      [1, 1000, 'standard'],
      [1, 1000, 'standard'],
      [1, 1000, 'standard'],
    ]
    const destination = { country: 'US', region: 'NY' }
    const priced = priceOrder(anOrder({ currency: 'USD', destination, rows, discounts: [off(1000)] }))
    // 334 + 333 + 333 off; 4 % of 6.66 = 0.2664 and of 6.67 = 0.2668, all 0.27
    assert.deepEqual(
      priced.lines.map((line) => [line.discountMinor, line.taxMinor, line.totalMinor]),
      [
        [334, 27, 693],
        [333, 27, 694],
        [333, 27, 694],
      ],
    )
    assert.deepEqual(totalsOf(priced), [3000, 1000, 0, 81, 0, 0, 2081])
  })

  it('Quebec: 5 % and 9.975 % add to 14.975 %', () => {
    const destination = { country: 'CA', region: 'QC' }
    const priced = priceOrder(anOrder({ currency: 'USD', destination, rows: [[1, 10_000, 'standard']] }))
    // 14.975 → 14.98
    assert.deepEqual(totalsOf(priced), [10_000, 0, 0, 1498, 0, 0, 11_498])
  })

  it('Oregon and Australia: no tax, and a tenth inside', () => {
    const rows: Row[] = [[1, 1100, 'standard']]
    const oregon = priceOrder(
      anOrder({ currency: 'USD', destination: { country: 'US', region: 'OR' }, rows }),
    )
    assert.deepEqual(totalsOf(oregon), [1100, 0, 0, 0, 0, 0, 1100])
    const australia = priceOrder(anOrder({ currency: 'USD', destination: { country: 'AU' }, rows }))
    assert.deepEqual(totalsOf(australia), [1100, 0, 0, 0, 100, 0, 1100])
  })

  it('Britain: books at zero beside goods at 20 %', () => {
    const rows: Row[] = [
      [1, 1250, 'zero'],
      [1, 300, 'standard'],
    ]
    const order = anOrder({ currency: 'GBP', destination: { country: 'GB' }, rows, shipping: ship(390) })
    // 300/6 = 50; 390/6 = 65
    assert.deepEqual(totalsOf(priceOrder(order)), [1550, 0, 390, 0, 115, 0, 1940])
  })

  it('shipping is taxed by its own class, whatever the goods are', () => {
    const german = anOrder({ rows: [[1, 1190, 'standard']] })
    // 10.70 × 7/107 = 0.70; beside 11.90 × 19/119 = 1.90
    assert.equal(priceOrder({ ...german, shipping: ship(1070, 'reduced') }).shipping.taxIncludedMinor, 70)
    assert.equal(priceOrder({ ...german, shipping: ship(1070, 'reduced') }).taxIncludedMinor, 260)

    const jersey = anOrder({ destination: { country: 'US', region: 'NJ' }, rows: [[1, 4000, 'zero']] })
    assert.deepEqual(
      totalsOf(priceOrder({ ...jersey, shipping: ship(800, 'zero') })),
      [4000, 0, 800, 0, 0, 0, 4800],
    )
    assert.deepEqual(totalsOf(priceOrder({ ...jersey, shipping: ship(800) })), [4000, 0, 800, 53, 0, 0, 4853])
  })

  it('Switzerland and Finland: rates with a decimal', () => {
    const rows: Row[] = [[1, 10_810, 'standard']]
    assert.equal(priceOrder(anOrder({ destination: { country: 'CH' }, rows })).taxIncludedMinor, 810)
    const finnish: Row[] = [[1, 12_550, 'standard']]
    assert.equal(
      priceOrder(anOrder({ destination: { country: 'FI' }, rows: finnish })).taxIncludedMinor,
      2550,
    )
  })
})

describe('discounts', () => {
  it('take off what there is, in their order, and leave shipping alone', () => {
    const order = anOrder({ rows: [[2, 1000, 'standard']], shipping: ship(490) })
    const priced = priceOrder({ ...order, discounts: [off(1500, 'A'), off(1000, 'B'), off(1, 'C')] })
    assert.deepEqual(priced.discounts, [off(1500, 'A'), off(500, 'B'), off(0, 'C')])
    assert.deepEqual(totalsOf(priced), [2000, 2000, 490, 0, 78, 0, 490])
  })

  it('make an order free, never negative', () => {
    const priced = priceOrder(
      anOrder({ rows: [[1, 5, 'standard']], discounts: [off(Number.MAX_SAFE_INTEGER)] }),
    )
    assert.deepEqual(totalsOf(priced), [5, 5, 0, 0, 0, 0, 0])
  })

  it('do nothing to an order of nothing, or of gifts', () => {
    assert.deepEqual(totalsOf(priceOrder(anOrder({ discounts: [off(100)] }))), [0, 0, 0, 0, 0, 0, 0])
    const gift = priceOrder(anOrder({ rows: [[1, 0, 'standard']], discounts: [off(100)] }))
    assert.deepEqual(totalsOf(gift), [0, 0, 0, 0, 0, 0, 0])
  })
})

const row: fc.Arbitrary<Row> = fc.tuple(
  fc.integer({ min: 1, max: 999 }),
  fc.oneof(fc.nat(200), fc.nat(5_000_000)),
  fc.constantFrom(...taxClasses),
)

const orders = fc
  .record({
    currency: fc.constantFrom('EUR', 'JPY', 'KWD', 'USD'),
    destination: fc.constantFrom(...places),
    rows: fc.array(row, { minLength: 1, maxLength: 100, size: 'max' }),
    discounts: fc.array(
      fc.oneof(fc.nat(5_000), fc.nat(50_000_000)).map((amountMinor) => off(amountMinor)),
      { maxLength: 3 },
    ),
    shipping: fc.record({ amountMinor: fc.nat(50_000), taxClass: fc.constantFrom(...taxClasses) }),
  })
  .map((given): OrderToPrice => anOrder(given))

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('whatever is ordered', () => {
  it('adds up, to the last minor unit, per line and as a whole (I7)', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const priced = priceOrder(order)
        for (const line of priced.lines) {
          assert.equal(line.totalMinor, line.subtotalMinor - line.discountMinor + line.taxMinor)
        }
        assert.equal(priced.shipping.totalMinor, priced.shipping.amountMinor + priced.shipping.taxMinor)
        assert.equal(
          priced.totalMinor,
          priced.subtotalMinor +
            priced.shippingMinor +
            priced.taxMinor -
            priced.discountMinor +
            priced.roundingMinor,
        )
        const parts = [...priced.lines, priced.shipping]
        assert.equal(priced.totalMinor, sum(parts.map((part) => part.totalMinor)) + priced.roundingMinor)
        assert.equal(priced.taxMinor, sum(parts.map((part) => part.taxMinor)))
        assert.equal(priced.taxIncludedMinor, sum(parts.map((part) => part.taxIncludedMinor)))
        assert.equal(priced.subtotalMinor, sum(priced.lines.map((line) => line.subtotalMinor)))
        assert.equal(priced.subtotalMinor, subtotalOf(order.lines))
        assert.ok(totalsOf(priced).every(Number.isSafeInteger))
      }),
    )
  })

  it('is rounded in dinars only, by less than a step, to something a card can be charged', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const { currency, roundingMinor, totalMinor } = priceOrder(order)
        assert.equal(totalMinor % chargeStep(currency), 0)
        if (currency === 'KWD') assert.ok(roundingMinor > -5 && roundingMinor <= 5)
        else assert.equal(roundingMinor, 0)
      }),
    )
  })

  it('costs the same with and without the tax that is included', () => {
    fc.assert(
      fc.property(orders, fc.constantFrom('DE', 'FI', 'JP', 'CH'), (order, country) => {
        const untaxed = {
          ...order,
          destination: { country },
          lines: order.lines.map((line) => ({ ...line, taxClass: 'zero' as const })),
          shipping: { ...order.shipping, taxClass: 'zero' as const },
        }
        const taxed = priceOrder({ ...order, destination: { country } })
        assert.equal(taxed.totalMinor, priceOrder(untaxed).totalMinor)
        assert.equal(taxed.taxMinor, 0)
        for (const part of [...taxed.lines, taxed.shipping]) {
          assert.ok(part.taxIncludedMinor >= 0 && part.taxIncludedMinor <= part.totalMinor)
        }
      }),
    )
  })

  it('gives every discount away exactly, and no line more than it costs', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const priced = priceOrder(order)
        const asked = sum(order.discounts.map((discount) => discount.amountMinor))
        assert.equal(priced.discountMinor, Math.min(asked, priced.subtotalMinor))
        assert.equal(priced.discountMinor, sum(priced.discounts.map((discount) => discount.amountMinor)))
        assert.equal(priced.discountMinor, sum(priced.lines.map((line) => line.discountMinor)))
        for (const line of priced.lines)
          assert.ok(line.discountMinor >= 0 && line.discountMinor <= line.subtotalMinor)
      }),
    )
  })

  it('is taxed half up, line by line, and shipping by itself', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const { lines, shipping } = priceOrder(order)
        const classes = [...order.lines.map((line) => line.taxClass), order.shipping.taxClass]
        for (const [index, line] of [...lines, shipping].entries()) {
          const taxClass = classes[index] ?? 'standard'
          const rule = taxRuleFor({ ...order.destination, taxClass })
          assert.deepEqual([line.taxRatePer100k, line.taxMode], [rule.ratePer100k, rule.mode])
          const net = BigInt(line.totalMinor - line.taxMinor)
          const rate = BigInt(line.taxRatePer100k)
          const onTop = line.taxMode === 'on_top'
          const tax = BigInt(onTop ? line.taxMinor : line.taxIncludedMinor)
          const whole = onTop ? 100_000n : 100_000n + rate
          const twiceOff = 2n * (tax * whole - net * rate)
          assert.ok(twiceOff <= whole && twiceOff > -whole)
          assert.equal(onTop ? line.taxIncludedMinor : line.taxMinor, 0)
        }
      }),
    )
  })

  it('costs the same in any order of its lines, but for cents that several lines have an equal claim to', () => {
    const shuffled = orders.chain((order) =>
      fc.tuple(
        fc.constant(order),
        fc.shuffledSubarray([...order.lines], {
          minLength: order.lines.length,
          maxLength: order.lines.length,
        }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([order, lines]) => {
        const first = priceOrder(order)
        const second = priceOrder({ ...order, lines })
        assert.equal(second.subtotalMinor, first.subtotalMinor)
        assert.equal(second.discountMinor, first.discountMinor)

        const claims = first.lines.map(
          (line) =>
            (BigInt(first.discountMinor) * BigInt(line.subtotalMinor)) % BigInt(first.subtotalMinor || 1),
        )
        if (new Set(claims).size < claims.length && first.discountMinor > 0) {
          if (first.lines[0]?.taxMode === 'included') assert.equal(second.totalMinor, first.totalMinor)
          return
        }
        assert.deepEqual(totalsOf(second), totalsOf(first))
        const byId = new Map(first.lines.map((line) => [line.lineId, line]))
        for (const line of second.lines) assert.deepEqual(line, byId.get(line.lineId))
      }),
    )
  })

  it('never costs less for one piece more', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const [head, ...tail] = order.lines
        assert.ok(head)
        const more = { ...order, discounts: [], lines: [{ ...head, quantity: head.quantity + 1 }, ...tail] }
        assert.ok(priceOrder(more).totalMinor >= priceOrder({ ...order, discounts: [] }).totalMinor)
      }),
    )
  })

  it('is answered as plain JSON that comes back the same', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const priced = priceOrder(order)
        assert.deepEqual(JSON.parse(JSON.stringify(priced)), priced)
      }),
    )
  })

  it('keeps a hundred lines of the largest sums exact', () => {
    const rows = Array.from({ length: 100 }, (_, index): Row => [999, 80_000_000_000 + index, 'standard'])
    const priced = priceOrder(
      anOrder({ currency: 'USD', destination: { country: 'US', region: 'NJ' }, rows, discounts: [off(1)] }),
    )
    const exact = rows.reduce((total, [quantity, price]) => total + BigInt(quantity) * BigInt(price), 0n)
    assert.equal(BigInt(priced.subtotalMinor), exact)
    assert.equal(sum(priced.lines.map((line) => line.discountMinor)), 1)
    assert.equal(BigInt(priced.totalMinor), exact - 1n + BigInt(priced.taxMinor))
  })
})

describe('what cannot be priced exactly is refused', () => {
  const refuses = (given: Parameters<typeof anOrder>[0]) =>
    assert.throws(() => priceOrder(anOrder(given)), RangeError, JSON.stringify(given))

  it('quantities and prices that are none', () => {
    for (const quantity of [0, -1, 1.5, NaN, Infinity, 2 ** 53])
      refuses({ rows: [[quantity, 100, 'standard']] })
    for (const price of [-1, 0.5, NaN, Infinity, 2 ** 53]) refuses({ rows: [[1, price, 'standard']] })
    for (const amountMinor of [-1, 0.5, NaN]) {
      refuses({ shipping: ship(amountMinor) })
      refuses({ rows: [[1, 100, 'standard']], discounts: [off(amountMinor)] })
    }
  })

  it('products, sums and taxes beyond the safe integers', () => {
    const most = Number.MAX_SAFE_INTEGER
    refuses({ rows: [[2, most, 'standard']] })
    refuses({ rows: [[1, most, 'standard'], [1, 1, 'standard']] }) // prettier-ignore
    refuses({ rows: [[1, most, 'standard']], shipping: ship(1) })
    refuses({ rows: [[1, most, 'standard']], destination: { country: 'US', region: 'NJ' } })
    assert.equal(priceOrder(anOrder({ rows: [[1, most, 'standard']] })).totalMinor, most)
    assert.throws(() => subtotalOf([{ quantity: 0, unitPriceMinor: 1 }]), RangeError)
    assert.throws(() => subtotalOf([{ quantity: 2, unitPriceMinor: most }]), RangeError)
  })

  it('names the goods that are wrong', () => {
    assert.throws(
      () => priceOrder(anOrder({ rows: [[0, 100, 'standard']] })),
      /The quantity of SKU-0 must be/,
    )
  })
})

describe('the subtotal of a cart', () => {
  it('is what its lines cost, and nothing for an empty one', () => {
    assert.equal(subtotalOf([]), 0)
    assert.equal(subtotalOf(linesOf([[2, 999, 'reduced'], [1, 4990, 'standard']])), 6988) // prettier-ignore
  })
})
