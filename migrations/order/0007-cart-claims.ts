import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- The order that this cart is becoming, from before its workflow starts: whoever orders the cart as well hears of the same one.
    alter table orders.carts add column being_ordered_as text;
  `)
}
