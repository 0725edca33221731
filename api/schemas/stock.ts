import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { mostUnits, suggest } from '../../domain/replenishment.ts'
import type { ReplenishmentPolicy } from '../../domain/replenishment.ts'
import { conditions, movementKinds } from '../../domain/stock-changes.ts'
import type { AnalysedLevel } from '../../store/stock-analysis.ts'
import type { Movement } from '../../store/stock-journal.ts'
import type { Warehouse as StoredWarehouse } from '../../store/warehouses.ts'
import { addressView } from './addresses.ts'
import { Address, instant, named, Page, plainText, strict, word } from './common.ts'

export const skuText = Type.String({ minLength: 1, maxLength: 100, pattern: '^\\S(.*\\S)?$' })
export const warehouseText = Type.String({ minLength: 1, maxLength: 40 })
export const units = (description: string) => Type.Integer({ minimum: 1, maximum: mostUnits, description })
export const unitsOrNone = (description: string) =>
  Type.Integer({ minimum: 0, maximum: mostUnits, description })
export const condition = word(conditions, 'Only sellable units are on hand, and ever promised')

const settings = {
  safety_stock: unitsOrNone('Units that are kept back when it is worked out when to order anew'),
  reorder_point: Type.Optional(
    unitsOrNone('Ordered anew at this many; left out: worked out from sales and lead time'),
  ),
  order_up_to: Type.Optional(units('Ordered up to this many; left out: as many as last for a while')),
  replenished: Type.Boolean({ description: 'False: it is not ordered any more' }),
}

export const StockLevel = named(
  'StockLevel',
  Type.Object({
    sku: Type.String(),
    warehouse_id: Type.String(),
    on_hand: Type.Integer({ description: 'Units that stand there and can be sold' }),
    reserved: Type.Integer({ description: 'Units that are promised to orders' }),
    available: Type.Integer({ description: 'Units that can still be promised' }),
    incoming: Type.Integer({ description: 'Ordered from suppliers and not there yet; never promised' }),
    quarantined: Type.Integer(),
    damaged: Type.Integer(),
    ...settings,
    low: Type.Boolean({ description: 'Whether it runs low now, by the rule of the daily check' }),
    suggested_quantity: Type.Integer({ description: 'Units to order; 0 when it is not low' }),
    because: Type.Array(Type.String(), { description: 'Why, a sentence each' }),
    replenishment_id: Type.Optional(Type.String({ description: 'The shortage that is open for it' })),
    version: Type.Integer({ description: 'Of its settings: send it back as `If-Match`' }),
  }),
)

export const LevelSettings = named('LevelSettings', Type.Object(settings, strict))

export const StockLevelList = named(
  'StockLevelList',
  Type.Object({ data: Type.Array(StockLevel.ref), page: Page.ref }),
)

const MovementView = named(
  'StockMovement',
  Type.Object({
    sku: Type.String(),
    warehouse_id: Type.String(),
    condition,
    quantity: Type.Integer({ description: 'Signed: the sum of a level’s movements is what stands there' }),
    kind: word(movementKinds),
    reason: Type.Optional(Type.String()),
    actor: Type.String(),
    source: Type.String({ description: 'The change, receipt or shipment that moved them' }),
    at: instant('When it happened'),
  }),
)

export const MovementList = named(
  'StockMovementList',
  Type.Object({ data: Type.Array(MovementView.ref), page: Page.ref }),
)

const level = { sku: skuText, warehouse_id: warehouseText }
const seen = Type.Optional(
  unitsOrNone('How many there were when this was decided; refused when that is stale'),
)
const reason = plainText(500)

export const Adjustment = named(
  'StockAdjustment',
  Type.Object(
    {
      ...level,
      quantity: Type.Integer({ minimum: -mostUnits, maximum: mostUnits, description: 'More, or fewer' }),
      condition: Type.Optional(condition),
      expected: unitsOrNone('How many there were when this was decided; refused when that is stale'),
      reason,
    },
    strict,
  ),
)

export const Count = named(
  'StockCount',
  Type.Object(
    {
      ...level,
      counted: unitsOrNone('Sellable units that are really there'),
      expected: seen,
      reason: Type.Optional(reason),
    },
    strict,
  ),
)

