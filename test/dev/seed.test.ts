import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { seedCatalog } from '../../dev/seed.ts'
import { chargeStep } from '../../domain/money.ts'
import type { Currency } from '../../domain/money.ts'
import { suggest } from '../../domain/replenishment.ts'
import { openDatabases, rows } from '../../store/db.ts'
import type { Databases } from '../../store/db.ts'
import { analyseLevels } from '../../store/stock-analysis.ts'
import { freshDatabase } from '../support/database.ts'
import type { FreshDatabase } from '../support/database.ts'

describe('the sample products', () => {
  let fresh: FreshDatabase, databases: Databases, close: () => Promise<void>
  before(async () => {
    fresh = await freshDatabase()
    const own = { url: fresh.url, poolSize: 2 }
    const opened = openDatabases({
      ...{ accounts: own, catalog: own, order: own },
      ...{ inventory: own, shipping: own, notification: own },
    })
    databases = opened.databases
    close = () => opened.close()
    assert.ok((await seedCatalog(databases)).products >= 60)
  })
  after(async () => {
    await close()
    await fresh.drop()
  })

  it('are put into an empty catalog only', async () => {
    const count = () => rows<{ count: number }>(databases.catalog, 'select count(*) from catalog.products')
    const once = await count()

    assert.deepEqual(await seedCatalog(databases), { products: 0 })
    assert.deepEqual(await count(), once)
  })

  it('have a price that a card can be charged in every currency', async () => {
    const prices = await rows<{ sku: string; currency: Currency; amount: number }>(
      databases.catalog,
      'select sku, currency, amount_minor as amount from catalog.prices',
    )
    const variants = await rows<{ count: number }>(databases.catalog, 'select count(*) from catalog.variants')

    assert.equal(prices.length, (variants[0]?.count ?? 0) * 5)
    assert.deepEqual(
      prices.filter(({ amount, currency }) => amount <= 0 || amount % chargeStep(currency) !== 0),
      [],
    )
  })

  it('are all sold by somebody, and ordered anew where there are any', async () => {
    const orphans = await rows(
      databases.inventory,
      `select l.sku from inventory.stock_levels as l
       where not exists (select 1 from inventory.supplier_items as i where i.sku = l.sku)
          or (l.on_hand > 0 and l.reorder_point is null)`,
    )
    const levels = await analyseLevels(databases.inventory, {
      ...{ after: null, limit: 1_000, now: new Date().toISOString(), windowDays: 28 },
    })
    const policy = { windowDays: 28, coverDays: 28, leadTimeDays: 14 }
    const low = levels.filter((level) => suggest(level, policy).low)

    assert.deepEqual(orphans, [])
    assert.deepEqual([levels.length > 100, low.length], [true, 0])
  })

  it('have stock that the journal explains', async () => {
    const unexplained = await rows(
      databases.inventory,
      `select l.sku, l.warehouse_id from inventory.stock_levels as l
       left join inventory.stock_movements as m using (sku, warehouse_id)
       group by l.sku, l.warehouse_id, l.on_hand
       having l.on_hand <> coalesce(sum(m.quantity), 0)`,
    )

    assert.deepEqual(unexplained, [])
  })

  it('show as available what there is stock of', async () => {
    const stocked = await rows<{ sku: string }>(
      databases.inventory,
      'select sku from inventory.stock_levels group by sku having sum(on_hand) > 0 order by sku',
    )
    const shown = await rows<{ sku: string }>(
      databases.catalog,
      'select sku from catalog.variants where available order by sku',
    )

    assert.deepEqual(shown, stocked)
  })

  it('finish what a start that was cut short had begun', async () => {
    await databases.catalog.raw(
      'truncate catalog.prices, catalog.variants, catalog.products, catalog.categories cascade',
    )
    const levels = () =>
      rows(databases.inventory, 'select * from inventory.stock_levels order by sku, warehouse_id')
    const before = await levels()

    assert.ok((await seedCatalog(databases)).products >= 60)
    assert.deepEqual(await levels(), before)
  })
})
