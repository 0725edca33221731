import type { Knex } from 'knex'

/**
 * A search index that lies in Postgres (docs/decisions/search-in-postgres.md). All of it follows from the catalog, and can be made
 * anew at any time. It is written by one writer at a time; every row says at which version it was written, so that readers who
 * remember what they read know what to read again.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table catalog.search_state (
      only_one      boolean primary key default true check (only_one),
      -- Another one: nothing that was remembered is true any more.
      generation    integer not null default 0,
      version       bigint not null default 0,
      -- Documents are numbered from 0 to before this.
      documents     integer not null default 0,
      -- What the names of entries were made by; see domain/search/entries.ts.
      index_version integer not null default 0
    );
    insert into catalog.search_state default values;

    create table catalog.search_documents (
      product_id text primary key,
      number     integer not null unique,
      stamp      text not null,
      document   jsonb not null,
      changed    bigint not null
    );
    create index search_documents_changed on catalog.search_documents (changed);

    -- Which documents are filed under a word, a brand, a category: for 4096 documents at a time, as 512 bytes of bits, or as two
    -- bytes for each where there are few.
    create table catalog.search_postings (
      entry   text collate "C" not null,
      chunk   integer not null,
      bits    bytea not null,
      changed bigint not null,
      primary key (entry, chunk)
    );
    create index search_postings_changed on catalog.search_postings (changed);

    -- Numbers to compare and sort by, eight bytes for each of 4096 documents.
    create table catalog.search_values (
      field   text not null,
      chunk   integer not null,
      numbers bytea not null,
      changed bigint not null,
      primary key (field, chunk)
    );

    -- All words but codes, which nobody is forgiven a typo in.
    create table catalog.search_words (
      word    text primary key,
      changed bigint not null
    );
    create index search_words_changed on catalog.search_words (changed);

    create table catalog.search_settings (
      only_one   boolean primary key default true check (only_one),
      version    integer not null default 1,
      synonyms   jsonb not null default '{}',
      stop_words text[] not null default '{a,an,and,for,in,of,on,or,the,to,with}'
    );
    insert into catalog.search_settings default values;
  `)
}
