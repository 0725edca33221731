import type { SampleCategory, SampleWarehouse } from './shapes.ts'

/** In the order of the stock numbers of a sample variant. */
export const warehouses = [
  {
    id: 'oakland',
    name: 'Oakland',
    rank: 10,
    address: {
      name: 'Cartwright Oakland',
      line1: '1300 Middle Harbor Rd',
      city: 'Oakland',
      region: 'CA',
      postalCode: '94607',
      country: 'US',
      phone: '5105550142',
    },
  },
  {
    id: 'hamburg',
    name: 'Hamburg',
    rank: 20,
    address: {
      name: 'Cartwright Hamburg',
      line1: 'Am Sandtorkai 12',
      city: 'Hamburg',
      postalCode: '20457',
      country: 'DE',
      phone: '+49405550142',
    },
  },
] as const satisfies readonly SampleWarehouse[]

/** Parents before their children. */
export const categories: readonly SampleCategory[] = [
  { slug: 'outdoor', name: 'Outdoor', parent: null },
  { slug: 'clothing', name: 'Clothing', parent: 'outdoor' },
  { slug: 'packs', name: 'Packs & bags', parent: 'outdoor' },
  { slug: 'camping', name: 'Camping', parent: 'outdoor' },
  { slug: 'trail', name: 'On the trail', parent: 'outdoor' },
  { slug: 'home', name: 'Home', parent: null },
  { slug: 'kitchen', name: 'Kitchen', parent: 'home' },
  { slug: 'living', name: 'Living', parent: 'home' },
  { slug: 'garden', name: 'Garden & workshop', parent: 'home' },
  { slug: 'pantry', name: 'Pantry', parent: 'home' },
  { slug: 'books', name: 'Books & maps', parent: null },
]
