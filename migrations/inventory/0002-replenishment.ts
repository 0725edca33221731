import type { Knex } from 'knex'

/** Stock keeping and replenishment: conditions of units, what is ordered anew and when, suppliers, orders to them, their receipts. */
export async function up(db: Knex): Promise<void> {
  await db.raw(levels)
  await db.raw(journal)
  await db.raw(purchasing)
  await db.raw(receipts)
}

const levels = `
  alter table inventory.warehouses add column version integer not null default 1;

  -- on_hand counts what can be sold. Units that cannot are kept apart, each condition with its own counter and its own sum in the
  -- journal. What an admin sets (safety stock, reorder point, …) has a version of its own: the other one rises with every order.
  alter table inventory.stock_levels
    add column quarantined integer not null default 0 check (quarantined >= 0),
    add column damaged     integer not null default 0 check (damaged >= 0),
    -- Null: worked out from sales, lead time and safety stock.
    add column reorder_point integer check (reorder_point >= 0),
    add column order_up_to   integer check (order_up_to > 0),
    add column replenished   boolean not null default true,
    add column stocked_since timestamptz not null default now(),
    add column settings_version integer not null default 1,
    add constraint order_up_to_more_than_the_reorder_point check (order_up_to > reorder_point);
  update inventory.stock_levels as l set stocked_since = m.at
  from (select sku, warehouse_id, min(at) as at from inventory.stock_movements group by sku, warehouse_id) as m
  where m.sku = l.sku and m.warehouse_id = l.warehouse_id;

  -- 'taken': a count found fewer units than were promised, and this order was among the newest.
  alter table inventory.reservations drop constraint reservations_status_check;
  alter table inventory.reservations add constraint reservations_status_check
    check (status in ('held', 'committed', 'released', 'handed_over', 'taken'));
`

const journal = `
  alter table inventory.stock_movements
    add column condition text not null default 'sellable' check (condition in ('sellable', 'quarantined', 'damaged')),
    drop constraint stock_movements_kind_check,
    drop constraint each_movement_once;
  alter table inventory.stock_movements
    add constraint stock_movements_kind_check check (
      kind in ('received', 'shipped', 'returned', 'adjusted', 'counted', 'transferred', 'regraded')),
    add constraint each_movement_once unique (kind, source, sku, warehouse_id, condition);
  create index movements_of_level on inventory.stock_movements (sku, warehouse_id, position);
  create index movements_of_warehouse on inventory.stock_movements (warehouse_id, position);
  -- The daily check sums the sales of every level: it reads this index and nothing else.
  create index sales_of_level on inventory.stock_movements (sku, warehouse_id, at) include (quantity) where kind = 'shipped';
`

