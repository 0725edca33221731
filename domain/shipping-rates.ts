import type { Currency } from './money.ts'

export type Zone = 'domestic' | 'eu' | 'europe' | 'northAmerica' | 'restOfWorld'

/** One price for each of `parcelStepsGrams`. */
type Steps = readonly [number, number, number, number, number, number]

export interface ZoneRates {
  /** Standard shipping costs nothing from this value of goods up. */
  readonly freeFromMinor: number
  readonly standardMinor: Steps
  readonly expressMinor: Steps
}

/** A parcel up to this weight pays the price at the same place; the last one is the heaviest parcel that we hand over. */
export const parcelStepsGrams = [1_000, 2_000, 5_000, 10_000, 20_000, 31_500] as const

export const heaviestParcelGrams = 31_500

/** The countries we ship to (ISO 3166-1 alpha-2), from a warehouse in Germany. Each of them has a row in `tax-rates.ts`. */
export const countriesOf = {
  domestic: ['DE'],
  // prettier-ignore
  eu: [
    'AT', 'BE', 'BG', 'CY', 'CZ', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU',
    'IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK',
  ],
  europe: ['CH', 'GB', 'IS', 'LI', 'MC', 'NO'],
  northAmerica: ['CA', 'MX', 'US'],
  restOfWorld: ['AE', 'AU', 'BH', 'HK', 'IL', 'JP', 'KR', 'KW', 'NZ', 'OM', 'QA', 'SA', 'SG', 'TW', 'ZA'],
} as const satisfies Record<Zone, readonly string[]>

/** Working days until the parcel is there, as we promise it. */
export const deliveryDaysOf: Readonly<Record<Zone, { readonly standard: number; readonly express: number }>> =
  {
    domestic: { standard: 3, express: 1 },
    eu: { standard: 5, express: 2 },
    europe: { standard: 7, express: 3 },
    northAmerica: { standard: 10, express: 4 },
    restOfWorld: { standard: 14, express: 5 },
  }

/**
 * Prices in minor units, written out in every currency: they are set by people who like round prices, not computed from exchange rates.
 * Prices in dinars are multiples of ten fils, so that no rounding is needed to charge them.
 */
