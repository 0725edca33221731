import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- Labels that a carrier was asked to sell, until it is known what came of it. An answer may be lost, and the purchase take effect all
    -- the same; so each is remembered by the carrier's own id before it is asked for.
    create table shipping.purchases (
      shipment_id         text not null references shipping.shipments (id),
      carrier_shipment_id text not null,
      asked_at            timestamptz not null default now(),
      primary key (shipment_id, carrier_shipment_id)
    );
    insert into shipping.purchases (shipment_id, carrier_shipment_id, asked_at)
      select id, carrier_shipment_id, asked_at from shipping.shipments
      where status = 'pending' and carrier_shipment_id is not null and asked_at is not null;
    alter table shipping.shipments drop column asked_at;
  `)
}
