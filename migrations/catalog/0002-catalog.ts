import type { Knex } from 'knex'

/**
 * The catalog of a real shop: brands, options, tags, pictures, dimensions, what a thing cost before; categories that move; slugs
 * that lead on when they are renamed; and who changed what.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table catalog.brands (
      slug    text primary key,
      name    text not null check (name <> ''),
      version integer not null default 1
    );
    create unique index one_brand_by_a_name on catalog.brands (lower(name));

    insert into catalog.brands (slug, name)
    select distinct on (slug) slug, brand
    from (select brand, trim(both '-' from regexp_replace(lower(brand), '[^[:alnum:]]+', '-', 'g')) as slug
          from catalog.products where brand <> '') as known
    order by slug, brand;

    alter table catalog.products
      add column brand_slug text references catalog.brands (slug) on update cascade,
      add column description_html text,
      add column type text not null default '',
      add column tags text[] not null default '{}',
      add column option_names text[] not null default '{}'
        constraint at_most_three_options check (cardinality(option_names) <= 3);
    update catalog.products
      set brand_slug = trim(both '-' from regexp_replace(lower(brand), '[^[:alnum:]]+', '-', 'g'))
      where brand <> '';
    alter table catalog.products drop column brand;
    create index products_of_brand on catalog.products (brand_slug, id);
    create index products_of_category on catalog.products (category_slug, id);

    alter table catalog.variants
      add column choices text[] not null default '{}',
      add column barcode text,
      add column length_mm integer check (length_mm > 0),
      add column width_mm integer check (width_mm > 0),
      add column height_mm integer check (height_mm > 0),
      add column image_url text,
      add constraint measured_on_all_sides_or_on_none
        check (num_nulls(length_mm, width_mm, height_mm) in (0, 3));
    -- Until now a variant had a title and no options.
    update catalog.variants set choices = array[title] where title <> '';
    update catalog.products as p set option_names = '{Variant}'
      where exists (select 1 from catalog.variants as v where v.product_id = p.id and v.title <> '');
    -- Judged when a statement ends: two variants may change places in one.
    alter table catalog.variants
      add constraint one_variant_for_each_choice unique (product_id, choices) deferrable initially immediate;

    alter table catalog.prices
      add column compare_at_minor bigint,
      add constraint a_compare_at_price_is_higher check (compare_at_minor > amount_minor);

    create table catalog.images (
      product_id text not null references catalog.products (id),
      position   integer not null check (position >= 0),
      url        text not null,
      alt        text not null default '',
      primary key (product_id, position)
    );

    -- A slug that a product or category had before leads to it, until another one takes it.
    create table catalog.past_product_slugs (
      slug       text primary key,
      product_id text not null references catalog.products (id)
    );

    alter table catalog.products
      drop constraint products_category_slug_fkey,
      add constraint products_category_slug_fkey
        foreign key (category_slug) references catalog.categories (slug) on update cascade;
    alter table catalog.categories
      add column version integer not null default 1,
      drop constraint categories_parent_slug_fkey,
      add constraint categories_parent_slug_fkey
        foreign key (parent_slug) references catalog.categories (slug) on update cascade;
    create unique index siblings_have_different_names
      on catalog.categories (coalesce(parent_slug, ''), lower(name));
    create index categories_below on catalog.categories (parent_slug, position, slug);

    create table catalog.past_category_slugs (
      slug          text primary key,
      category_slug text not null references catalog.categories (slug) on update cascade on delete cascade
    );

    -- Whoever moves a category looks before, under a lock; nothing that does not can get past this.
    create function catalog.refuse_circles() returns trigger language plpgsql as $$
    begin
      if exists (
        with recursive above as (
          select new.parent_slug as slug
          union select c.parent_slug from catalog.categories as c join above on c.slug = above.slug
        ) select 1 from above where slug = new.slug
      ) then
        raise exception 'the category % would lie below itself', new.slug
          using errcode = 'check_violation', constraint = 'a_category_is_never_below_itself';
      end if;
      return null;
    end $$;
    create constraint trigger a_category_is_never_below_itself
      after insert or update of parent_slug on catalog.categories
      for each row execute function catalog.refuse_circles();

    -- Who changed what and why; nothing in it is ever changed.
    create table catalog.changes (
      position bigint generated always as identity primary key,
      kind     text not null check (kind in ('product', 'category', 'brand', 'search')),
      subject  text not null,
      version  integer not null,
      what     text not null,
      at       timestamptz not null,
      actor    text not null,
      cause    text not null,
      fields   jsonb not null
    );
    create index changes_of_subject on catalog.changes (kind, subject, position);
    create function catalog.append_only() returns trigger language plpgsql as $$
    begin
      raise exception 'the history of the catalog is append-only';
    end $$;
    create trigger append_only before update or delete on catalog.changes
      for each row execute function catalog.append_only();
  `)
}
