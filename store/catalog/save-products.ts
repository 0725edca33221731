import type { CatalogProduct } from '../../domain/catalog.ts'
import { variantTitle } from '../../domain/catalog.ts'
import { productChanges } from '../../domain/catalog/history.ts'
import type { FieldChanges } from '../../domain/catalog/history.ts'
import type { ProductId, Sku } from '../../domain/ids.ts'
import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'
import { announce } from '../outbox.ts'
import { noteChanges } from './changes.ts'
import type { ByWhom } from './changes.ts'

/** Units that come with a new SKU; without a warehouse they go to the one that is preferred. */
export interface OpeningStock {
  readonly sku: Sku
  readonly units: number
  readonly warehouse?: string
}

/** A product before and after. Its version rises by one, whatever `after` says. */
export interface ProductSave {
  /** Null: it is new. */
  readonly before: CatalogProduct | null
  readonly after: CatalogProduct
  /** One word for the history: created, changed, published, … */
  readonly what: string
  /** Units that a new SKU comes with, for whoever keeps the stock. */
  readonly opening?: readonly OpeningStock[]
}

/**
 * Writes products with their variants, prices and pictures, the history of what changed, and one `Product Changed` each, all in the
 * caller's transaction. Answers the new versions; a product that somebody else changed since `before` was read is not in the
 * answer, and the caller must not commit then. What does not differ is not written.
 */
export async function saveProducts(
  trx: Db,
  { saves, ...byWhom }: { saves: readonly ProductSave[] } & ByWhom,
): Promise<Map<ProductId, number>> {
  const changes = saves.map((save) => ({ ...save, fields: productChanges(save.before, save.after) }))
  const real = changes.filter(({ before, fields }) => before === null || Object.keys(fields).length > 0)
  if (real.length === 0) return versionsOf(changes)

  await insertProducts(trx, { saves: real, at: byWhom.at })
  const stale = await updateProducts(trx, { saves: real, at: byWhom.at })
  if (stale.size > 0) return versionsOf(changes.filter(({ after }) => !stale.has(after.id)))
  await moveSlugs(trx, real)
  await writeVariants(trx, real)
  await writePrices(trx, real)
  await writeImages(trx, real)
  await noteChanges(trx, {
    changes: real.map(({ before, after, what, fields }) => ({
      kind: 'product',
      subject: after.id,
      version: (before?.version ?? 0) + 1,
      what,
      fields,
    })),
    ...byWhom,
  })
  await announce(trx, { schema: 'catalog', events: real.map((save) => eventOf(save, byWhom)) })
  return versionsOf(changes)
}

type Real = ProductSave & { readonly fields: FieldChanges }

const versionsOf = (saves: readonly Real[]): Map<ProductId, number> =>
  new Map(
    saves.map(({ before, after, fields }) => {
      const same = before !== null && Object.keys(fields).length === 0
      return [after.id, (before?.version ?? 0) + (same ? 0 : 1)]
    }),
  )

const columns = ({ after: product }: Real) => ({
  id: product.id,
  slug: product.slug,
  title: product.title,
  description: product.description,
  description_html: product.descriptionHtml,
  brand_slug: product.brand,
  type: product.type,
  category_slug: product.category,
  tags: product.tags,
  status: product.status,
  option_names: product.options,
})
const columnTypes = `id text, slug text, title text, description text, description_html text, brand_slug text, type text,
  category_slug text, tags text[], status text, option_names text[]`
const columnNames = columnTypes.replace(/ text(\[\])?/g, '')

async function insertProducts(trx: Db, { saves, at }: { saves: readonly Real[]; at: string }): Promise<void> {
  const made = saves.filter(({ before }) => before === null)
  if (made.length === 0) return
  await changed(
    trx,
    `insert into catalog.products (${columnNames}, version, created_at, updated_at)
     select ${columnNames}, 1, cast(:at as timestamptz), cast(:at as timestamptz)
     from jsonb_to_recordset(cast(:products as jsonb)) as n (${columnTypes})`,
    { products: JSON.stringify(made.map(columns)), at },
  )
}

/** Answers those that are not any more at the version that they were read at. */
async function updateProducts(
  trx: Db,
  { saves, at }: { saves: readonly Real[]; at: string },
): Promise<Set<ProductId>> {
  const known = saves.flatMap((save) =>
    save.before === null ? [] : [{ ...columns(save), was: save.before.version }],
  )
  if (known.length === 0) return new Set()
  const assignments = columnNames
    .split(',')
    .map((name) => `${name.trim()} = n.${name.trim()}`)
    .slice(1)
  const done = await rows<{ id: ProductId }>(
    trx,
    `update catalog.products as p
     set ${assignments.join(', ')}, version = p.version + 1, updated_at = cast(:at as timestamptz)
     from jsonb_to_recordset(cast(:products as jsonb)) as n (${columnTypes}, was integer)
     where p.id = n.id and p.version = n.was
     returning p.id`,
    { products: JSON.stringify(known), at },
  )
  const saved = new Set(done.map(({ id }) => id))
  return new Set(known.map(({ id }) => id).filter((id) => !saved.has(id)))
}