export const Transfer = named(
  'StockTransfer',
  Type.Object(
    {
      sku: skuText,
      from_warehouse_id: warehouseText,
      to_warehouse_id: warehouseText,
      quantity: units('Units that move'),
      reason: Type.Optional(reason),
    },
    strict,
  ),
)

export const Regrading = named(
  'StockRegrading',
  Type.Object(
    { ...level, from: condition, to: condition, quantity: units('Units that move'), expected: seen, reason },
    strict,
  ),
)

export const StockChanged = named(
  'StockChanged',
  Type.Object({
    id: Type.String({ description: 'The source of its movements in the journal' }),
    levels: Type.Array(StockLevel.ref, { description: 'As they stand now' }),
    orders_without_stock: Type.Optional(
      Type.Array(Type.Object({ order_id: Type.String(), quantity: Type.Integer() }), {
        description: 'Orders whose goods a count took away, newest first; they were flagged',
      }),
    ),
  }),
)

export const StockImported = named(
  'StockImported',
  Type.Object({
    dry_run: Type.Boolean(),
    rows: Type.Integer({ description: 'Rows of the file' }),
    changed: Type.Integer({ description: 'Those that changed something, or would have' }),
  }),
)

export const Warehouse = named(
  'Warehouse',
  Type.Object({
    id: Type.String(),
    name: Type.String(),
    rank: Type.Integer({ description: 'The lower, the sooner parcels are sent from there' }),
    address: Type.Optional(Address.ref),
    version: Type.Integer(),
  }),
)

export const WarehouseList = named('WarehouseList', Type.Object({ data: Type.Array(Warehouse.ref) }))

const rank = Type.Integer({ minimum: 0, maximum: 10_000 })
export const NewWarehouse = named(
  'NewWarehouse',
  Type.Object(
    {
      id: Type.String({
        pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
        description: 'Your own short name; kept for good',
      }),
      name: plainText(100),
      rank,
      address: Address.ref,
    },
    strict,
  ),
)

export const WarehouseChange = named(
  'WarehouseChange',
  Type.Object({ name: plainText(100), rank, address: Address.ref }, strict),
)

export const stockSchemas: readonly TSchema[] = [
  ...[StockLevel, StockLevelList, LevelSettings, MovementView, MovementList, Adjustment, Count, Transfer],
  ...[Regrading, StockChanged, StockImported, Warehouse, WarehouseList, NewWarehouse, WarehouseChange],
].map(({ schema }) => schema)

/** A level as admins read it, with what the rule of the daily check says about it now. */
export function stockLevelView(
  found: AnalysedLevel,
  policy: ReplenishmentPolicy,
): Static<typeof StockLevel.schema> {
  const { low, quantity, because } = suggest(found, policy)
  const { reorderPoint, orderUpTo, openReplenishment } = found
  return {
    sku: found.sku,
    warehouse_id: found.warehouseId,
    on_hand: found.onHand,
    reserved: found.reserved,
    available: Math.max(0, found.onHand - found.reserved),
    incoming: found.incoming,
    quarantined: found.quarantined,
    damaged: found.damaged,
    safety_stock: found.safetyStock,
    ...(reorderPoint !== null && { reorder_point: reorderPoint }),
    ...(orderUpTo !== null && { order_up_to: orderUpTo }),
    replenished: found.replenished,
    low,
    suggested_quantity: quantity,
    because: [...because],
    ...(openReplenishment && { replenishment_id: openReplenishment.id }),
    version: found.settingsVersion,
  }
}

export function movementView(movement: Movement): Static<typeof MovementView.schema> {
  const { sku, warehouseId, condition: units, quantity, kind, reason: why, actor, source, at } = movement
  return {
    ...{ sku, warehouse_id: warehouseId, condition: units, quantity, kind },
    ...(why !== null && { reason: why }),
    ...{ actor, source, at },
  }
}

export function warehouseView({
  id,
  name,
  rank: order,
  address,
  version,
}: StoredWarehouse): Static<typeof Warehouse.schema> {
  // A warehouse may have been named before anybody wrote its address down.
  return { id, name, rank: order, ...('line1' in address && { address: addressView(address) }), version }
}
