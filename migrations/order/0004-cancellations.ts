import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- What was asked to be cancelled of a paid order. The amount is prorated when it begins, while the order is locked.
    create table orders.cancellations (
      id           text primary key,
      order_id     text not null references orders.orders (id),
      whole        boolean not null,
      lines        jsonb not null,
      amount_minor bigint not null check (amount_minor >= 0),
      status       text not null check (status in ('recalling', 'settling', 'done', 'lost')),
      reason       text not null,
      actor        text not null check (actor in ('customer', 'admin', 'operator', 'system')),
      asked_by     text,
      cause        text not null,
      begun_at     timestamptz not null,
      ended_at     timestamptz,
      constraint what_has_ended_says_when check ((status in ('done', 'lost')) = (ended_at is not null))
    );
    create index cancellations_of_order on orders.cancellations (order_id, begun_at);
    create unique index one_recall_at_a_time on orders.cancellations (order_id) where status = 'recalling';
    create unique index one_whole_cancellation on orders.cancellations (order_id) where whole and status <> 'lost';

    -- Units that were not cancelled, and whose money an admin gave back.
    alter table orders.order_lines
      add column refunded_quantity integer not null default 0,
      add constraint never_refund_more_than_was_ordered check (refunded_quantity between 0 and quantity);

    -- The code of the refusal that ended an order: a late repeat of the request hears it again.
    alter table orders.orders add column end_code text;

    -- 'voided': its label was given back, and nobody sends it any more.
    alter table orders.order_shipments drop constraint order_shipments_status_check;
    alter table orders.order_shipments add constraint order_shipments_status_check
      check (status in ('ready', 'handed_over', 'delivered', 'lost', 'returned', 'voided'));

    insert into orders.legal_transitions values ('cancelling', 'confirmed') on conflict do nothing;

    -- Why the money goes back, for whom it is said, and what came of it.
    alter table payments.refunds
      add column cancellation_id text,
      add column lines jsonb,
      add column asked_by text,
      add column code text,
      add column ended_at timestamptz;
    create index refunds_by_age on payments.refunds (created_at, id);
  `)
}
