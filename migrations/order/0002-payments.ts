import type { Knex } from 'knex'
import { eventTables } from '../event-tables.ts'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- One payment intent per order; its id is stored before it is confirmed, so an answer that was lost can be looked up.
    create table payments.payments (
      order_id         text primary key,
      intent_id        text unique,
      -- Zero where an order was let go before its payment began: the row is the door, shut.
      total_minor      bigint not null check (total_minor >= 0),
      currency         text not null,
      status           text not null check (status in ('open', 'authorized', 'captured', 'voided', 'refunded')),
      authorized_minor bigint not null default 0 check (authorized_minor >= 0),
      captured_minor   bigint not null default 0,
      refunded_minor   bigint not null default 0,
      capture_before   timestamptz,
      created_at       timestamptz not null default now(),
      constraint never_capture_more_than_the_total check (captured_minor between 0 and total_minor),
      constraint never_refund_more_than_was_captured check (refunded_minor between 0 and captured_minor)
    );

    -- Each card that the customer tried, numbered by the customer's tries and never by an activity's retries.
    create table payments.attempts (
      order_id       text not null references payments.payments (order_id),
      attempt        integer not null check (attempt > 0),
      payment_method text not null,
      outcome        text check (outcome in ('authorized', 'declined', 'action_required')),
      code           text,
      at             timestamptz not null default now(),
      primary key (order_id, attempt)
    );

    -- What really happened to the money, append-only. The unique key makes each fact stand once however often it is told.
    create table payments.journal (
      position     bigint generated always as identity primary key,
      order_id     text not null,
      kind         text not null check (kind in ('authorized', 'captured', 'voided', 'refunded', 'refund_failed', 'disputed')),
      amount_minor bigint not null check (amount_minor >= 0),
      reference    text not null,
      at           timestamptz not null,
      cause        text not null,
      constraint each_fact_once unique (order_id, kind, reference)
    );
    create unique index at_most_one_capture on payments.journal (order_id) where kind = 'captured';

    create table payments.refunds (
      id           text primary key,
      order_id     text not null references payments.payments (order_id),
      amount_minor bigint not null check (amount_minor > 0),
      status       text not null check (status in ('asked', 'pending', 'succeeded', 'failed')),
      reason       text not null,
      provider_id  text,
      cause        text not null,
      created_at   timestamptz not null default now()
    );
    create index refunds_of_order on payments.refunds (order_id);

    create function payments.append_only() returns trigger language plpgsql as $$
    begin
      raise exception 'the payment journal is append-only';
    end $$;
    create trigger append_only before update or delete on payments.journal
      for each row execute function payments.append_only();
  `)
  await db.raw(eventTables('payments'))
}
