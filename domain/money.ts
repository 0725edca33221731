/**
 * Money is an integer of minor units (ISO 4217 exponent: EUR 2, JPY 0, KWD 3), never a float.
 */
export const currencies = ['EUR', 'USD', 'GBP', 'JPY', 'KWD'] as const
export type Currency = (typeof currencies)[number]

export interface Money {
  readonly amount: number
  readonly currency: Currency
}

const exponents = { EUR: 2, USD: 2, GBP: 2, JPY: 0, KWD: 3 } as const satisfies Record<Currency, number>

/** Digits after the decimal point in this currency (ISO 4217). */
export function exponentOf(currency: Currency): number {
  return exponents[currency]
}

export function isCurrency(text: string): text is Currency {
  return (currencies as readonly string[]).includes(text)
}

/**
 * The smallest amount that a card can be charged in, in minor units. Three-decimal currencies are charged as multiples of ten
 * (Stripe, "Three-decimal currencies").
 */
export function chargeStep(currency: Currency): number {
  return exponentOf(currency) === 3 ? 10 : 1
}

/** A computed amount that a number still holds exactly, or the refusal of it. */
function exactly(amount: bigint): number {
  const plain = Number(amount)
  if (Number.isSafeInteger(plain)) return plain
  throw new RangeError(`${amount} minor units are more than we can count exactly; split the order.`)
}

/** Adds amounts. Throws RangeError when one of them is not an integer, or the sum is not a safe one. */
export function sumMinor(amounts: readonly number[]): number {
  return exactly(amounts.reduce((sum, amount) => sum + BigInt(amount), 0n))
}

/** `amount × count`. Throws RangeError when one of them is not an integer, or the product is not a safe one. */
export function timesMinor(amount: number, count: number): number {
  return exactly(BigInt(amount) * BigInt(count))
}

/** The least that a card can be charged, in minor units (Stripe, "Minimum and maximum charge amounts"; KWD by its dollar value). */
const leastCharges = { EUR: 50, USD: 50, GBP: 30, JPY: 50, KWD: 150 } as const satisfies Record<
  Currency,
  number
>

/** Whether a card can be charged this: nothing at all needs no card. */
export function isChargeable({ amount, currency }: Money): boolean {
  return amount === 0 || amount >= leastCharges[currency]
}

/**
 * `amount × numerator / denominator`, rounded half up (a half goes away from zero), exact for any safe integers. Throws
 * RangeError when the denominator is not positive, an argument is not an integer, or the result is not a safe integer.
 */
export function multiplyHalfUp(amount: number, numerator: number, denominator: number): number {
  if (!(denominator > 0)) throw new RangeError(`A denominator must be positive, not ${denominator}.`)
  const product = BigInt(amount) * BigInt(numerator)
  const divisor = BigInt(denominator)
  const size = product < 0n ? -product : product
  const rounded = (2n * size + divisor) / (2n * divisor)
  return exactly(product < 0n ? -rounded : rounded)
}

/**
 * Splits an amount over weights so that the parts add up exactly: everyone gets the floor of his share, the units left go to the
 * largest remainders, the earlier one first on a tie. All weights zero: everything to the first. A negative amount is split as
 * its mirror image. Throws RangeError for a negative weight, and for money that nobody is there to take.
 */
export function splitByLargestRemainder(amount: number, weights: readonly number[]): number[] {
  if (amount < 0) return splitByLargestRemainder(-amount, weights).map((part) => 0 - part)
  if (weights.some((weight) => weight < 0)) throw new RangeError('A weight must not be negative.')
  if (weights.length === 0 && amount !== 0)
    throw new RangeError(`Nobody is there to take ${amount} minor units.`)
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  if (total === 0n) return weights.map((_, index) => (index === 0 ? amount : 0))

  const shares = weights.map((weight, index) => {
    const exact = BigInt(amount) * BigInt(weight)
    return { index, floor: exactly(exact / total), remainder: exact % total }
  })
  const left = amount - sumMinor(shares.map((share) => share.floor))
  const luckiest = [...shares]
    .sort(
      (a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder) || a.index - b.index,
    )
    .slice(0, left)
  const lucky = new Set(luckiest.map((share) => share.index))
  return shares.map(({ index, floor }) => (lucky.has(index) ? floor + 1 : floor))
}

/**
 * Written for a person, e.g. `€19.99`, `¥1,999`, `KWD 1.999` (with a space that does not break the line). The point is moved in
 * the text, because dividing would lose cents of very large amounts.
 */
export function formatMoney({ amount, currency }: Money): string {
  const decimal = `${amount}E-${exponentOf(currency)}` as `${number}`
  return formats[currency].format(decimal)
}

// Making a format costs a hundred times what using it does.
const formatOf = (currency: Currency): Intl.NumberFormat =>
  new Intl.NumberFormat('en', { style: 'currency', currency })
const formats = {
  EUR: formatOf('EUR'),
  USD: formatOf('USD'),
  GBP: formatOf('GBP'),
  JPY: formatOf('JPY'),
  KWD: formatOf('KWD'),
} as const satisfies Record<Currency, Intl.NumberFormat>
