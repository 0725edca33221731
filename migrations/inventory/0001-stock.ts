import type { Knex } from 'knex'
import { eventTables } from '../event-tables.ts'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table inventory.warehouses (
      id       text primary key,
      name     text not null,
      address  jsonb not null,
      -- The lower, the sooner a parcel is sent from here.
      rank     integer not null default 100
    );

    create table inventory.stock_levels (
      sku          text not null,
      warehouse_id text not null references inventory.warehouses (id),
      on_hand      integer not null check (on_hand >= 0),
      reserved     integer not null default 0,
      safety_stock integer not null default 0 check (safety_stock >= 0),
      version      integer not null default 1,
      primary key (sku, warehouse_id),
      constraint never_promise_more_than_we_hold check (reserved between 0 and on_hand)
    );

    -- The door of an order: one row, made by whoever comes first. A release makes it shut even when nothing was reserved, so a
    -- reserve that arrives late finds it shut.
    create table inventory.holds (
      order_id text primary key,
      status   text not null check (status in ('held', 'committed', 'released')),
      deadline timestamptz,
      at       timestamptz not null default now(),
      constraint only_a_hold_has_a_deadline check (status = 'held' or deadline is null)
    );
    create index holds_by_deadline on inventory.holds (deadline) where status = 'held';

    create table inventory.reservations (
      order_id     text not null references inventory.holds (order_id),
      line_id      text not null,
      sku          text not null,
      warehouse_id text not null,
      quantity     integer not null check (quantity > 0),
      status       text not null check (status in ('held', 'committed', 'released', 'handed_over')),
      primary key (order_id, line_id, warehouse_id),
      foreign key (sku, warehouse_id) references inventory.stock_levels (sku, warehouse_id)
    );
    create index live_reservations on inventory.reservations (sku, warehouse_id) where status in ('held', 'committed');

    create table inventory.stock_movements (
      position     bigint generated always as identity primary key,
      sku          text not null,
      warehouse_id text not null,
      quantity     integer not null check (quantity <> 0),
      kind         text not null check (kind in ('received', 'shipped', 'returned', 'adjusted')),
      reason       text,
      actor        text not null,
      source       text not null,
      at           timestamptz not null,
      foreign key (sku, warehouse_id) references inventory.stock_levels (sku, warehouse_id),
      constraint each_movement_once unique (kind, source, sku, warehouse_id)
    );

    create function inventory.append_only() returns trigger language plpgsql as $$
    begin
      raise exception 'the journal of stock movements is append-only';
    end $$;
    create trigger append_only before update or delete on inventory.stock_movements
      for each row execute function inventory.append_only();
  `)
  await db.raw(eventTables('inventory'))
}
