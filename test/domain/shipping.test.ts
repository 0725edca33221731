import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { convertRate, isShippable, shippableCountries, tableRates } from '../../domain/shipping.ts'
import { countriesOf, zoneRates } from '../../domain/shipping-rates.ts'
import { chargeStep, currencies } from '../../domain/money.ts'

const country = fc.constantFrom(...shippableCountries)
const currency = fc.constantFrom(...currencies)
const amountsOf = (parcel: Parameters<typeof tableRates>[0]): number[] =>
  tableRates(parcel).map((rate) => rate.amountMinor)

describe('the countries we ship to', () => {
  it('are in one zone each', () => {
    const all = Object.values(countriesOf).flat()
    assert.equal(new Set(all).size, all.length)
    assert.equal(countriesOf.eu.length + countriesOf.domestic.length, 27)
  })

  it('are written in capitals; nothing else is shippable', () => {
    for (const code of ['DE', 'US', 'JP', 'KW']) assert.ok(isShippable(code))
    for (const code of ['de', 'ZZ', 'AQ', '', '__proto__', 'constructor', 'UK', 'EL'])
      assert.ok(!isShippable(code))
  })
})

describe('table rates', () => {
  it('are what the table says', () => {
    assert.deepEqual(tableRates({ country: 'DE', grams: 800, subtotalMinor: 1999, currency: 'EUR' }), [
      { carrier: 'Cartwright Table', service: 'Standard', amountMinor: 490, deliveryDays: 3 },
      { carrier: 'Cartwright Table', service: 'Express', amountMinor: 990, deliveryDays: 1 },
    ])
    assert.deepEqual(
      amountsOf({ country: 'FR', grams: 1_001, subtotalMinor: 0, currency: 'EUR' }),
      [1_190, 2_490],
    )
    assert.deepEqual(
      amountsOf({ country: 'JP', grams: 0, subtotalMinor: 0, currency: 'JPY' }),
      [4_330, 8_680],
    )
  })

  it('change with the gram after a step, not with the step', () => {
    assert.deepEqual(
      amountsOf({ country: 'DE', grams: 1_000, subtotalMinor: 0, currency: 'EUR' }),
      [490, 990],
    )
    assert.deepEqual(
      amountsOf({ country: 'DE', grams: 1_001, subtotalMinor: 0, currency: 'EUR' }),
      [590, 1_190],
    )
    assert.deepEqual(
      amountsOf({ country: 'DE', grams: 31_500, subtotalMinor: 0, currency: 'EUR' }),
      [1_990, 3_490],
    )
  })

  it('send what is heavier than a parcel as several', () => {
    assert.deepEqual(
      amountsOf({ country: 'DE', grams: 31_501, subtotalMinor: 0, currency: 'EUR' }),
      [2_480, 4_480],
    )
    assert.deepEqual(
      amountsOf({ country: 'DE', grams: 63_000, subtotalMinor: 0, currency: 'EUR' }),
      [3_980, 6_980],
    )
  })

  it('let standard shipping go free from the threshold up, and express never', () => {
    assert.deepEqual(
      amountsOf({ country: 'DE', grams: 800, subtotalMinor: 4_999, currency: 'EUR' }),
      [490, 990],
    )
    assert.deepEqual(
      amountsOf({ country: 'DE', grams: 800, subtotalMinor: 5_000, currency: 'EUR' }),
      [0, 990],
    )
  })

  it('are none for a country that we do not ship to', () => {
    for (const code of ['AQ', 'de', '__proto__']) {
      assert.deepEqual(tableRates({ country: code, grams: 1, subtotalMinor: 1, currency: 'EUR' }), [])
    }
  })

  it('never fall when the weight grows, and express always costs more and is faster', () => {
    const parcel = fc.record({ country, currency, grams: fc.nat(200_000), subtotalMinor: fc.nat(100_000) })
    fc.assert(
      fc.property(parcel, fc.nat(200_000), (light, moreGrams) => {
        const [standard, express] = tableRates(light)
        assert.ok(standard && express)
        assert.ok(standard.amountMinor < express.amountMinor && standard.deliveryDays > express.deliveryDays)
        const heavier = amountsOf({ ...light, grams: light.grams + moreGrams })
        assert.ok(standard.amountMinor <= (heavier[0] ?? -1) && express.amountMinor <= (heavier[1] ?? -1))
        assert.ok([standard, express].every((rate) => Number.isSafeInteger(rate.amountMinor)))
      }),
    )
  })

  it('can be charged without rounding, and cost more the further it goes', () => {
    for (const code of currencies) {
      const zones = Object.values(zoneRates[code])
      const prices = zones.flatMap((zone) => [...zone.standardMinor, ...zone.expressMinor])
      assert.ok(
        prices.every((price) => price > 0 && price % chargeStep(code) === 0),
        code,
      )
      zones.slice(1).forEach((zone, index) => {
        const nearer = zones[index]
        assert.ok(nearer && nearer.freeFromMinor < zone.freeFromMinor, code)
        assert.ok(
          zone.standardMinor.every((price, step) => price > (nearer.standardMinor[step] ?? price)),
          code,
        )
        assert.ok(
          zone.expressMinor.every((price, step) => price > (nearer.expressMinor[step] ?? price)),
          code,
        )
      })
    }
  })

  it('refuse weights and values that are none', () => {
    for (const wrong of [-1, 0.5, NaN, Infinity]) {
      assert.throws(
        () => tableRates({ country: 'DE', grams: wrong, subtotalMinor: 0, currency: 'EUR' }),
        RangeError,
      )
      assert.throws(
        () => tableRates({ country: 'DE', grams: 1, subtotalMinor: wrong, currency: 'EUR' }),
        RangeError,
      )
    }
    const planet = {
      country: 'DE',
      grams: Number.MAX_SAFE_INTEGER,
      subtotalMinor: 0,
      currency: 'JPY',
    } as const
    assert.ok(amountsOf(planet).every(Number.isSafeInteger))
    assert.throws(() => tableRates({ ...planet, country: 'ZA', currency: 'KWD' }), RangeError)
  })
})

