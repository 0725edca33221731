import { Client } from '@temporalio/client'
import type { WorkflowClient, WorkflowHandle } from '@temporalio/client'
import { typeid } from 'typeid-js'
import { activitiesOf } from '../../activities/index.ts'
import type { PurchaseOrderId, ReceiptId, SupplierId, WarehouseId } from '../../domain/ids.ts'
import { sku as asSku, warehouseId } from '../../domain/ids.ts'
import type { Databases, Db } from '../../store/db.ts'
import { newId } from '../../store/ids.ts'
import { readPurchaseOrder } from '../../store/purchase-orders.ts'
import { listReplenishments } from '../../store/replenishments.ts'
import type { Replenishment } from '../../store/replenishments.ts'
import { insertSupplier, putItem } from '../../store/suppliers.ts'
import type { SupplierItem } from '../../store/suppliers.ts'
import { queues } from '../../workflows/contract.ts'
import {
  approve,
  purchaseOrderWorkflowId,
  receive,
  replenishStockId,
} from '../../workflows/stock-contract.ts'
import type {
  Approve,
  CheckInventory,
  Decided,
  PurchaseAnswer,
  Receive,
} from '../../workflows/stock-contract.ts'
import { aStockConfig } from './factories.ts'
import type { Fakes, FlowWorld } from './flow-world.ts'
import { stock } from './parts.ts'

/** The stories of stock on a real database, with the mails that they would write kept in a list. */

export const { policy, patience, overdueEveryMs } = aStockConfig
export const asked: CheckInventory = { policy, patience, overdueEveryMs }
export const hamburg = warehouseId('hamburg')

/** A supplier, and what he sells. */
export async function aSupplier(
  db: Db,
  {
    name = 'Furrow',
    leadTimeDays = 7,
    items = [],
  }: {
    name?: string
    leadTimeDays?: number
    items?: readonly ({ sku: string } & Partial<Omit<SupplierItem, 'sku'>>)[]
  },
): Promise<SupplierId> {
  const id = newId('sup')
  const email = `orders@${name.toLowerCase()}.example`
  await insertSupplier(db, { id, name, email, currency: 'EUR', leadTimeDays, active: true })
  for (const { sku, ...item } of items) {
    await putItem(db, {
      ...{ supplierId: id, sku: asSku(sku), supplierSku: null, unitCostMinor: 450 },
      ...{ packSize: 1, minimumQuantity: 1, leadTimeDays: null, rank: 100, ...item },
    })
  }
  return id
}

/** A level that is low: so many units of a SKU whose reorder point is ten. */
export async function aLowLevel(
  db: Db,
  {
    sku,
    onHand = 2,
    warehouse = hamburg,
    reorderPoint = 10,
    orderUpTo = 40,
  }: { sku: string; onHand?: number; warehouse?: WarehouseId; reorderPoint?: number; orderUpTo?: number },
): Promise<void> {
  await stock(db, { sku, onHand, warehouseId: warehouse })
  await db('inventory.stock_levels')
    .where({ sku, warehouse_id: warehouse })
    .update({ reorder_point: reorderPoint, order_up_to: orderUpTo })
}

export interface Mail {
  readonly kind: string
  readonly input: unknown
}

/** The real activities of the inventory, and mails that are only noted. */
export function realParts({ inventory }: Databases): { parts: Fakes; mails: Mail[] } {
  const mails: Mail[] = []
  const noted =
    (kind: string, answer?: unknown) =>
    async (input: unknown): Promise<unknown> => {
      mails.push({ kind, input })
      return answer
    }
  const parts: Fakes = {
    ...activitiesOf.inventory({ db: inventory }),
    sendStockDigest: noted('digest'),
    sendReplenishmentReminder: noted('reminder'),
    sendPurchaseOrder: noted('order', { refusedWith: null }),
    sendOrderCancelled: noted('cancelled'),
    sendOverdueOrder: noted('overdue'),
  }
  return { parts, mails }
}

/** Waiting for a result of this client lets no time pass: days go by when a test says so (`env.sleep`), and not beside it. */
export function plainClient({ env }: FlowWorld): WorkflowClient {
  return new Client({ connection: env.connection }).workflow
}

const stepMs = 12 * 60 * 60 * 1000

/** Lets days go by, half a day at a time. */
export async function daysGoBy({ env }: FlowWorld, days: number): Promise<void> {
  for (let leftMs = days * 2 * stepMs; leftMs > 0; leftMs -= stepMs) await env.sleep(stepMs)
}

let runs = 0

/** Runs the check to its end. */
export async function check(world: FlowWorld, given: Partial<CheckInventory> = {}) {
  runs += 1
  return (await plainClient(world).execute('checkInventory', {
    workflowId: `check-inventory-${runs}`,
    taskQueue: queues.inventory,
    args: [{ ...asked, ...given }],
  })) as { levels: number; low: number; started: number; waiting: number }
}

/**
 * Begins the story of a shortage without a check. The time-skipping server lets time go no faster once a child has ended whose parent
 * ended before it, so tests in which days go by have no parent.
 */
export async function beginStory(world: FlowWorld, sku: string): Promise<void> {
  const level = { sku: asSku(sku), warehouseId: hamburg }
  await plainClient(world).start('replenishStock', {
    workflowId: replenishStockId(level),
    taskQueue: queues.inventory,
    args: [{ ...asked, ...level, checkId: 'a-check' }],
  })
}

export const storyOf = (world: FlowWorld, sku: string, warehouse = hamburg): WorkflowHandle =>
  plainClient(world).getHandle(replenishStockId({ sku: asSku(sku), warehouseId: warehouse }))

export const orderStory = (world: FlowWorld, id: PurchaseOrderId): WorkflowHandle =>
  plainClient(world).getHandle(purchaseOrderWorkflowId(id))

/** The shortage that is open for a SKU; waits until its story has opened it. */
export async function shortageOf(db: Db, sku: string): Promise<Replenishment> {
  for (;;) {
    const [found] = await listReplenishments(db, { sku, limit: 1 })
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export function approveIt(world: FlowWorld, sku: string, content: Approve = {}): Promise<Decided> {
  return storyOf(world, sku).executeUpdate(approve, { args: [{ actor: 'key:1', ...content }] })
}

export const aReceiptId = (): ReceiptId => typeid('rcp').toString() as ReceiptId

/** A delivery of so many good units of each SKU. */
export function deliver(
  world: FlowWorld,
  id: PurchaseOrderId,
  { units, ...more }: { units: Readonly<Record<string, number>> } & Partial<Receive>,
): Promise<PurchaseAnswer> {
  const lines = Object.entries(units).map(([sku, received]) => ({
    ...{ sku: asSku(sku), received, damaged: 0, quarantined: 0 },
  }))
  const content: Receive = { receiptId: aReceiptId(), actor: 'key:2', lines, ...more }
  return orderStory(world, id).executeUpdate(receive, { args: [content] })
}

/** The purchase order of a shortage that was ordered. */
export async function orderOf(db: Db, sku: string) {
  const { purchaseOrderId } = await shortageOf(db, sku)
  const order = purchaseOrderId && (await readPurchaseOrder(db, purchaseOrderId))
  if (!order) throw new Error(`Nothing of ${sku} is ordered.`)
  return order
}
