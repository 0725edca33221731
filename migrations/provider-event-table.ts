/**
 * What another company told a service by webhook, kept once by the event's own id before it is answered (flows.md §3, "Routing"). It
 * holds ids and numbers: who paid and where he lives stays with the provider. Nothing is ever deleted, so an event that is
 * sent again years later is still one that we know.
 */
export function providerEventTable(schema: string): string {
  return `
    create table ${schema}.provider_events (
      event_id    text primary key,
      type        text not null,
      topic       text,
      object_id   text not null,
      -- By what our own thing is found: the payment intent, or the tracker.
      subject     text,
      order_id    text,
      occurred_at timestamptz not null,
      received_at timestamptz not null,
      excerpt     jsonb not null,
      state       text not null check (state in ('stored', 'filed', 'routed', 'waiting', 'failed')),
      attempts    integer not null default 0,
      -- When it is looked at next. Taking it puts this off, so a process that dies with it is followed by another.
      next_at     timestamptz,
      last_error  text,
      -- What it was handed to.
      routed_to   text,
      replays     integer not null default 0,
      replay_cause text,
      constraint what_is_not_settled_has_its_turn check ((next_at is not null) = (state in ('stored', 'waiting')))
    );
    create index provider_events_to_look_at on ${schema}.provider_events (next_at) where next_at is not null;
    create index provider_events_by_time on ${schema}.provider_events (received_at, event_id);
    create index provider_events_by_state on ${schema}.provider_events (state, received_at, event_id)
      where state in ('waiting', 'failed');
  `
}
