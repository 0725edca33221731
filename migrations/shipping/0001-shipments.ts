import type { Knex } from 'knex'
import { eventTables } from '../event-tables.ts'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- Rates that a customer was shown, by the id that the customer sends back. The fingerprint covers what was quoted (where to,
    -- how heavy): a rate for another parcel is asked for again.
    create table shipping.quotes (
      id          text primary key,
      cart_id     text not null,
      fingerprint text not null,
      rate        jsonb not null,
      expires_at  timestamptz not null,
      created_at  timestamptz not null default now()
    );
    create index quotes_of_cart on shipping.quotes (cart_id, created_at);

    create table shipping.shipments (
      id                  text primary key,
      order_id            text not null,
      number              integer not null check (number > 0),
      warehouse_id        text not null,
      status              text not null check (status in
                            ('pending', 'ready', 'handed_over', 'delivered', 'lost', 'returned', 'closed')),
      lines               jsonb not null,
      ship_to             jsonb not null,
      grams               integer not null check (grams >= 0),
      rate                jsonb not null,
      carrier_shipment_id text,
      carrier             text,
      service             text,
      tracker_id          text,
      tracking_code       text,
      tracking_url        text,
      label_url           text,
      cost_minor          bigint,
      cost_currency       text,
      -- When the carrier is asked next where the parcel is; null when nothing more is to come.
      next_poll_at        timestamptz,
      created_at          timestamptz not null default now(),
      cause               text not null,
      constraint one_parcel_per_number unique (order_id, number),
      constraint a_label_has_a_tracking_code check (
        status in ('pending', 'closed') or (tracking_code is not null and label_url is not null))
    );
    create index shipments_to_ask_about on shipping.shipments (next_poll_at) where next_poll_at is not null;

    create table shipping.scans (
      shipment_id text not null references shipping.shipments (id),
      at          timestamptz not null,
      status      text not null,
      message     text not null,
      place       text,
      primary key (shipment_id, at, status)
    );
  `)
  await db.raw(eventTables('shipping'))
}
