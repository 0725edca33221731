import type { Knex } from 'knex'

/** Whether anything came to a level lately, which the daily check asks of every one: it reads this index and nothing else. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index arrivals_of_level on inventory.stock_movements (sku, warehouse_id, at)
      where condition = 'sellable' and quantity > 0;
  `)
}
