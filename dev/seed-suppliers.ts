/** Gives the sample shop somebody to order from: without suppliers the daily check could suggest, and nobody could be asked. */
import { sku as asSku } from '../domain/ids.ts'
import { multiplyHalfUp } from '../domain/money.ts'
import type { Db } from '../store/db.ts'
import { newId } from '../store/ids.ts'
import { insertSupplier, putItem } from '../store/suppliers.ts'
import type { SampleProduct } from './seed-data/shapes.ts'
import { suppliers, wholesaler } from './seed-data/suppliers.ts'

/** Each maker sells what its brands make, and the wholesaler everything. */
export async function seedSuppliers(trx: Db, products: readonly SampleProduct[]): Promise<void> {
  const everything = { ...wholesaler, brands: [...new Set(products.map(({ brand }) => brand))] }
  for (const { brands, packSize, minimumQuantity, costPercent, rank, ...about } of [
    ...suppliers,
    everything,
  ]) {
    const supplierId = newId('sup')
    // Somebody of this name is there: a start that was cut short made him, with all that he sells.
    if (!(await insertSupplier(trx, { id: supplierId, ...about, active: true }))) continue
    const variants = products
      .filter(({ brand }) => brands.includes(brand))
      .flatMap((product) => product.variants)
    for (const [sku, , , eurMinor] of variants) {
      await putItem(trx, {
        ...{ supplierId, sku: asSku(sku), supplierSku: null, packSize, minimumQuantity, rank },
        ...{ unitCostMinor: multiplyHalfUp(eurMinor, costPercent, 100), leadTimeDays: null },
      })
    }
  }
}

/**
 * A sample level is ordered anew when a quarter of it is left, up to what it began with. One that began empty has no settings: the
 * check goes by what is sold of it.
 */
export function sampleSettings(units: number): { reorder_point: number | null; order_up_to: number | null } {
  if (units === 0) return { reorder_point: null, order_up_to: null }
  const reorderPoint = Math.ceil(units / 4)
  return { reorder_point: reorderPoint, order_up_to: Math.max(units, reorderPoint + 1) }
}
