import type { Currency } from '../../domain/money.ts'

/** Who sells us what a brand makes. `costPercent` is what he asks of our price in euros, to the cent. */
export interface SampleSupplier {
  readonly name: string
  readonly email: string
  readonly currency: Currency
  readonly leadTimeDays: number
  readonly brands: readonly string[]
  readonly packSize: number
  readonly minimumQuantity: number
  readonly costPercent: number
  /** The lower, the sooner he is suggested. */
  readonly rank: number
}

const maker = { currency: 'EUR', costPercent: 45, rank: 10 } as const

export const suppliers: readonly SampleSupplier[] = [
  {
    ...{
      ...maker,
      name: 'Beacon Outdoor GmbH',
      email: 'orders@beacon.example',
      brands: ['Beacon', 'Camber'],
    },
    ...{ leadTimeDays: 14, packSize: 4, minimumQuantity: 8 },
  },
  {
    ...{ ...maker, name: 'Norrland Textil AB', email: 'order@norrland.example', leadTimeDays: 21 },
    ...{ brands: ['Norrland', 'Fell & Fold', 'Loom & Line'], packSize: 6, minimumQuantity: 12 },
  },
  {
    ...{ ...maker, name: 'Halyard Marine Ltd', email: 'supply@halyard.example', brands: ['Halyard'] },
    ...{ leadTimeDays: 10, packSize: 2, minimumQuantity: 6 },
  },
  {
    ...{ ...maker, name: 'Kiln & Clay', email: 'workshop@kiln.example', brands: ['Kiln', 'Clayworks'] },
    ...{ leadTimeDays: 28, packSize: 12, minimumQuantity: 24 },
  },
  {
    ...{ ...maker, name: 'Furrow & Whittle', email: 'orders@furrow.example', brands: ['Furrow', 'Whittle'] },
    ...{ leadTimeDays: 9, packSize: 6, minimumQuantity: 12 },
  },
  {
    ...{ ...maker, name: 'Orchard House Foods', email: 'sales@orchard.example', brands: ['Orchard House'] },
    ...{ leadTimeDays: 5, packSize: 12, minimumQuantity: 12, costPercent: 55 },
  },
  {
    ...{
      ...maker,
      name: 'Cairn Press',
      email: 'trade@cairn.example',
      brands: ['Cairn Press'],
      leadTimeDays: 7,
    },
    ...{ packSize: 10, minimumQuantity: 10, costPercent: 50 },
  },
]

/** Has everything, sooner and one by one, and dearer. */
export const wholesaler: Omit<SampleSupplier, 'brands'> = {
  ...{ name: 'Quayside Wholesale', email: 'desk@quayside.example', currency: 'EUR', leadTimeDays: 3 },
  ...{ packSize: 1, minimumQuantity: 1, costPercent: 70, rank: 100 },
}
