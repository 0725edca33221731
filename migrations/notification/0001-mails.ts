import type { Knex } from 'knex'
import { eventTables } from '../event-tables.ts'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- What this service must know of an order to write to its customer, as it was told with the confirmation.
    create table notifications.letters (
      order_id text primary key,
      letter   jsonb not null
    );

    -- One mail per (order, kind, shipment or refund), invariant I15. 'sending' is written before the mail server is called; who
    -- finds it there sends again under the same Message-ID.
    create table notifications.mails (
      message_id text primary key,
      order_id   text not null,
      kind       text not null,
      reference  text not null,
      status     text not null check (status in ('sending', 'sent', 'refused')),
      code       text,
      cause      text not null,
      created_at timestamptz not null default now(),
      sent_at    timestamptz,
      constraint one_mail_of_a_kind unique (order_id, kind, reference)
    );
  `)
  await db.raw(eventTables('notifications'))
}
