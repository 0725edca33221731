import type { CatalogProduct } from '../../domain/catalog.ts'
import { patched, rowFlawsOf } from '../../domain/catalog/csv/apply.ts'
import type { RowFlaw } from '../../domain/catalog/csv/cells.ts'
import type { ProductPatch } from '../../domain/catalog/csv/read.ts'
import { bodyOf } from '../../domain/catalog/csv/write.ts'
import type { ProductFiles } from '../../gateways/product-files.ts'
import { lockBySlugs, takenByOthers } from '../../store/catalog/products.ts'
import { saveProducts, SkuTaken } from '../../store/catalog/save-products.ts'
import type { OpeningStock, ProductSave } from '../../store/catalog/save-products.ts'
import { breaks } from '../../store/db.ts'
import type { Db } from '../../store/db.ts'
import { newId } from '../../store/ids.ts'
import { blank } from '../catalog.ts'
import { nameMaker } from './names.ts'

export interface ImportWishes {
  /** Everything is checked as if it were done, and nothing is. */
  readonly dryRun: boolean
  /** Nothing more is imported once something is wrong. */
  readonly stopAtError: boolean
  /** Where new SKUs are stocked; null: the warehouse that is preferred. */
  readonly warehouse: string | null
  readonly actor: string
  readonly cause: string
}

export interface ToSave {
  readonly handle: string
  readonly patch: ProductPatch
}

/** What became of a product of a file; `told`: its flaws are about single rows, or about no product at all. */
export interface Outcome {
  readonly handle: string
  readonly line: number
  readonly flaws: readonly RowFlaw[]
  readonly end: 'created' | 'changed' | 'unchanged' | 'refused' | 'told'
  readonly quantitiesLeft: number
}

interface Means {
  readonly catalog: Db
  readonly files: ProductFiles
}

/** Undoes a dry run once everything has been checked by really doing it. */
class NothingDone extends Error {}

/**
 * Saves products of a file in one transaction: all that can be saved. Where somebody else was faster with a SKU or slug, the batch is
 * tried again in halves, until only those are refused.
 */
export async function saveBatch(
  means: Means,
  batch: { products: readonly ToSave[]; wishes: ImportWishes },
): Promise<Outcome[]> {
  const { products, wishes } = batch
  if (products.length === 0) return []
  let outcomes: Outcome[] = []
  try {
    await means.catalog.transaction(async (trx) => {
      outcomes = await saveIn(trx, { ...batch, files: means.files })
      if (wishes.dryRun) throw new NothingDone()
    })
    return outcomes
  } catch (error) {
    if (error instanceof NothingDone) return outcomes
    const raced = error instanceof SkuTaken || races.some((constraint) => breaks(error, constraint))
    if (!raced) throw error
  }
  const [only] = products
  if (only && products.length === 1) {
    const detail = 'Somebody else has just taken its handle or one of its SKUs: import it again.'
    return [refused(only, [{ line: only.patch.line, column: null, detail }])]
  }
  const half = Math.ceil(products.length / 2)
  return [
    ...(await saveBatch(means, { wishes, products: products.slice(0, half) })),
    ...(await saveBatch(means, { wishes, products: products.slice(half) })),
  ]
}

const races = [
  'products_slug_key',
  'variants_pkey',
  'one_variant_for_each_choice',
  'one_brand_by_a_name',
  'brands_pkey',
]

interface Planned extends ToSave {
  readonly before: CatalogProduct | null
  readonly after: CatalogProduct
}

