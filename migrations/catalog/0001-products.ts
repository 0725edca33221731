import type { Knex } from 'knex'
import { eventTables } from '../event-tables.ts'

export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table catalog.categories (
      slug        text primary key,
      name        text not null,
      parent_slug text references catalog.categories (slug),
      position    integer not null default 0,
      constraint nothing_is_its_own_parent check (parent_slug is distinct from slug)
    );

    create table catalog.products (
      id            text primary key,
      slug          text not null unique,
      title         text not null,
      description   text not null,
      brand         text not null default '',
      status        text not null default 'draft' check (status in ('draft', 'published', 'archived')),
      category_slug text references catalog.categories (slug),
      version       integer not null default 1,
      created_at    timestamptz not null default now(),
      updated_at    timestamptz not null default now()
    );
    create index products_listed on catalog.products (id) where status = 'published';

    create table catalog.variants (
      sku        text primary key,
      product_id text not null references catalog.products (id),
      title      text not null,
      position   integer not null default 0,
      grams      integer not null check (grams >= 0),
      tax_class  text not null default 'standard' check (tax_class in ('standard', 'reduced', 'zero')),
      -- Kept by the events of the inventory service; what can be promised is decided there, at the time of the promise.
      available  boolean not null default true,
      available_at timestamptz
    );
    create index variants_of_product on catalog.variants (product_id, position);

    create table catalog.prices (
      sku          text not null references catalog.variants (sku),
      currency     text not null,
      amount_minor bigint not null constraint a_price_is_not_negative check (amount_minor >= 0),
      primary key (sku, currency)
    );
  `)
  await db.raw(eventTables('catalog'))
}
