import type { CatalogProduct, CatalogVariant } from '../catalog.ts'

/** A field before and after. Plain JSON; null for what was not there. */
export interface FieldChange {
  readonly from: unknown
  readonly to: unknown
}

/** What changed, by the names of the fields; those of a variant stand as `variants.<SKU>.<field>`. Empty: nothing did. */
export type FieldChanges = Readonly<Record<string, FieldChange>>

const productFields = [
  'slug',
  'title',
  'description',
  'descriptionHtml',
  'brand',
  'type',
  'category',
  'tags',
  'status',
  'options',
  'images',
] as const satisfies readonly (keyof CatalogProduct)[]

const variantFields = [
  'choices',
  'barcode',
  'grams',
  'size',
  'taxClass',
  'prices',
  'imageUrl',
] as const satisfies readonly (keyof CatalogVariant)[]

/**
 * What makes a product another one than it was. A field that a new product or variant simply lacks is not told. The order of
 * variants counts only where it differs among those that stay.
 */
export function productChanges(before: CatalogProduct | null, after: CatalogProduct): FieldChanges {
  const changes: Record<string, FieldChange> = fieldChanges({ fields: productFields, before, after })
  const [was, is] = [bySku(before?.variants ?? []), bySku(after.variants)]
  for (const sku of new Set([...was.keys(), ...is.keys()])) {
    const [old, now] = [was.get(sku) ?? null, is.get(sku) ?? null]
    if (now === null) changes[`variants.${sku}`] = { from: old, to: null }
    else if (old === null) changes[`variants.${sku}`] = { from: null, to: now }
    else {
      const inside = fieldChanges({ fields: variantFields, before: old, after: now })
      for (const [field, change] of Object.entries(inside)) changes[`variants.${sku}.${field}`] = change
    }
  }
  const [order, newOrder] = [[...was.keys()], [...is.keys()]]
  const staying = order.filter((sku) => is.has(sku))
  if (
    !same(
      staying,
      newOrder.filter((sku) => was.has(sku)),
    )
  ) {
    changes['variants'] = { from: order, to: newOrder }
  }
  return changes
}

/** The fields that differ. Without a `before`, those that hold something. */
export function fieldChanges<T extends object>({
  fields,
  before,
  after,
}: {
  fields: readonly (keyof T & string)[]
  before: T | null
  after: T
}): Record<string, FieldChange> {
  const changed = fields.filter((field) =>
    before === null ? !isNothing(after[field]) : !same(before[field], after[field]),
  )
  return Object.fromEntries(
    changed.map((field) => [field, { from: before === null ? null : before[field], to: after[field] }]),
  )
}

const bySku = (variants: readonly CatalogVariant[]): Map<string, CatalogVariant> =>
  new Map(variants.map((variant) => [variant.sku, variant]))

/** Whether two pieces of plain JSON say the same, whatever the order of their names. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const [its, others] = [Object.entries(one), new Map(Object.entries(other))]
  return its.length === others.size && its.every(([name, value]) => same(value, others.get(name)))
}

const isNothing = (value: unknown): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0)