export const zoneRates: Readonly<Record<Currency, Readonly<Record<Zone, ZoneRates>>>> = {
  EUR: {
    domestic: {
      freeFromMinor: 5_000,
      standardMinor: [490, 590, 790, 1_090, 1_590, 1_990],
      expressMinor: [990, 1_190, 1_490, 1_990, 2_790, 3_490],
    },
    eu: {
      freeFromMinor: 10_000,
      standardMinor: [990, 1_190, 1_490, 1_990, 2_990, 3_990],
      expressMinor: [1_990, 2_490, 3_190, 4_290, 5_990, 7_990],
    },
    europe: {
      freeFromMinor: 15_000,
      standardMinor: [1_490, 1_790, 2_390, 3_290, 4_790, 6_490],
      expressMinor: [2_990, 3_590, 4_690, 6_290, 8_990, 11_990],
    },
    northAmerica: {
      freeFromMinor: 20_000,
      standardMinor: [1_990, 2_690, 3_990, 5_990, 9_490, 12_990],
      expressMinor: [3_990, 4_990, 6_990, 9_990, 14_990, 19_990],
    },
    restOfWorld: {
      freeFromMinor: 25_000,
      standardMinor: [2_490, 3_290, 4_990, 7_490, 11_990, 16_490],
      expressMinor: [4_990, 6_290, 8_790, 12_490, 18_990, 24_990],
    },
  },
  USD: {
    domestic: {
      freeFromMinor: 6_000,
      standardMinor: [590, 690, 890, 1_290, 1_890, 2_290],
      expressMinor: [1_190, 1_390, 1_690, 2_290, 3_190, 4_090],
    },
    eu: {
      freeFromMinor: 11_500,
      standardMinor: [1_190, 1_390, 1_690, 2_290, 3_490, 4_590],
      expressMinor: [2_290, 2_890, 3_690, 4_990, 6_990, 9_290],
    },
    europe: {
      freeFromMinor: 17_500,
      standardMinor: [1_690, 2_090, 2_790, 3_790, 5_590, 7_490],
      expressMinor: [3_490, 4_190, 5_490, 7_290, 10_390, 13_890],
    },
    northAmerica: {
      freeFromMinor: 23_000,
      standardMinor: [2_290, 3_090, 4_590, 6_990, 10_990, 15_090],
      expressMinor: [4_590, 5_790, 8_090, 11_590, 17_390, 23_190],
    },
    restOfWorld: {
      freeFromMinor: 29_000,
      standardMinor: [2_890, 3_790, 5_790, 8_690, 13_890, 19_090],
      expressMinor: [5_790, 7_290, 10_190, 14_490, 21_990, 28_990],
    },
  },
  GBP: {
    domestic: {
      freeFromMinor: 4_500,
      standardMinor: [390, 490, 690, 990, 1_390, 1_690],
      expressMinor: [890, 990, 1_290, 1_690, 2_390, 2_990],
    },
    eu: {
      freeFromMinor: 9_000,
      standardMinor: [890, 990, 1_290, 1_690, 2_590, 3_490],
      expressMinor: [1_690, 2_190, 2_790, 3_690, 5_190, 6_990],
    },
    europe: {
      freeFromMinor: 13_500,
      standardMinor: [1_290, 1_590, 2_090, 2_890, 4_190, 5_690],
      expressMinor: [2_590, 3_090, 4_090, 5_490, 7_790, 10_390],
    },
    northAmerica: {
      freeFromMinor: 18_000,
      standardMinor: [1_690, 2_390, 3_490, 5_190, 8_290, 11_290],
      expressMinor: [3_490, 4_390, 6_090, 8_690, 13_090, 17_390],
    },
    restOfWorld: {
      freeFromMinor: 22_500,
      standardMinor: [2_190, 2_890, 4_390, 6_490, 10_390, 14_390],
      expressMinor: [4_390, 5_490, 7_690, 10_890, 16_490, 21_790],
    },
  },
  JPY: {
    domestic: {
      freeFromMinor: 9_000,
      standardMinor: [850, 1_030, 1_370, 1_900, 2_770, 3_460],
      expressMinor: [1_720, 2_070, 2_590, 3_460, 4_850, 6_070],
    },
    eu: {
      freeFromMinor: 17_000,
      standardMinor: [1_720, 2_070, 2_590, 3_460, 5_200, 6_940],
      expressMinor: [3_460, 4_330, 5_550, 7_460, 10_420, 13_900],
    },
    europe: {
      freeFromMinor: 26_000,
      standardMinor: [2_590, 3_110, 4_160, 5_720, 8_330, 11_290],
      expressMinor: [5_200, 6_250, 8_160, 10_940, 15_640, 20_860],
    },
    northAmerica: {
      freeFromMinor: 35_000,
      standardMinor: [3_460, 4_680, 6_940, 10_420, 16_510, 22_600],
      expressMinor: [6_940, 8_680, 12_160, 17_380, 26_080, 34_780],
    },
    restOfWorld: {
      freeFromMinor: 44_000,
      standardMinor: [4_330, 5_720, 8_680, 13_030, 20_860, 28_690],
      expressMinor: [8_680, 10_940, 15_290, 21_730, 33_040, 43_480],
    },
  },
  KWD: {
    domestic: {
      freeFromMinor: 18_000,
      standardMinor: [1_750, 2_100, 2_800, 3_900, 5_650, 7_100],
      expressMinor: [3_500, 4_250, 5_300, 7_100, 9_950, 12_400],
    },
    eu: {
      freeFromMinor: 36_000,
      standardMinor: [3_500, 4_250, 5_300, 7_100, 10_650, 14_200],
      expressMinor: [7_100, 8_850, 11_350, 15_250, 21_300, 28_450],
    },
    europe: {
      freeFromMinor: 53_000,
      standardMinor: [5_300, 6_350, 8_500, 11_700, 17_050, 23_100],
      expressMinor: [10_650, 12_800, 16_700, 22_400, 32_000, 42_700],
    },
    northAmerica: {
      freeFromMinor: 71_000,
      standardMinor: [7_100, 9_600, 14_200, 21_300, 33_800, 46_250],
      expressMinor: [14_200, 17_750, 24_900, 35_550, 53_350, 71_150],
    },
    restOfWorld: {
      freeFromMinor: 89_000,
      standardMinor: [8_850, 11_700, 17_750, 26_650, 42_700, 58_700],
      expressMinor: [17_750, 22_400, 31_300, 44_450, 67_600, 88_950],
    },
  },
}

/**
 * What 10,000 US dollars buy, in whole units of the other currency (early 2026, rounded). Whole numbers, so that a conversion is
 * one exact fraction. A production shop puts its treasury's rates here.
 */
export const unitsFor10kUsd: Readonly<Record<Currency, number>> = {
  USD: 10_000,
  EUR: 8_600,
  GBP: 7_450,
  JPY: 1_560_000,
  KWD: 3_070,
}