const purchasing = `
  create table inventory.suppliers (
    id             text primary key,
    name           text not null,
    email          text not null,
    currency       text not null,
    lead_time_days integer not null check (lead_time_days between 0 and 730),
    active         boolean not null default true,
    version        integer not null default 1,
    created_at     timestamptz not null default now()
  );
  create unique index one_supplier_of_a_name on inventory.suppliers (lower(name));

  -- The lower the rank, the sooner this supplier is suggested; of equals the cheapest.
  create table inventory.supplier_items (
    supplier_id      text not null references inventory.suppliers (id),
    sku              text not null,
    supplier_sku     text,
    unit_cost_minor  bigint not null constraint a_cost_is_not_negative check (unit_cost_minor >= 0),
    pack_size        integer not null default 1 check (pack_size between 1 and 100000),
    minimum_quantity integer not null default 1 check (minimum_quantity between 1 and 1000000),
    lead_time_days   integer check (lead_time_days between 0 and 730),
    rank             integer not null default 100,
    version          integer not null default 1,
    primary key (supplier_id, sku)
  );
  create index offers_of_sku on inventory.supplier_items (sku, rank, unit_cost_minor, supplier_id);

  create table inventory.replenishments (
    id                 text primary key,
    sku                text not null,
    warehouse_id       text not null,
    status             text not null check (
      status in ('waiting', 'ordered', 'fulfilled', 'closed_short', 'cancelled', 'rejected', 'expired')),
    -- What the check found and suggested, in words and in numbers, as it stood when the alert was raised.
    suggested_quantity integer not null check (suggested_quantity > 0),
    supplier_id        text references inventory.suppliers (id),
    because            jsonb not null,
    facts              jsonb not null,
    check_id           text not null,
    alerted_at         timestamptz not null,
    expires_at         timestamptz not null,
    reminded_at        timestamptz,
    escalated_at       timestamptz,
    quantity           integer check (quantity > 0),
    purchase_order_id  text,
    decided_at         timestamptz,
    decided_by         text,
    -- The request that decided: the same one, tried again, finds its own decision.
    decided_cause      text,
    reason             text,
    ended_at           timestamptz,
    version            integer not null default 1,
    cause              text not null,
    foreign key (sku, warehouse_id) references inventory.stock_levels (sku, warehouse_id),
    constraint what_is_ordered_has_a_purchase_order check (
      (status in ('ordered', 'fulfilled', 'closed_short', 'cancelled')) = (purchase_order_id is not null)),
    constraint who_decides_signs check (status in ('waiting', 'expired') or decided_by is not null)
  );
  -- However often the check runs, and whoever starts it: one shortage has one open replenishment.
  create unique index one_open_replenishment_per_shortage on inventory.replenishments (sku, warehouse_id)
    where status in ('waiting', 'ordered');
  create index replenishments_by_status on inventory.replenishments (status, id);

  create sequence inventory.purchase_order_numbers start 100001;

  create table inventory.purchase_orders (
    id               text primary key,
    number           text not null unique,
    supplier_id      text not null references inventory.suppliers (id),
    status           text not null check (status in ('open', 'partly_received', 'received', 'closed_short', 'cancelled')),
    currency         text not null,
    total_minor      bigint not null check (total_minor >= 0),
    expected_on      date not null,
    ordered_at       timestamptz not null,
    ordered_by       text not null,
    sent_at          timestamptz,
    reminded_at      timestamptz,
    ended_at         timestamptz,
    ended_by         text,
    ended_cause      text,
    end_reason       text,
    needs_attention  boolean not null default false,
    attention_reason text,
    version          integer not null default 1,
    cause            text not null,
    constraint what_has_ended_says_when check (
      (status in ('received', 'closed_short', 'cancelled')) = (ended_at is not null))
  );
  create index purchase_orders_by_status on inventory.purchase_orders (status, id);
  create index purchase_orders_of_supplier on inventory.purchase_orders (supplier_id, id);

  create table inventory.purchase_order_lines (
    purchase_order_id text not null references inventory.purchase_orders (id),
    sku               text not null,
    warehouse_id      text not null,
    supplier_sku      text,
    ordered           integer not null check (ordered > 0),
    received          integer not null default 0 check (received >= 0),
    damaged           integer not null default 0 check (damaged >= 0),
    quarantined       integer not null default 0 check (quarantined >= 0),
    unit_cost_minor   bigint not null check (unit_cost_minor >= 0),
    -- Whether more is still coming: what is open and not there yet is the level's incoming stock.
    open              boolean not null default true,
    replenishment_id  text not null references inventory.replenishments (id),
    primary key (purchase_order_id, sku, warehouse_id),
    foreign key (sku, warehouse_id) references inventory.stock_levels (sku, warehouse_id),
    constraint a_shortage_is_ordered_once unique (replenishment_id)
  );
  create index incoming on inventory.purchase_order_lines (sku, warehouse_id) where open;
`

const receipts = `
  create table inventory.receipts (
    id                text primary key,
    purchase_order_id text not null references inventory.purchase_orders (id),
    -- The number of the supplier's delivery note: the same note is booked once.
    reference         text,
    received_at       timestamptz not null,
    booked_at         timestamptz not null,
    actor             text not null,
    note              text,
    -- It came after the order was cancelled or closed.
    after_the_end     boolean not null default false,
    cause             text not null,
    constraint one_receipt_per_delivery_note unique (purchase_order_id, reference)
  );

  create table inventory.receipt_lines (
    receipt_id   text not null references inventory.receipts (id),
    sku          text not null,
    warehouse_id text not null,
    received     integer not null check (received >= 0),
    damaged      integer not null check (damaged >= 0),
    quarantined  integer not null check (quarantined >= 0),
    primary key (receipt_id, sku, warehouse_id),
    constraint a_receipt_line_holds_something check (received + damaged + quarantined > 0)
  );

  -- What each run of the check found; Temporal forgets its runs, this does not.
  create table inventory.stock_checks (
    id          text primary key,
    workflow_id text not null,
    started_at  timestamptz not null,
    finished_at timestamptz not null,
    levels      integer not null,
    low         integer not null,
    started     integer not null,
    waiting     integer not null
  );
`
