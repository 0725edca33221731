import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- What is sent again of an order holds its stock under an id of its own; this is the order.
    alter table inventory.holds add column reship_of text;
    create index holds_of_reships on inventory.holds (reship_of) where reship_of is not null;

    -- Units that had left and came back, by an admin's word. Never more than left (store/restocks.ts, under the lock of the order's door).
    create table inventory.restocks (
      id           text primary key,
      order_id     text not null references inventory.holds (order_id),
      line_id      text not null,
      sku          text not null,
      warehouse_id text not null references inventory.warehouses (id),
      condition    text not null check (condition in ('sellable', 'quarantined', 'damaged')),
      quantity     integer not null check (quantity > 0),
      reason       text not null,
      actor        text not null,
      cause        text not null,
      at           timestamptz not null
    );
    create index restocks_of_order on inventory.restocks (order_id, line_id);
  `)
}
