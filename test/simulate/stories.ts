import type { Client } from '@temporalio/client'
import { WorkflowNotFoundError } from '@temporalio/client'
import type { PurchaseOrderId, Sku, WarehouseId } from '../../domain/ids.ts'
import { rows } from '../../store/db.ts'
import type { Db } from '../../store/db.ts'
import { purchaseOrderWorkflowId, replenishStockId } from '../../workflows/stock-contract.ts'

/** How many shortages ended in which way, as Postgres knows it. */
export async function endsOf(db: Db): Promise<(status: string) => number> {
  const found = await rows<{ status: string; count: number }>(
    db,
    'select status, cast(count(*) as int) as count from inventory.replenishments group by status',
  )
  const counts = new Map(found.map(({ status, count }) => [status, count]))
  return (status) => counts.get(status) ?? 0
}

/** Stories that Temporal and Postgres tell differently: one that waits for what is over, or has ended before it was. */
export async function oddStories({ workflow }: Client, db: Db): Promise<string[]> {
  const shortages = await rows<{ sku: Sku; warehouseId: WarehouseId; open: boolean }>(
    db,
    `select sku, warehouse_id as "warehouseId", bool_or(ended_at is null) as open
     from inventory.replenishments group by sku, warehouse_id`,
  )
  const orders = await rows<{ id: PurchaseOrderId; open: boolean }>(
    db,
    `select id, status in ('open', 'partly_received') as open from inventory.purchase_orders`,
  )
  const told = [
    ...shortages.map(({ open, ...level }) => ({ open, id: replenishStockId(level) })),
    ...orders.map(({ open, id }) => ({ open, id: purchaseOrderWorkflowId(id) })),
  ]
  const odd: string[] = []
  for (const { open, id } of told) {
    const status = await statusOf(id)
    if (status !== (open ? 'RUNNING' : 'COMPLETED')) odd.push(`${id} is ${open ? 'open' : 'over'}: ${status}`)
  }
  return odd

  async function statusOf(id: string): Promise<string> {
    try {
      return (await workflow.getHandle(id).describe()).status.name
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'unknown'
      throw error
    }
  }
}
