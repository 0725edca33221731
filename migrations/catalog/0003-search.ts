import type { Knex } from 'knex'

/** What the search in Postgres looks in. All of it follows from the catalog, and can be made anew at any time. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table catalog.search_documents (
      product_id  text primary key,
      stamp       text not null,
      brand_slug  text,
      -- From the top of the tree down to where it lies.
      categories  text[] not null,
      tags        text[] not null,
      available   boolean not null,
      prices      jsonb not null,
      created_at  timestamptz not null,
      title_key   text not null,
      -- What a product is called, with positions and weights (A: title, B: brand, C: codes, categories, tags, choices): short, so
      -- that thousands of them can be ranked.
      head        tsvector not null,
      -- Every word without positions, to say which of several words a product has.
      lexemes     tsvector not null,
      -- Every word with its positions. Only the index is read, and phrases.
      all_words   tsvector not null,
      title       text not null,
      description text not null
    );
    -- Rows stay narrow: what only few of them are asked for lies beside the table.
    alter table catalog.search_documents set (toast_tuple_target = 512);
    alter table catalog.search_documents alter column all_words set storage external;
    alter table catalog.search_documents alter column description set storage external;
    alter table catalog.search_documents alter column head set storage main;

    -- Without the list of what is still to be sorted in: a search would have to read that list each time.
    create index search_all_words on catalog.search_documents using gin (all_words) with (fastupdate = off);
    create index search_categories on catalog.search_documents using gin (categories) with (fastupdate = off);
    create index search_newest on catalog.search_documents (created_at desc, product_id);
    create index search_titles on catalog.search_documents (title_key, product_id);

    -- All words but codes. Readers ask for those after the last one that they know, so they are added under a lock, in order.
    create table catalog.search_words (
      position bigint generated always as identity primary key,
      word     text not null unique
    );

    create table catalog.search_settings (
      only_one   boolean primary key default true check (only_one),
      version    integer not null default 1,
      synonyms   jsonb not null default '{}',
      stop_words text[] not null default '{a,an,and,for,in,of,on,or,the,to,with}'
    );
    insert into catalog.search_settings default values;
  `)
}
