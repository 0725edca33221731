import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- A parcel that is taken back is closed in its row before its label is voided: a closed row refuses a label that comes late.
    alter table shipping.shipments
      add column recalled_by text,
      add column voided_at   timestamptz,
      -- The parcel in whose place this one goes: what was left in it, or all of it after it was lost.
      add column replaces    text unique references shipping.shipments (id);

    -- What came of taking parcels back, once and for all: whoever asks again is told the same.
    create table shipping.recalls (
      cancellation_id text primary key,
      order_id        text not null,
      answer          jsonb not null,
      at              timestamptz not null default now()
    );
  `)
}
