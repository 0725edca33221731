import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- When the carrier was last asked to sell a label: until a while later the purchase may still take effect, unheard.
    alter table shipping.shipments add column asked_at timestamptz;
  `)
}
