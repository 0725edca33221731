import type { PurchaseOrderId, ReplenishmentId, SupplierId } from '../../domain/ids.ts'
import { sumMinor, timesMinor } from '../../domain/money.ts'
import { dayAfter } from '../../domain/purchase-orders.ts'
import { Refusal } from '../../domain/refusals.ts'
import { packingFault } from '../../domain/replenishment.ts'
import type { Db } from '../../store/db.ts'
import { announce } from '../../store/outbox.ts'
import { insertPurchaseOrder, readPurchaseOrder } from '../../store/purchase-orders.ts'
import { lockReplenishments, markOrdered } from '../../store/replenishments.ts'
import type { Replenishment } from '../../store/replenishments.ts'
import { itemsOf, readSupplier } from '../../store/suppliers.ts'
import type { Supplier, SupplierItem } from '../../store/suppliers.ts'
import { decidedAlready } from '../replenishment.ts'
import type { LevelName } from '../replenishment.ts'

export interface OrderStock {
  readonly purchaseOrderId: PurchaseOrderId
  /** The shortages that are ordered together; the quantity that was suggested, where none is given. */
  readonly items: readonly { readonly replenishmentId: ReplenishmentId; readonly quantity: number | null }[]
  /** Null: the one that the check suggested for the first. */
  readonly supplierId: SupplierId | null
  /** A day; null: after the longest lead time. */
  readonly expectedOn: string | null
  readonly actor: string
  readonly now: string
  readonly cause: string
}

/** Orders all of these shortages or none; the order that is there already, when the same decision asks for it again. */
export async function orderStock(
  db: Db,
  order: OrderStock,
): Promise<{ number: string; lines: readonly OrderedLine[] }> {
  return db.transaction(async (trx) => {
    const ids = order.items.map(({ replenishmentId }) => replenishmentId)
    const shortages = await lockReplenishments(trx, ids)
    const known = await readPurchaseOrder(trx, order.purchaseOrderId)
    if (known) {
      // Asked again, because the first answer was lost. Somebody else's decision is not his who comes second.
      const late = [...shortages.values()].find(({ decidedCause }) => decidedCause !== order.cause)
      if (late) throw decidedAlready(late.id, late)
      return { number: known.number, lines: known.lines.map(orderedLine) }
    }
    const wanted = order.items.map(({ replenishmentId, quantity }) => {
      const shortage = shortages.get(replenishmentId)
      if (shortage?.status !== 'waiting') throw decidedAlready(replenishmentId, shortage)
      return { shortage, quantity: quantity ?? shortage.suggestedQuantity }
    })
    return placeOrder(trx, { ...order, wanted })
  })
}

export interface OrderedLine extends LevelName {
  readonly replenishmentId: ReplenishmentId
}

export const orderedLine = ({ sku, warehouseId, replenishmentId }: OrderedLine): OrderedLine => ({
  sku,
  warehouseId,
  replenishmentId,
})

async function placeOrder(
  trx: Db,
  order: OrderStock & { wanted: readonly { shortage: Replenishment; quantity: number }[] },
): Promise<{ number: string; lines: readonly OrderedLine[] }> {
  const { purchaseOrderId: id, wanted, actor: by, now: at, cause } = order
  const supplier = await chosenSupplier(trx, order)
  const items = await itemsOf(trx, {
    supplierId: supplier.id,
    skus: wanted.map(({ shortage }) => shortage.sku),
  })
  const lines = wanted.map((each) => lineFor({ ...each, supplier, items }))
  const longestDays = Math.max(...lines.map(({ leadTimeDays }) => leadTimeDays))
  const expectedOn = order.expectedOn ?? dayAfter(at, longestDays)
  const number = await insertPurchaseOrder(trx, {
    ...{
      id,
      supplierId: supplier.id,
      currency: supplier.currency,
      expectedOn,
      orderedAt: at,
      orderedBy: by,
      cause,
    },
    totalMinor: sumMinor(lines.map(({ unitCostMinor, ordered }) => timesMinor(unitCostMinor, ordered))),
    lines,
  })
  for (const { replenishmentId, ordered: quantity } of lines) {
    await markOrdered(trx, { id: replenishmentId, quantity, purchaseOrderId: id, at, by, cause })
  }
  const told = lines.map(({ sku, warehouseId, ordered, replenishmentId }) => ({
    ...{ sku, warehouseId, quantity: ordered, replenishmentId },
  }))
  const data = { purchaseOrderId: id, number, supplierId: supplier.id, expectedOn, lines: told }
  const event = {
    type: 'Replenishment Ordered',
    subject: id,
    at: new Date().toISOString(),
    cause,
    data,
  } as const
  await announce(trx, { schema: 'inventory', events: [event] })
  return { number, lines: lines.map(orderedLine) }
}

async function chosenSupplier(
  trx: Db,
  { supplierId: given, wanted }: OrderStock & { wanted: readonly { shortage: Replenishment }[] },
): Promise<Supplier> {
  const supplierId = given ?? wanted[0]?.shortage.supplierId ?? null
  const supplier = supplierId === null ? null : await readSupplier(trx, supplierId)
  if (supplier?.active) return supplier
  const detail = supplier
    ? `Nothing is ordered from ${supplier.name} any more: name another supplier.`
    : 'Name the supplier to order from; none is known who sells this.'
  throw new Refusal('supplier.unknown', detail, { supplierId })
}

function lineFor({
  shortage,
  quantity,
  supplier,
  items,
}: {
  shortage: Replenishment
  quantity: number
  supplier: Supplier
  items: readonly SupplierItem[]
}) {
  const { sku, warehouseId, id: replenishmentId } = shortage
  const item = items.find((each) => each.sku === sku)
  if (!item) {
    throw new Refusal('supplier.does_not_sell', `${supplier.name} does not sell ${sku}.`, {
      ...{ sku, supplierId: supplier.id, replenishmentId },
    })
  }
  const fault = packingFault(quantity, item)
  if (fault !== null) {
    const { packSize, minimumQuantity } = item
    const facts = { replenishmentId, sku, quantity, packSize, minimumQuantity }
    throw new Refusal(
      'replenishment.quantity',
      `${supplier.name} does not send ${quantity} of ${sku}. ${fault}`,
      facts,
    )
  }
  const { supplierSku, unitCostMinor } = item
  const leadTimeDays = item.leadTimeDays ?? supplier.leadTimeDays
  return { sku, warehouseId, supplierSku, ordered: quantity, unitCostMinor, replenishmentId, leadTimeDays }
}
