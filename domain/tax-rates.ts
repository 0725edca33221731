/**
 * The tax rates of the countries we sell to, in parts per 100,000, as they stood in January 2026. They are a sound default, not
 * advice: a shop's accountant owns this file. What it leaves out: city and county taxes in the US, which goods are reduced where,
 * and corners of a country with taxes of their own (the Canary Islands, the Azores, Livigno …).
 */
export interface CountryTax {
  readonly mode: 'included' | 'on_top'
  readonly standard: number
  readonly reduced: number
  /** Rates that replace both others, by state or province. They know no reduced rate: food is mostly a matter of class `zero`. */
  readonly regions?: Readonly<Record<string, number>>
}

function included(standard: number, reduced: number): CountryTax {
  return { mode: 'included', standard, reduced }
}

/**
 * State sales tax, with the local part that is the same everywhere in the state (California, Utah, Virginia). Source: Tax
 * Foundation, "State and Local Sales Tax Rates". `AA`, `AE` and `AP` are military mail.
 */
const unitedStates = {
  AL: 4_000,
  AK: 0,
  AZ: 5_600,
  AR: 6_500,
  CA: 7_250,
  CO: 2_900,
  CT: 6_350,
  DE: 0,
  DC: 6_000,
  FL: 6_000,
  GA: 4_000,
  HI: 4_000,
  ID: 6_000,
  IL: 6_250,
  IN: 7_000,
  IA: 6_000,
  KS: 6_500,
  KY: 6_000,
  LA: 5_000,
  ME: 5_500,
  MD: 6_000,
  MA: 6_250,
  MI: 6_000,
  MN: 6_875,
  MS: 7_000,
  MO: 4_225,
  MT: 0,
  NE: 5_500,
  NV: 6_850,
  NH: 0,
  NJ: 6_625,
  NM: 4_875,
  NY: 4_000,
  NC: 4_750,
  ND: 5_000,
  OH: 5_750,
  OK: 4_500,
  OR: 0,
  PA: 6_000,
  RI: 7_000,
  SC: 6_000,
  SD: 4_200,
  TN: 7_000,
  TX: 6_250,
  UT: 6_100,
  VT: 6_000,
  VA: 5_300,
  WA: 6_500,
  WV: 6_000,
  WI: 5_000,
  WY: 4_000,
  AA: 0,
  AE: 0,
  AP: 0,
}

/** GST with PST or QST, or HST. Quebec's 9.975 % is taken of the price without GST, so the two simply add. Source: Canada Revenue Agency. */
const canada = {
  AB: 5_000,
  BC: 12_000,
  MB: 12_000,
  NB: 15_000,
  NL: 15_000,
  NS: 14_000,
  NT: 5_000,
  NU: 5_000,
  ON: 13_000,
  PE: 15_000,
  QC: 14_975,
  SK: 11_000,
  YT: 5_000,
}

/**
 * By country (ISO 3166-1 alpha-2). Where a country has several reduced rates this is the highest, so that a shop that configures
 * nothing never collects too little; where it has none, the standard rate. Source for the EU: European Commission, "Taxes in
 * Europe" database.
 */
export const countryTaxes: Readonly<Record<string, CountryTax>> = {
  AT: included(20_000, 13_000),
  BE: included(21_000, 12_000),
  BG: included(20_000, 9_000),
  CY: included(19_000, 9_000),
  CZ: included(21_000, 12_000),
  DE: included(19_000, 7_000),
  DK: included(25_000, 25_000),
  EE: included(24_000, 13_000),
  ES: included(21_000, 10_000),
  FI: included(25_500, 13_500),
  FR: included(20_000, 10_000),
  GR: included(24_000, 13_000),
  HR: included(25_000, 13_000),
  HU: included(27_000, 18_000),
  IE: included(23_000, 13_500),
  IT: included(22_000, 10_000),
  LT: included(21_000, 12_000),
  LU: included(17_000, 8_000),
  LV: included(21_000, 12_000),
  MT: included(18_000, 7_000),
  NL: included(21_000, 9_000),
  PL: included(23_000, 8_000),
  PT: included(23_000, 13_000),
  RO: included(21_000, 11_000),
  SE: included(25_000, 12_000),
  SI: included(22_000, 9_500),
  SK: included(23_000, 19_000),

  CH: included(8_100, 2_600),
  GB: included(20_000, 5_000),
  IS: included(24_000, 11_000),
  LI: included(8_100, 2_600),
  MC: included(20_000, 10_000),
  NO: included(25_000, 15_000),

  US: { mode: 'on_top', standard: 0, reduced: 0, regions: unitedStates },
  CA: { mode: 'on_top', standard: 5_000, reduced: 5_000, regions: canada },
  MX: included(16_000, 16_000),

  AE: included(5_000, 5_000),
  AU: included(10_000, 10_000),
  BH: included(10_000, 10_000),
  HK: included(0, 0),
  IL: included(18_000, 18_000),
  JP: included(10_000, 8_000),
  KR: included(10_000, 10_000),
  KW: included(0, 0),
  NZ: included(15_000, 15_000),
  OM: included(5_000, 5_000),
  QA: included(0, 0),
  SA: included(15_000, 15_000),
  SG: included(9_000, 9_000),
  TW: included(5_000, 5_000),
  ZA: included(15_000, 15_000),
}
