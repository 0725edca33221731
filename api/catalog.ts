import { flawsOf, reasonsNotToPublish, tidyTags } from '../domain/catalog.ts'
import type { CatalogProduct, ProductStatus } from '../domain/catalog.ts'
import { slugOf } from '../domain/catalog/slugs.ts'
import { isId } from '../domain/ids.ts'
import type { ProductId } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import type { ByWhom } from '../store/catalog/changes.ts'
import { lockCatalogProduct, readCatalogProduct, takenByOthers } from '../store/catalog/products.ts'
import { saveProducts, SkuTaken } from '../store/catalog/save-products.ts'
import { breaks } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import { Problem } from './problems.ts'
import type { RequestError } from './problems.ts'
import { requireVersion } from './versions.ts'

/** Who asks for a change, and which version he changes. */
export interface Asked {
  readonly ifMatch: string | undefined
  readonly actor: string
  readonly cause: string
}

const byWhom = ({ actor, cause }: Omit<Asked, 'ifMatch'>): ByWhom => ({
  at: new Date().toISOString(),
  actor,
  cause,
})

export async function knownProduct(db: Db, id: string): Promise<CatalogProduct> {
  const product = isId('prod', id) ? await readCatalogProduct(db, id) : null
  return product ?? refuseUnknown()
}

function refuseUnknown(): never {
  throw new Refusal('product.not_found', 'There is no such product.')
}

/** Puts a new product into the catalog. `repeated`: an earlier try of this request may have made it already. */
export async function createProduct(
  db: Db,
  { product, repeated, ...asked }: { product: CatalogProduct; repeated: boolean } & Omit<Asked, 'ifMatch'>,
): Promise<CatalogProduct> {
  if (repeated) {
    const made = await readCatalogProduct(db, product.id)
    if (made) return made
  }
  return save(db, { to: () => product, what: 'created', asked: byWhom(asked), id: null })
}

/** Changes a product: `to` makes the next one of the present one, or throws. Refuses a stale or absent `If-Match`. */
export async function changeProduct(
  db: Db,
  {
    id,
    to,
    what,
    ...asked
  }: { id: string; to: (product: CatalogProduct) => CatalogProduct; what: string } & Asked,
): Promise<CatalogProduct> {
  if (!isId('prod', id)) return refuseUnknown()
  const check = (product: CatalogProduct): CatalogProduct => {
    requireVersion(asked.ifMatch, product.version)
    return to(product)
  }
  return save(db, { id, to: check, what, asked: byWhom(asked) })
}

async function save(
  db: Db,
  {
    id,
    to,
    what,
    asked,
  }: {
    id: ProductId | null
    to: (product: CatalogProduct) => CatalogProduct
    what: string
    asked: ByWhom
  },
): Promise<CatalogProduct> {
  try {
    return await db.transaction(async (trx) => {
      const before = id === null ? null : ((await lockCatalogProduct(trx, id)) ?? refuseUnknown())
      const after = tidied(to(before ?? blank))
      refuseFlawed(after)
      if (after.status === 'published') refuseUnpublishable(after)
      await refuseTaken(trx, after)
      const versions = await saveProducts(trx, { saves: [{ before, after, what }], ...asked })
      return { ...after, version: versions.get(after.id) ?? after.version }
    })
  } catch (error) {
    throw inOurWords(error)
  }
}

/** What a product is before anything is known of it. */
export const blank: CatalogProduct = {
  id: '' as ProductId,
  slug: '',
  title: '',
  description: '',
  descriptionHtml: null,
  brand: null,
  type: '',
  category: null,
  tags: [],
  status: 'draft',
  options: [],
  variants: [],
  images: [],
  version: 0,
}

const tidied = (product: CatalogProduct): CatalogProduct => ({
  ...product,
  title: product.title.trim(),
  slug: product.slug || slugOf(product.title) || product.id.replaceAll('_', '-'),
  tags: tidyTags(product.tags),
})

function refuseFlawed(product: CatalogProduct): void {
  const flaws = flawsOf(product)
  if (flaws.length === 0) return
  const errors = flaws.slice(0, 20).map(({ field, sku, detail }): RequestError => {
    const index = product.variants.findIndex((variant) => variant.sku === sku)
    const path = sku === undefined ? `#/${field}` : `#/variants/${index}/${field}`
    return { in: 'body', pointer: path, detail }
  })
  throw new Problem('request.invalid', 'The product does not add up; see errors.', { facts: { errors } })
}

function refuseUnpublishable(product: CatalogProduct): void {
  const reasons = reasonsNotToPublish(product)
  if (reasons.length === 0) return
  throw new Refusal('product.not_publishable', reasons.join(' '), { productId: product.id, reasons })
}

async function refuseTaken(trx: Db, { id, slug, variants }: CatalogProduct): Promise<void> {
  const [taken] = await takenByOthers(trx, [{ id, slug, skus: variants.map(({ sku }) => sku) }])
  if (taken?.slug) throw slugTaken(slug)
  if (taken && taken.skus.length > 0) {
    const facts = { skus: taken.skus }
    throw new Refusal('product.sku_taken', `Another product has ${taken.skus.join(', ')}.`, facts)
  }
}

const slugTaken = (slug?: string): Refusal =>
  new Refusal('product.slug_taken', 'Another product has this slug.', slug === undefined ? {} : { slug })

/** What only the database can say: somebody was faster, or there is no such brand or category. */
function inOurWords(error: unknown): unknown {
  if (breaks(error, 'products_slug_key')) return slugTaken()
  if (error instanceof SkuTaken || breaks(error, 'variants_pkey'))
    return new Refusal('product.sku_taken', 'Another product has one of these SKUs.')
  if (breaks(error, 'products_brand_slug_fkey'))
    return new Refusal('brand.unknown', 'There is no such brand: make it first.')
  if (breaks(error, 'products_category_slug_fkey'))
    return new Refusal('category.unknown', 'There is no such category: make it first.')
  return error
}

/** One product's part of a change of many. */
export type StatusChange =
  | { readonly id: string; readonly outcome: 'changed' | 'unchanged'; readonly version: number }
  | {
      readonly id: string
      readonly outcome: 'refused'
      readonly code: Refusal['code']
      readonly detail: string
    }

/** Gives many products a status, each by itself: one that cannot have it stands in nobody's way. */
export async function setStatuses(
  db: Db,
  { ids, status, ...asked }: { ids: readonly string[]; status: ProductStatus } & Omit<Asked, 'ifMatch'>,
): Promise<StatusChange[]> {
  const answers: StatusChange[] = []
  for (const id of new Set(ids)) {
    try {
      const before = await knownProduct(db, id)
      const to = (product: CatalogProduct): CatalogProduct => ({ ...product, status })
      const { version } = await changeProduct(db, { id, to, what: wordFor(status), ifMatch: '*', ...asked })
      answers.push({ id, outcome: version === before.version ? 'unchanged' : 'changed', version })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      answers.push({ id, outcome: 'refused', code: error.code, detail: error.detail })
    }
  }
  return answers
}

/** What the history calls it. */
export const wordFor = (status: ProductStatus): string =>
  ({ draft: 'withdrawn', published: 'published', archived: 'archived' })[status]
