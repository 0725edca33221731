import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isTaxClass, rateScale, taxClasses, taxPlaceIsKnown, taxRuleFor } from '../../domain/tax.ts'
import { countryTaxes } from '../../domain/tax-rates.ts'
import { shippableCountries } from '../../domain/shipping.ts'

const standard = (country: string, region?: string) => taxRuleFor({ country, region, taxClass: 'standard' })

describe('tax rules', () => {
  it('know value added tax, included in prices', () => {
    assert.deepEqual(standard('DE'), { ratePer100k: 19_000, mode: 'included' })
    assert.deepEqual(taxRuleFor({ country: 'DE', taxClass: 'reduced' }), {
      ratePer100k: 7_000,
      mode: 'included',
    })
    assert.deepEqual(standard('FI'), { ratePer100k: 25_500, mode: 'included' })
    assert.deepEqual(standard('CH'), { ratePer100k: 8_100, mode: 'included' })
    assert.deepEqual(taxRuleFor({ country: 'JP', taxClass: 'reduced' }), {
      ratePer100k: 8_000,
      mode: 'included',
    })
    assert.deepEqual(standard('KW'), { ratePer100k: 0, mode: 'included' })
  })

  it('know sales tax, added on top, finer than a basis point', () => {
    assert.deepEqual(standard('US', 'NJ'), { ratePer100k: 6_625, mode: 'on_top' })
    assert.deepEqual(standard('US', 'OR'), { ratePer100k: 0, mode: 'on_top' })
    assert.deepEqual(standard('CA', 'QC'), { ratePer100k: 14_975, mode: 'on_top' })
  })

  it('read a region however people write its code', () => {
    for (const region of ['NJ', 'nj', ' nj ', 'US-NJ', 'us-nj']) {
      assert.equal(standard('US', region).ratePer100k, 6_625, region)
      assert.ok(taxPlaceIsKnown({ country: 'US', region }), region)
    }
  })

  it('tell when a state is missing or misspelled, so that nobody buys untaxed by a typing error', () => {
    for (const region of [undefined, '', 'New Jersey', 'XX', 'constructor', '__proto__', 'CA-QC']) {
      assert.ok(!taxPlaceIsKnown({ country: 'US', region }), region)
      assert.equal(standard('US', region).ratePer100k, 0)
    }
    assert.equal(standard('CA', 'Quebec').ratePer100k, 5_000)
    assert.ok(taxPlaceIsKnown({ country: 'JP', region: '東京都' }))
    assert.ok(taxPlaceIsKnown({ country: 'DE' }))
    assert.ok(!taxPlaceIsKnown({ country: 'ZZ' }))
  })

  it('leave class zero untaxed everywhere, in the mode of the country', () => {
    for (const [country, { mode }] of Object.entries(countryTaxes)) {
      for (const region of [undefined, 'NJ', 'QC']) {
        assert.deepEqual(taxRuleFor({ country, region, taxClass: 'zero' }), { ratePer100k: 0, mode })
      }
    }
  })

  it('leave a country that is not in the table untaxed, whatever it is called', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'de', 'ZZ')),
        (country) => {
          fc.pre(!(country in { ...countryTaxes }) || country in {})
          assert.deepEqual(standard(country), { ratePer100k: 0, mode: 'included' })
        },
      ),
    )
  })

  it('hold only whole, plausible rates, the reduced one never above the standard one', () => {
    for (const [country, tax] of Object.entries(countryTaxes)) {
      assert.match(country, /^[A-Z]{2}$/)
      assert.ok(tax.reduced <= tax.standard, country)
      for (const rate of [tax.standard, tax.reduced, ...Object.values(tax.regions ?? {})]) {
        assert.ok(Number.isSafeInteger(rate) && rate >= 0 && rate <= 0.27 * rateScale, `${country} ${rate}`)
        assert.ok(rate === 0 || rate >= 2_600, `${country} ${rate} looks like a slipped digit`)
      }
    }
    assert.equal(Object.keys(countryTaxes['US']?.regions ?? {}).length, 54, 'fifty states, DC, military mail')
    assert.equal(Object.keys(countryTaxes['CA']?.regions ?? {}).length, 13)
  })

  it('exist for every country that we ship to, and no other', () => {
    assert.deepEqual(Object.keys(countryTaxes).sort(), [...shippableCountries])
  })

  it('know their classes', () => {
    assert.ok(taxClasses.every(isTaxClass))
    assert.ok(!isTaxClass('luxury'))
  })
})