describe('convertRate', () => {
  it('converts as worked out by hand, half up', () => {
    const known = [
      [758, 'USD', 'EUR', 652], // 7.58 × 0.86 = 6.5188
      [25, 'USD', 'EUR', 22], // 0.25 × 0.86 = 0.215, a tie
      [1, 'USD', 'EUR', 1], // 0.01 × 0.86 = 0.0086
      [758, 'USD', 'JPY', 1_182], // 7.58 × 156 = 1182.48
      [758, 'USD', 'KWD', 2_327], // 7.58 × 0.307 = 2.32706
      [758, 'USD', 'GBP', 565], // 7.58 × 0.745 = 5.6471
      [3_070, 'KWD', 'USD', 1_000],
      [0, 'USD', 'KWD', 0],
    ] as const
    for (const [amountMinor, from, to, expected] of known) {
      assert.equal(convertRate({ amountMinor, from, to }), expected, `${amountMinor} ${from} → ${to}`)
    }
  })

  it('leaves an amount alone that already has the right currency', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), currency, (amountMinor, code) => {
        assert.equal(convertRate({ amountMinor, from: code, to: code }), amountMinor)
      }),
    )
  })

  it('never makes a dearer rate the cheaper one', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(1_000_000), currency, currency, (low, more, from, to) => {
        assert.ok(
          convertRate({ amountMinor: low, from, to }) <= convertRate({ amountMinor: low + more, from, to }),
        )
      }),
    )
  })

  it('refuses what is no price', () => {
    for (const amountMinor of [-1, 0.5, NaN]) {
      assert.throws(() => convertRate({ amountMinor, from: 'USD', to: 'EUR' }), RangeError)
    }
    assert.throws(
      () => convertRate({ amountMinor: Number.MAX_SAFE_INTEGER, from: 'USD', to: 'JPY' }),
      RangeError,
    )
  })
})
