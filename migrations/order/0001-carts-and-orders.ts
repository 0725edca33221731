import type { Knex } from 'knex'
import { nextStatuses, orderStatuses } from '../../domain/orders.ts'
import { eventTables } from '../event-tables.ts'

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ')
const transitions = orderStatuses.flatMap((from) => nextStatuses[from].map((to) => `('${from}', '${to}')`))

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table orders.carts (
      id           text primary key,
      currency     text not null,
      customer_ref text not null,
      status       text not null default 'open' check (status in ('open', 'ordered')),
      version      integer not null default 1,
      ship_to      jsonb,
      created_at   timestamptz not null default now(),
      updated_at   timestamptz not null default now()
    );

    -- The offer beside the quantity is ours, never the client's: the API looks it up in the catalog and refreshes it whenever the
    -- cart is shown or ordered, so that opening an order needs no other service.
    create table orders.cart_lines (
      id               text primary key,
      cart_id          text not null references orders.carts (id) on delete cascade,
      sku              text not null,
      name             text not null,
      quantity         integer not null constraint a_line_holds_something check (quantity between 1 and 9999),
      unit_price_minor bigint not null check (unit_price_minor >= 0),
      tax_class        text not null,
      grams            integer not null check (grams >= 0),
      constraint one_line_per_sku unique (cart_id, sku)
    );

    create sequence orders.order_numbers start 100001;

    create table orders.orders (
      id               text primary key,
      number           text not null unique,
      cart_id          text not null,
      cart_version     integer not null,
      customer_ref     text not null,
      email            text not null,
      currency         text not null,
      status           text not null check (status in (${quoted(orderStatuses)})),
      version          integer not null,
      ship_to          jsonb not null,
      bill_to          jsonb,
      rate             jsonb,
      subtotal_minor     bigint,
      discount_minor     bigint check (discount_minor >= 0),
      shipping_minor     bigint check (shipping_minor >= 0),
      tax_minor          bigint check (tax_minor >= 0),
      tax_included_minor bigint check (tax_included_minor >= 0),
      rounding_minor     bigint,
      total_minor        bigint check (total_minor >= 0),
      -- The part of the tax that is on shipping; the rest lies on the lines.
      shipping_tax_minor          bigint,
      shipping_tax_included_minor bigint,
      placed_at        timestamptz not null,
      expires_at       timestamptz not null,
      confirmed_at     timestamptz,
      -- In how many parcels it goes: shipped when all of them are handed over, delivered when all have arrived.
      parcels          integer check (parcels > 0),
      end_reason       text,
      needs_attention  boolean not null default false,
      attention_reason text,
      cause            text not null,
      constraint a_total_is_the_sum_of_its_parts check (
        total_minor is null
        or total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor + rounding_minor),
      constraint nothing_is_confirmed_without_a_total check (
        status in ('pending_payment', 'expired', 'rejected', 'cancelled') or (total_minor is not null and rate is not null)),
      constraint who_ended_unpaid_says_why check (status not in ('expired', 'rejected') or end_reason is not null)
    );
    create unique index one_live_order_per_cart on orders.orders (cart_id)
      where status not in ('expired', 'rejected', 'cancelled');
    create index orders_by_customer on orders.orders (customer_ref, id);
    create index orders_by_status on orders.orders (status, id);

    create table orders.order_lines (
      id                 text primary key,
      order_id           text not null references orders.orders (id),
      position           integer not null,
      sku                text not null,
      name               text not null,
      quantity           integer not null check (quantity > 0),
      cancelled_quantity integer not null default 0,
      unit_price_minor   bigint not null check (unit_price_minor >= 0),
      tax_class          text not null,
      grams              integer not null,
      subtotal_minor     bigint not null default 0,
      discount_minor     bigint not null default 0,
      tax_minor          bigint not null default 0,
      tax_included_minor bigint not null default 0,
      tax_rate_per_100k  integer not null default 0,
      tax_mode           text not null default 'included' check (tax_mode in ('included', 'on_top')),
      total_minor        bigint not null default 0,
      constraint never_cancel_more_than_was_ordered check (cancelled_quantity between 0 and quantity),
      constraint a_line_stands_in_one_place unique (order_id, position)
    );

    -- The timeline. Replayed through the table of transitions it gives the order's status; versions have no gaps (I12).
    create table orders.order_events (
      order_id text not null references orders.orders (id),
      version  integer not null check (version > 0),
      type     text not null,
      status   text not null,
      at       timestamptz not null,
      actor    text not null check (actor in ('customer', 'admin', 'operator', 'system')),
      reason   text,
      cause    text not null,
      primary key (order_id, version)
    );

    -- The parcels of an order as the shipping service announced them.
    create table orders.order_shipments (
      shipment_id   text primary key,
      order_id      text not null references orders.orders (id),
      status        text not null check (status in ('ready', 'handed_over', 'delivered', 'lost', 'returned')),
      carrier       text not null,
      service       text not null,
      tracking_code text not null,
      tracking_url  text,
      label_url     text
    );
    create index shipments_of_order on orders.order_shipments (order_id);

    create table orders.legal_transitions (
      from_status text not null,
      to_status   text not null,
      primary key (from_status, to_status)
    );
    insert into orders.legal_transitions values ${transitions.join(', ')};

    create function orders.only_legal_transitions() returns trigger language plpgsql as $$
    begin
      if new.status <> old.status and not exists (
        select 1 from orders.legal_transitions where from_status = old.status and to_status = new.status
      ) then
        raise exception 'an order cannot go from % to %', old.status, new.status using errcode = 'check_violation';
      end if;
      return new;
    end $$;
    create trigger only_legal_transitions before update of status on orders.orders
      for each row execute function orders.only_legal_transitions();
  `)
  await db.raw(eventTables('orders'))
}
