import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  chargeStep,
  currencies,
  exponentOf,
  formatMoney,
  isCurrency,
  multiplyHalfUp,
  splitByLargestRemainder,
  sumMinor,
  timesMinor,
} from '../../domain/money.ts'

const total = (parts: readonly number[]): bigint => parts.reduce((sum, part) => sum + BigInt(part), 0n)
const amount = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.maxSafeNat())
const weights = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.maxSafeNat()), {
  minLength: 1,
  maxLength: 100,
})

describe('currencies', () => {
  it('keep their digits and the step of their charges', () => {
    assert.deepEqual(currencies.map(exponentOf), [2, 2, 2, 0, 3])
    assert.deepEqual(currencies.map(chargeStep), [1, 1, 1, 1, 10])
  })

  it('are a closed list', () => {
    assert.ok(isCurrency('KWD'))
    for (const text of ['kwd', 'XXX', '', 'toString']) assert.ok(!isCurrency(text))
  })
})

describe('multiplyHalfUp', () => {
  it('rounds a half away from zero, and everything else to the nearest', () => {
    const known = [
      [1, 1, 2, 1],
      [3, 1, 2, 2],
      [5, 1, 2, 3],
      [-1, 1, 2, -1],
      [-3, 1, 2, -2],
      [1, 1, 3, 0],
      [2, 1, 3, 1],
      [-1, 1, 3, 0],
      [1_005, 1, 10, 101],
      [1_004, 1, 10, 100],
    ] as const
    for (const [value, numerator, denominator, expected] of known) {
      assert.equal(multiplyHalfUp(value, numerator, denominator), expected)
    }
  })

  it('is never further than a half from the truth, and on a tie it is above', () => {
    fc.assert(
      fc.property(
        amount,
        fc.nat(100_000),
        fc.integer({ min: 1, max: 200_000 }),
        (value, numerator, denominator) => {
          fc.pre(numerator <= denominator)
          const rounded = multiplyHalfUp(value, numerator, denominator)
          const twiceOff = 2n * (BigInt(rounded) * BigInt(denominator) - BigInt(value) * BigInt(numerator))
          assert.ok(twiceOff <= BigInt(denominator) && twiceOff > -BigInt(denominator))
        },
      ),
    )
  })

  it('refuses what it cannot answer exactly', () => {
    assert.throws(() => multiplyHalfUp(1, 1, 0), RangeError)
    assert.throws(() => multiplyHalfUp(1, 1, -2), RangeError)
    assert.throws(() => multiplyHalfUp(1, 1, NaN), RangeError)
    assert.throws(() => multiplyHalfUp(0.5, 1, 1), RangeError)
    assert.throws(() => multiplyHalfUp(Number.MAX_SAFE_INTEGER, 2, 1), RangeError)
    assert.equal(multiplyHalfUp(Number.MAX_SAFE_INTEGER, 2, 2), Number.MAX_SAFE_INTEGER)
  })
})

describe('sumMinor and timesMinor', () => {
  it('count exactly up to the last safe integer, and refuse the next', () => {
    assert.equal(sumMinor([]), 0)
    assert.equal(sumMinor([Number.MAX_SAFE_INTEGER - 1, 1]), Number.MAX_SAFE_INTEGER)
    assert.throws(() => sumMinor([Number.MAX_SAFE_INTEGER, 1]), RangeError)
    assert.throws(() => sumMinor([0.1]), RangeError)
    assert.equal(timesMinor(-333, 3), -999)
    assert.throws(() => timesMinor(Number.MAX_SAFE_INTEGER, 2), RangeError)
    assert.throws(() => timesMinor(1, 1.5), RangeError)
  })
})

describe('splitByLargestRemainder', () => {
  it('gives the cents left over to the largest remainders, the earlier one on a tie', () => {
    assert.deepEqual(splitByLargestRemainder(100, [1, 1, 1]), [34, 33, 33])
    assert.deepEqual(splitByLargestRemainder(200, [1, 1, 1]), [67, 67, 66])
    assert.deepEqual(splitByLargestRemainder(10, [1, 2, 4]), [1, 3, 6])
    assert.deepEqual(splitByLargestRemainder(1, [0, 0, 7, 7]), [0, 0, 1, 0])
    assert.deepEqual(splitByLargestRemainder(5, [0, 0]), [5, 0])
    assert.deepEqual(splitByLargestRemainder(0, []), [])
  })

  it('splits a negative amount as the mirror image of the positive one', () => {
    assert.deepEqual(splitByLargestRemainder(-100, [1, 1, 1]), [-34, -33, -33])
    fc.assert(
      fc.property(amount, weights, (value, shares) => {
        const mirrored = splitByLargestRemainder(-value, shares).map((part) => 0 - part)
        assert.deepEqual(mirrored, splitByLargestRemainder(value, shares))
      }),
    )
  })

  it('loses nothing, and gives everyone his exact share to within one unit', () => {
    fc.assert(
      fc.property(amount, weights, (value, shares) => {
        const parts = splitByLargestRemainder(value, shares)
        const whole = total(shares)
        assert.equal(total(parts), BigInt(value))
        if (whole === 0n) return
        parts.forEach((part, index) => {
          const off = BigInt(part) * whole - BigInt(value) * BigInt(shares[index] ?? 0)
          assert.ok(off > -whole && off < whole)
        })
      }),
    )
  })

  it('never gives more than the weight while there is less to give than all weights', () => {
    fc.assert(
      fc.property(weights, fc.nat(1_000_000), (shares, permille) => {
        const whole = total(shares)
        const value = (whole * BigInt(permille)) / 1_000_000n
        fc.pre(value <= BigInt(Number.MAX_SAFE_INTEGER))
        splitByLargestRemainder(Number(value), shares).forEach((part, index) => {
          assert.ok(part >= 0 && part <= (shares[index] ?? 0))
        })
      }),
    )
  })

  it('refuses negative weights, and money for nobody', () => {
    assert.throws(() => splitByLargestRemainder(10, [3, -1]), RangeError)
    assert.throws(() => splitByLargestRemainder(10, []), RangeError)
    assert.throws(() => splitByLargestRemainder(0.5, [1]), RangeError)
  })
})

describe('formatMoney', () => {
  it('writes every currency with its own digits', () => {
    const written = [
      [1999, 'EUR', '€19.99'],
      [-5, 'USD', '-$0.05'],
      [0, 'GBP', '£0.00'],
      [1999, 'JPY', '¥1,999'],
      [1999, 'KWD', 'KWD\u00a01.999'],
    ] as const
    for (const [value, currency, text] of written)
      assert.equal(formatMoney({ amount: value, currency }), text)
  })

  it('keeps every digit of amounts that are too large to be divided', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom(...currencies), (value, currency) => {
        const digits = formatMoney({ amount: value, currency }).replace(/\D/g, '')
        assert.equal(BigInt(digits), BigInt(Math.abs(value)))
      }),
    )
  })
})
