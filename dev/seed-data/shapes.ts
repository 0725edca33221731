/** How the sample products are written down. */

export interface SampleCategory {
  readonly slug: string
  readonly name: string
  readonly parent: string | null
}

export interface SampleProduct {
  readonly slug: string
  readonly title: string
  readonly brand: string
  readonly category: string
  readonly description: string
  readonly taxClass?: 'reduced' | 'zero'
  /** What the variants differ by; Size, where nothing else is said. */
  readonly option?: string
  readonly variants: readonly SampleVariant[]
}

/** The title is empty when a product comes in one form only; the price is in euro cents; stock is by warehouse. */
export type SampleVariant = readonly [
  sku: string,
  title: string,
  grams: number,
  eurMinor: number,
  stock: readonly [oakland: number, hamburg: number],
]

export interface SampleWarehouse {
  readonly id: string
  readonly name: string
  /** The lower, the sooner a parcel is sent from here. */
  readonly rank: number
  readonly address: Readonly<
    Record<'name' | 'line1' | 'city' | 'postalCode' | 'country' | 'phone', string>
  > & {
    readonly region?: string
  }
}
