import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table accounts.api_keys (
      id          text primary key,
      name        text not null,
      -- SHA-256 of the key: a random key of 256 bits needs no slow hash, and nobody can read it back from here.
      hash        text not null unique,
      permissions text[] not null,
      created_at  timestamptz not null default now(),
      revoked_at  timestamptz
    );

    -- One row per (caller, Idempotency-Key), inserted before the work (api.md, 6). The lease says that somebody is at it; the
    -- resource id was minted with the row, so whoever comes after the lease attaches to the same thing instead of making another.
    create table accounts.idempotency_keys (
      caller       text not null,
      key          text not null check (length(key) between 1 and 255),
      fingerprint  text not null,
      resource_id  text not null,
      request_id   text not null,
      leased_until timestamptz,
      status       integer,
      headers      jsonb,
      body         text,
      created_at   timestamptz not null default now(),
      primary key (caller, key),
      constraint an_answer_is_whole check ((status is null) = (body is null))
    );
  `)
}
