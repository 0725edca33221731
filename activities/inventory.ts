import type { CancellationId, OrderId, Sku } from '../domain/ids.ts'
import { allocate } from '../domain/inventory.ts'
import type { Allocation, Demand, Holder } from '../domain/inventory.ts'
import type { RecalledUnits } from '../domain/recalls.ts'
import { Refusal } from '../domain/refusals.ts'
import type { Db } from '../store/db.ts'
import {
  availabilityOf,
  commitHold,
  extendHold,
  lockHold,
  lockLevels,
  readAllocations,
  readLevels,
  releaseReservations,
  reserve,
  shutHold,
} from '../store/inventory.ts'
import { announce } from '../store/outbox.ts'
import { noteRelease, releaseUnits, wasCancelled } from '../store/releases.ts'

export interface ReserveStock {
  readonly orderId: Holder
  /** Of what is sent again: the order whose it is. */
  readonly reshipOf?: OrderId
  readonly lines: readonly Demand[]
  /** When the hold ends, in workflow time. */
  readonly deadline: string
}

export interface ReleaseCancelled {
  readonly cancellationId: CancellationId
  readonly orderId: OrderId
  /** Null: all that is reserved for the order. */
  readonly units: readonly RecalledUnits[] | null
  readonly cause: string
}

/** Stock is promised here and nowhere else. Every step of an order passes its door: one row, locked first. */
export function inventoryActivities({ db }: { db: Db }) {
  return {
    /**
     * Holds all lines or none, until the deadline. Refuses with `stock.insufficient` and what is short, or with `hold.expired`
     * when the order was let go before. Nothing is locked while it is planned: who was slower than another plans anew.
     */
    async reserveStock({ lines, ...hold }: ReserveStock): Promise<{ allocations: Allocation[] }> {
      const skus = [...new Set(lines.map((line) => line.sku))]
      for (;;) {
        const plan = allocate(lines, await readLevels(db, skus))
        if (plan.enough) {
          const reserved = await reserve(db, { ...hold, allocations: plan.allocations })
          if (reserved === 'done') return { allocations: [...plan.allocations] }
          if (reserved === 'too_slow') continue
        }
        const before = await db.transaction((trx) => reservedBefore(trx, hold.orderId))
        if (before) return { allocations: before }
        if (plan.enough) continue
        const { shortages } = plan
        throw new Refusal('stock.insufficient', 'There is not enough in stock.', { shortages })
      }
    },

    /** Holds for longer, while the customer is at his bank. Refuses with `hold.expired` when the goods were let go. */
    async extendHold({ orderId, deadline }: { orderId: OrderId; deadline: string }): Promise<void> {
      if (!(await extendHold(db, { orderId, deadline }))) throw letGoAlready(orderId)
    },

    /**
     * Turns the hold of a confirmed order into promised stock. Refuses with `hold.expired` when it was let go, unless a cancellation of
     * the paid order was faster.
     */
    async commitStock({ orderId, cause }: { orderId: Holder; cause: string }): Promise<void> {
      if (await commitHold(db, { orderId, at: new Date().toISOString(), cause })) return
      if ((await lockHold(db, orderId)) === 'committed' || (await wasCancelled(db, orderId))) return
      throw letGoAlready(orderId)
    },

    /** Makes the units of a cancellation sellable again, once: all of the order's, or so many of some lines. */
    async releaseCancelled({ cancellationId, orderId, units, cause }: ReleaseCancelled): Promise<void> {
      await db.transaction(async (trx) => {
        if (!(await noteRelease(trx, { cancellationId, orderId, units }))) return
        const before = units === null ? await shutHold(trx, orderId) : await lockHold(trx, orderId)
        if (before === null || before === 'released') return
        const skus = await reservedSkus(trx, orderId)
        await lockLevels(trx, skus)
        if (units === null) await releaseReservations(trx, orderId)
        else await releaseUnits(trx, { orderId, units })
        await announceLevels(trx, { orderId, skus, cause })
      })
    },

    /** The undo of reserving: shuts the order's door for good and gives back what is behind it, if anything is. */
    async releaseStock({ orderId, cause }: { orderId: Holder; cause: string }): Promise<void> {
      await db.transaction(async (trx) => {
        const before = await shutHold(trx, orderId)
        if (before === null || before === 'released') return
        const skus = await reservedSkus(trx, orderId)
        await lockLevels(trx, skus)
        await releaseReservations(trx, orderId)
        await announceLevels(trx, { orderId, skus, cause })
      })
    },
  }
}

const letGoAlready = (orderId: Holder): Refusal =>
  new Refusal('hold.expired', 'The goods of this order were let go.', { orderId })

/** What an earlier run holds for the order, of which nothing is let go meanwhile; null: nobody came before. */
async function reservedBefore(trx: Db, orderId: Holder): Promise<Allocation[] | null> {
  const door = await lockHold(trx, orderId)
  if (door === 'released') throw letGoAlready(orderId)
  return door === null ? null : readAllocations(trx, orderId)
}

async function reservedSkus(trx: Db, orderId: Holder): Promise<Sku[]> {
  return [...new Set((await readAllocations(trx, orderId)).map((allocation) => allocation.sku))]
}

/** One event per order, with what can be promised of each SKU from now on. */
async function announceLevels(
  trx: Db,
  { orderId, skus, cause }: { orderId: Holder; skus: readonly Sku[]; cause: string },
): Promise<void> {
  const available = await availabilityOf(trx, skus)
  const levels = skus.map((sku) => ({ sku, available: available.get(sku) ?? 0 }))
  const at = new Date().toISOString()
  const event = { type: 'Inventory Updated', subject: orderId, at, cause, data: { orderId, levels } } as const
  await announce(trx, { schema: 'inventory', events: [event] })
}
