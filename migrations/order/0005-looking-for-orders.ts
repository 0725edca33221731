import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index orders_that_need_attention on orders.orders (id) where needs_attention;
    create index orders_by_number on orders.orders (number text_pattern_ops);
    create index orders_by_mail on orders.orders (lower(email) text_pattern_ops);
    create index order_lines_by_sku on orders.order_lines (sku, order_id);

    -- What the reconciliation found. A finding is the same one while it is open; an admin settles it with a reason.
    create table orders.findings (
      id          text primary key,
      invariant   text not null,
      subject     text not null,
      detail      text not null,
      order_id    text,
      times       integer not null default 1 check (times > 0),
      first_seen  timestamptz not null,
      last_seen   timestamptz not null,
      state       text not null default 'open' check (state in ('open', 'gone', 'resolved')),
      resolved_by text,
      resolution  text,
      ended_at    timestamptz,
      constraint who_settles_it_says_why check (state <> 'resolved' or (resolved_by is not null and resolution is not null))
    );
    create unique index one_open_finding on orders.findings (invariant, subject) where state = 'open';
    create index findings_by_state on orders.findings (state, id);

    create table orders.reconciliations (
      run_id     text primary key,
      begun_at   timestamptz not null,
      ended_at   timestamptz not null,
      orders     integer not null,
      payments   integer not null,
      findings   integer not null
    );
  `)
}
