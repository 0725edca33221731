/**
 * The tables that let a schema announce and listen exactly once (invariant I14). A change and its `outbox` row are one transaction;
 * a listener's effect and its `inbox` row are one transaction. The relay finds rows by `relayed_at is null`, never by a cursor
 * over a serial: a transaction that commits late would be skipped.
 */
export function eventTables(schema: string): string {
  return `
    create table ${schema}.outbox (
      position   bigint generated always as identity primary key,
      event_id   text not null unique,
      type       text not null,
      subject    text not null,
      at         timestamptz not null,
      cause      text not null,
      data       jsonb not null,
      -- A relay takes a row by a lease and holds no lock while listeners work; a lease that ends was a relay that died.
      leased_until timestamptz,
      relayed_at timestamptz
    );
    create index outbox_waiting on ${schema}.outbox (position) where relayed_at is null;
    create index outbox_of_subject on ${schema}.outbox (subject, position);

    -- What a listener could not take: tried again at next_at, parked after its last try until an admin replays it.
    create table ${schema}.failed_deliveries (
      event_id   text not null references ${schema}.outbox (event_id),
      consumer   text not null,
      attempts   integer not null default 1 check (attempts > 0),
      next_at    timestamptz,
      parked_at  timestamptz,
      last_error text not null,
      primary key (event_id, consumer),
      constraint either_waiting_or_parked check ((next_at is null) <> (parked_at is null))
    );

    create table ${schema}.inbox (
      consumer text not null,
      event_id text not null,
      taken_at timestamptz not null default now(),
      primary key (consumer, event_id)
    );
  `
}
