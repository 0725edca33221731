import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- Of a parcel that goes in the place of a lost one: what asked for it. There may be several, from several warehouses or for some
    -- lines each; what a cancellation leaves of a parcel is still replaced once.
    alter table shipping.shipments add column reship_id text;
    alter table shipping.shipments drop constraint shipments_replaces_key;
    create unique index one_parcel_for_what_stays on shipping.shipments (replaces) where reship_id is null;
    create index shipments_of_reship on shipping.shipments (reship_id) where reship_id is not null;
  `)
}