/** A slug that was left leads to its product from now on; one that is taken leads nowhere else any more. */
async function moveSlugs(trx: Db, saves: readonly Real[]): Promise<void> {
  const taken = saves.filter(({ before, after }) => before?.slug !== after.slug)
  if (taken.length === 0) return
  await changed(trx, `delete from catalog.past_product_slugs where slug = any(:slugs)`, {
    slugs: taken.map(({ after }) => after.slug),
  })
  const left = taken.flatMap(({ before }) => (before ? [{ slug: before.slug, product_id: before.id }] : []))
  await changed(
    trx,
    `insert into catalog.past_product_slugs (slug, product_id)
     select slug, product_id
     from jsonb_to_recordset(cast(:left as jsonb)) as n (slug text, product_id text)
     where not exists (select 1 from catalog.products as p where p.slug = n.slug)
     on conflict (slug) do update set product_id = excluded.product_id`,
    { left: JSON.stringify(left) },
  )
}

async function writeVariants(trx: Db, saves: readonly Real[]): Promise<void> {
  const variants = saves.flatMap(({ after }) =>
    after.variants.map(({ sku, choices, barcode, grams, size, taxClass, imageUrl }, position) => ({
      ...{ sku, product_id: after.id, title: variantTitle({ choices }), position, choices, barcode, grams },
      ...{ length_mm: size?.lengthMm, width_mm: size?.widthMm, height_mm: size?.heightMm },
      ...{ tax_class: taxClass, image_url: imageUrl },
    })),
  )
  const gone = saves.flatMap(({ before, after }) => {
    const kept = new Set(after.variants.map(({ sku }) => sku))
    return (before?.variants ?? []).filter(({ sku }) => !kept.has(sku)).map(({ sku }) => sku)
  })
  if (gone.length > 0) {
    await changed(trx, `delete from catalog.prices where sku = any(:gone)`, { gone })
    await changed(trx, `delete from catalog.variants where sku = any(:gone)`, { gone })
  }
  if (variants.length === 0) return
  // Whether a new SKU can be bought is not known yet: whoever keeps the stock answers `Product Changed` with what there is.
  const written = await changed(
    trx,
    `insert into catalog.variants as v (sku, product_id, title, position, choices, barcode, grams, length_mm, width_mm,
       height_mm, tax_class, image_url, available)
     select sku, product_id, title, position, choices, barcode, grams, length_mm, width_mm, height_mm, tax_class,
       image_url, false
     from jsonb_to_recordset(cast(:variants as jsonb)) as n (sku text, product_id text, title text, position integer,
       choices text[], barcode text, grams integer, length_mm integer, width_mm integer, height_mm integer,
       tax_class text, image_url text)
     on conflict (sku) do update
     set title = excluded.title, position = excluded.position, choices = excluded.choices,
         barcode = excluded.barcode, grams = excluded.grams, length_mm = excluded.length_mm,
         width_mm = excluded.width_mm, height_mm = excluded.height_mm, tax_class = excluded.tax_class,
         image_url = excluded.image_url
     where v.product_id = excluded.product_id`,
    { variants: JSON.stringify(variants) },
  )
  if (written < variants.length) throw new SkuTaken()
}

/** A SKU of another product: two keepers were at it at the same time, or the caller did not look before. */
export class SkuTaken extends Error {
  override readonly name = 'SkuTaken'
}

async function writePrices(trx: Db, saves: readonly Real[]): Promise<void> {
  const prices = saves.flatMap(({ after }) =>
    after.variants.flatMap(({ sku, prices: several }) =>
      several.map(({ currency, amountMinor, compareAtMinor }) => ({
        ...{ sku, currency, amount_minor: amountMinor, compare_at_minor: compareAtMinor },
      })),
    ),
  )
  const bindings = {
    prices: JSON.stringify(prices),
    skus: saves.flatMap(({ after }) => after.variants.map(({ sku }) => sku)),
  }
  const given = `jsonb_to_recordset(cast(:prices as jsonb))
    as n (sku text, currency text, amount_minor bigint, compare_at_minor bigint)`
  await changed(
    trx,
    `delete from catalog.prices as r where r.sku = any(:skus)
       and not exists (select 1 from ${given} where n.sku = r.sku and n.currency = r.currency)`,
    bindings,
  )
  await changed(
    trx,
    `insert into catalog.prices as r (sku, currency, amount_minor, compare_at_minor)
     select sku, currency, amount_minor, compare_at_minor from ${given}
     on conflict (sku, currency) do update
     set amount_minor = excluded.amount_minor, compare_at_minor = excluded.compare_at_minor
     where (r.amount_minor, r.compare_at_minor) is distinct from (excluded.amount_minor, excluded.compare_at_minor)`,
    bindings,
  )
}

async function writeImages(trx: Db, saves: readonly Real[]): Promise<void> {
  const repainted = saves.filter(({ fields }) => 'images' in fields)
  if (repainted.length === 0) return
  await changed(trx, `delete from catalog.images where product_id = any(:ids)`, {
    ids: repainted.map(({ after }) => after.id),
  })
  const images = repainted.flatMap(({ after }) =>
    after.images.map(({ url, alt }, position) => ({ product_id: after.id, position, url, alt })),
  )
  await changed(
    trx,
    `insert into catalog.images (product_id, position, url, alt)
     select product_id, position, url, alt
     from jsonb_to_recordset(cast(:images as jsonb)) as n (product_id text, position integer, url text, alt text)`,
    { images: JSON.stringify(images) },
  )
}

function eventOf({ before, after, opening = [] }: Real, { at, cause }: ByWhom) {
  const known = new Set(before?.variants.map(({ sku }) => sku))
  const newSkus = after.variants.map(({ sku }) => sku).filter((sku) => !known.has(sku))
  return {
    type: 'Product Changed',
    subject: after.id,
    at,
    cause,
    data: {
      productId: after.id,
      status: after.status,
      version: (before?.version ?? 0) + 1,
      newSkus,
      ...(opening.length > 0 && { opening }),
    },
  } as const
}
