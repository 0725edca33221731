import type { Knex } from 'knex'

/**
 * What has to be looked at again, for each search engine by itself: one that is away for an hour keeps its own list, and the others
 * go on. A product that changes again while it is being looked at gets another mark, so its row outlives that look.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table catalog.search_engines (
      name text primary key
    );
    insert into catalog.search_engines (name) values ('postgres');

    create sequence catalog.search_marks;
    create table catalog.search_pending (
      engine     text not null references catalog.search_engines (name) on delete cascade,
      product_id text not null,
      mark       bigint not null default nextval('catalog.search_marks'),
      since      timestamptz not null,
      primary key (engine, product_id)
    );
    create index search_pending_oldest on catalog.search_pending (engine, mark);
  `)
}
