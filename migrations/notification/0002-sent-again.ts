import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    -- What a mail said besides the letter: from both it can be written again. Null for mails that are about no order, and older ones.
    alter table notifications.mails add column content jsonb;
    create index mails_of_order on notifications.mails (order_id, created_at);

    -- Mails that an admin has sent again, each once.
    create table notifications.resends (
      id         text primary key,
      order_id   text not null,
      message_id text not null references notifications.mails (message_id),
      reason     text not null,
      actor      text not null,
      at         timestamptz not null
    );
  `)
}
