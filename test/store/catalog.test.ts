import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sku } from '../../domain/ids.ts'
import { listProducts, offersOf, readProduct } from '../../store/catalog.ts'
import type { Databases } from '../../store/db.ts'
import { analyseLevels } from '../../store/stock-analysis.ts'
import { aProduct } from '../support/api.ts'
import { openStore } from '../support/stores.ts'

let databases: Databases
let close: () => Promise<void>

before(async () => {
  const store = await openStore()
  close = store.close
  const { db } = store
  databases = { accounts: db, catalog: db, order: db, inventory: db, shipping: db, notification: db }
  await aProduct(databases, {
    sku: 'MUG',
    title: 'Mug',
    prices: { EUR: 900, USD: 1000 },
    category: 'kitchen',
  })
  await aProduct(databases, { sku: 'CAP', title: 'Cap', prices: { EUR: 2500 } })
  await aProduct(databases, { sku: 'DRAFT', status: 'draft' })
  await aProduct(databases, { sku: 'OLD', status: 'archived' })
  await aProduct(databases, { sku: 'PAN', title: 'Pan', prices: {}, category: 'pans' })
  await db('catalog.categories').where({ slug: 'pans' }).update({ parent_slug: 'kitchen' })
})
after(() => close())

test('lists published products with their variants and prices, page by page', async () => {
  const { catalog } = databases
  const all = await listProducts(catalog, { limit: 100 })
  assert.deepEqual(all.map((product) => product.slug).sort(), ['cap', 'mug', 'pan'])
  const [mug] = all.filter((product) => product.slug === 'mug')
  assert.deepEqual(mug?.variants, [
    {
      sku: 'MUG',
      title: 'Blue',
      choices: [],
      barcode: null,
      grams: 500,
      image: null,
      available: true,
      prices: [
        { amount: 900, currency: 'EUR', compareAt: null },
        { amount: 1000, currency: 'USD', compareAt: null },
      ],
    },
  ])
  const [first, ...rest] = all
  assert.deepEqual(await listProducts(catalog, { limit: 1 }), [first])
  assert.deepEqual(await listProducts(catalog, { after: first?.id, limit: 100 }), rest)
})

test('finds what lies in a category and in those below it', async () => {
  const inKitchen = await listProducts(databases.catalog, { category: 'kitchen', limit: 10 })
  assert.deepEqual(inKitchen.map((product) => product.slug).sort(), ['mug', 'pan'])
  assert.deepEqual(await listProducts(databases.catalog, { category: 'nowhere', limit: 10 }), [])
})

test('reads a product by its slug or its id, if it is published', async () => {
  const mug = await readProduct(databases.catalog, 'mug')
  assert.equal(mug?.title, 'Mug')
  assert.deepEqual(await readProduct(databases.catalog, mug.id), mug)
  assert.equal(await readProduct(databases.catalog, 'draft'), null)
})

test('offers what is published and has a price in the currency, at that price', async () => {
  const skus = ['MUG', 'CAP', 'DRAFT', 'OLD', 'PAN', 'NONE'].map(sku)
  const offers = await offersOf(databases.catalog, { skus, currency: 'EUR' })
  assert.deepEqual([...offers.keys()].sort(), ['CAP', 'MUG'])
  assert.deepEqual(offers.get(sku('MUG')), {
    sku: 'MUG',
    name: 'Mug – Blue',
    unitPriceMinor: 900,
    taxClass: 'standard',
    grams: 500,
  })
  const inDollars = await offersOf(databases.catalog, { skus, currency: 'USD' })
  assert.deepEqual([...inDollars.keys()], ['MUG'])
})

test('pages through stock levels without skipping a warehouse of a SKU', async () => {
  const { inventory } = databases
  await inventory('inventory.warehouses').insert({ id: 'west', name: 'West', address: '{}' })
  await inventory('inventory.stock_levels').insert({ sku: 'CAP', warehouse_id: 'west', on_hand: 3 })
  const seen: string[] = []
  const page = { limit: 1, now: new Date().toISOString(), windowDays: 28 }
  let after: { sku: string; warehouseId: string } | null = null
  for (;;) {
    const [level]: { sku: string; warehouseId: string }[] = await analyseLevels(inventory, { ...page, after })
    if (!level) break
    seen.push(`${level.sku}@${level.warehouseId}`)
    after = level
  }
  assert.deepEqual(seen, ['CAP@main', 'CAP@west', 'DRAFT@main', 'MUG@main', 'OLD@main', 'PAN@main'])
})
