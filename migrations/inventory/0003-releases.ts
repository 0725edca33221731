import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- What a cancellation let go of a paid order's stock, once. Its door may be shut before the stock was committed: that step then
    -- finds here that nothing is amiss.
    create table inventory.releases (
      cancellation_id text primary key,
      order_id        text not null,
      units           jsonb not null,
      at              timestamptz not null default now()
    );
    create index releases_of_order on inventory.releases (order_id);
  `)
}
