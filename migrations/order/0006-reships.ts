import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- What is sent again of parcels that were lost or came back. Who is asked claims his units while the order is locked, so that
    -- never more goes than was in the parcel; one that is refused afterwards (no stock) gives them back.
    create table orders.reships (
      id          text primary key,
      order_id    text not null references orders.orders (id),
      shipment_id text not null,
      lines       jsonb not null,
      status      text not null check (status in ('asked', 'sent', 'refused')),
      reason      text not null,
      asked_by    text,
      cause       text not null,
      asked_at    timestamptz not null,
      -- The parcels that go in its place, once it is decided.
      shipments   jsonb not null default '[]',
      -- Why not: the code and the sentence that were answered.
      refusal     jsonb,
      constraint who_is_refused_knows_why check ((status = 'refused') = (refusal is not null))
    );
    create index reships_of_order on orders.reships (order_id, asked_at);
    create index reships_under_way on orders.reships (asked_at) where status = 'asked';

    -- Another parcel goes in its place: whether the order is complete is asked of that one.
    alter table orders.order_shipments add column sent_again boolean not null default false;
  `)
}