async function saveIn(
  trx: Db,
  { products, wishes, files }: { products: readonly ToSave[]; wishes: ImportWishes; files: ProductFiles },
): Promise<Outcome[]> {
  const known = await lockBySlugs(
    trx,
    products.map(({ handle }) => handle),
  )
  const bySlug = new Map(known.map((product) => [product.slug, product]))
  const planned = products.map((product) => plan(product, bySlug.get(product.handle) ?? null, files))
  const flaws = await flawsOfAll(trx, planned)
  const sound = planned.filter(({ handle }) => !flaws.has(handle))

  const { actor, cause } = wishes
  const byWhom = { at: new Date().toISOString(), actor, cause }
  const names = await nameMaker(trx, { patches: sound.map(({ patch }) => patch), byWhom })
  const saves = sound.map(({ patch, before, after }): ProductSave & { handle: string } => {
    const product = { ...after, ...names(patch) }
    const opening = openingOf({ before, patch, warehouse: wishes.warehouse })
    return { handle: patch.handle, before, after: product, what: before ? 'imported' : 'created', opening }
  })
  const versions = await saveProducts(trx, { saves, ...byWhom })
  const ends = new Map(
    saves.map(({ handle, before, after }) => {
      const unchanged = versions.get(after.id) === before?.version
      return [handle, before === null ? 'created' : unchanged ? 'unchanged' : 'changed'] as const
    }),
  )
  return planned.map((each) => {
    const { handle, patch, before } = each
    const wrong = flaws.get(handle)
    if (wrong) return refused(each, wrong)
    const old = new Set(before?.variants.map(({ sku }) => sku))
    const left = patch.variants.filter(({ sku, units }) => units !== undefined && old.has(sku)).length
    return { handle, line: patch.line, flaws: [], end: ends.get(handle) ?? 'unchanged', quantitiesLeft: left }
  })
}

const refused = ({ handle, patch }: ToSave, flaws: readonly RowFlaw[]): Outcome => ({
  ...{ handle, line: patch.line, flaws, end: 'refused', quantitiesLeft: 0 },
})

/** The product as the file wants it, but for its brand and category, which may have to be made first. */
function plan({ handle, patch }: ToSave, before: CatalogProduct | null, files: ProductFiles): Planned {
  const present = before ?? { ...blank, id: newId('prod') }
  // What was exported is what is there: cleaning it again would change white space of plain texts.
  const same = patch.html === undefined || (before !== null && patch.html === bodyOf(before).trim())
  const description = same ? undefined : files.cleanHtml(patch.html ?? '')
  const after = patched(present, patch, { brand: undefined, category: undefined, description })
  return { handle, patch, before, after }
}

/** What is wrong with products, by their handles: in themselves, or because others have what they want. */
async function flawsOfAll(trx: Db, planned: readonly Planned[]): Promise<Map<string, RowFlaw[]>> {
  const taken = await takenByOthers(
    trx,
    planned.map(({ after: { id, slug, variants } }) => ({ id, slug, skus: variants.map(({ sku }) => sku) })),
  )
  const takenSkus = new Map(taken.map(({ id, skus }) => [id, new Set(skus)]))
  const seen = new Map<string, string>()
  const flaws = new Map<string, RowFlaw[]>()
  for (const { handle, patch, after } of planned) {
    const its = rowFlawsOf(after, patch)
    if (after.title === '')
      its.push({ line: patch.line, column: 'Title', detail: 'is needed by a new product.' })
    for (const { sku, line } of patch.variants) {
      const elsewhere = takenSkus.get(after.id)?.has(sku) ? 'Another product' : seen.get(sku)
      if (elsewhere !== undefined && elsewhere !== handle)
        its.push({ line, column: 'Variant SKU', detail: `${elsewhere} has the SKU ${sku} already.` })
      else seen.set(sku, handle)
    }
    if (its.length > 0) flaws.set(handle, its)
  }
  return flaws
}

/** Units of SKUs that are new. Those of others are not ours to set: they were sold and counted since the file was written. */
function openingOf({
  before,
  patch,
  warehouse,
}: {
  before: CatalogProduct | null
  patch: ProductPatch
  warehouse: string | null
}): OpeningStock[] {
  const old = new Set(before?.variants.map(({ sku }) => sku))
  return patch.variants
    .filter(({ sku, units = 0 }) => !old.has(sku) && units > 0)
    .map(({ sku, units = 0 }) => ({ sku, units, ...(warehouse !== null && { warehouse }) }))
}
