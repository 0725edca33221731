import { invalidRequest } from './errors.ts'

/** The currencies that Stripe charges in, with the digits after the point where these are not two (Stripe, "Supported currencies"). */
const currencies = new Set(
  (
    'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop ' +
    'crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes ' +
    'kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd ' +
    'omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd ' +
    'tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw'
  ).split(' '),
)
const withoutDecimals = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '))
const withThreeDecimals = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])

/** The least that can be charged, in minor units (Stripe, "Minimum charge amounts"); the others are about half a dollar. */
const least: Readonly<Record<string, number>> = {
  usd: 50,
  eur: 50,
  gbp: 30,
  jpy: 50,
  kwd: 150,
  dkk: 250,
  hkd: 400,
  huf: 17500,
  mxn: 1000,
  nok: 300,
  pln: 200,
  sek: 300,
  czk: 1500,
}

export function checkCurrency(currency: string): string {
  const lower = currency.toLowerCase()
  if (!currencies.has(lower)) {
    const known = [...currencies].join(', ')
    throw invalidRequest(`Invalid currency: ${lower}. Stripe currently supports these currencies: ${known}`, {
      param: 'currency',
    })
  }
  return lower
}

/** Between the minimum of the currency and eight digits; three-decimal currencies are charged in tens. */
export function checkAmount(amount: number, currency: string): number {
  const minimum = least[currency] ?? 50
  if (amount < minimum) {
    throw invalidRequest(`Amount must be at least ${written(minimum, currency)}`, {
      param: 'amount',
      code: 'amount_too_small',
    })
  }
  if (amount > 99_999_999) {
    throw invalidRequest(`Amount must be no more than ${written(99_999_999, currency)}`, {
      param: 'amount',
      code: 'amount_too_large',
    })
  }
  checkStep(amount, currency)
  return amount
}

export function checkStep(amount: number, currency: string): void {
  if (withThreeDecimals.has(currency) && amount % 10 !== 0) {
    throw invalidRequest(
      `Invalid ${currency.toUpperCase()} amount: ${amount}. Amounts in three-decimal currencies must be a multiple of ten.`,
      { param: 'amount', code: 'invalid_charge_amount' },
    )
  }
}

const symbols: Readonly<Record<string, string>> = { usd: '$', eur: '€', gbp: '£', jpy: '¥' }

/** As Stripe's messages write money: `€10.00`, `10.000 KWD`. */
export function written(amount: number, currency: string): string {
  const digits = withoutDecimals.has(currency) ? 0 : withThreeDecimals.has(currency) ? 3 : 2
  const number = (amount / 10 ** digits).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const symbol = symbols[currency]
  return symbol === undefined ? `${number} ${currency.toUpperCase()}` : `${symbol}${number}`
}
