import { typeid } from 'typeid-js'
import { activitiesOf } from '../../activities/index.ts'
import type { LevelName } from '../../activities/replenishment.ts'
import { purchaseOrderIdOf } from '../../domain/ids.ts'
import type { PurchaseOrderId, ReceiptId, Sku, SupplierId } from '../../domain/ids.ts'
import type { ReplenishmentPolicy } from '../../domain/replenishment.ts'
import type { Db } from '../../store/db.ts'
import { readPurchaseOrder } from '../../store/purchase-orders.ts'
import { listReplenishments } from '../../store/replenishments.ts'
import type { Replenishment } from '../../store/replenishments.ts'
import type { Random } from '../faults/random.ts'

const dayMs = 24 * 60 * 60 * 1000

interface Coming {
  readonly at: number
  readonly purchaseOrderId: PurchaseOrderId
  readonly lines: readonly { sku: Sku; received: number; damaged: number; quarantined: number }[]
}

/**
 * Those who keep the stock. Each step is the shop's own activity with the simulation's clock as its `now`: none of them has a clock
 * of its own, so a year passes as fast as Postgres can write it.
 */
export function openOffice(db: Db, { policy, random }: { policy: ReplenishmentPolicy; random: Random }) {
  const { checkLevels, openReplenishment, createPurchaseOrder, receiveStock } = activitiesOf.inventory({ db })
  const coming: Coming[] = []
  const counts = { alerts: 0, orders: 0, orderedLines: 0, deliveries: 0, damaged: 0 }

  return {
    counts,

    /** The daily check, as `workflows/check-inventory.ts` tells it. */
    async check(date: Date): Promise<void> {
      const now = date.toISOString()
      const checkId = `check ${now.slice(0, 10)}`
      const expiresAt = new Date(date.getTime() + 14 * dayMs).toISOString()
      for (let after: LevelName | null = null; ;) {
        const page = await checkLevels({ after, limit: 5_000, now, policy })
        for (const level of page.start) {
          if (await openReplenishment({ ...level, checkId, now, expiresAt, policy, cause: checkId }))
            counts.alerts += 1
        }
        if (page.next === null) return
        after = page.next
      }
    },

    /** What came today: late or early, in one piece or two, now and then something broken. */
    async unpack(date: Date): Promise<void> {
      const due = coming.filter(({ at }) => at <= date.getTime())
      for (const delivery of due) {
        coming.splice(coming.indexOf(delivery), 1)
        const [now, receiptId] = [date.toISOString(), typeid('rcp').toString() as ReceiptId]
        await receiveStock({
          ...{ purchaseOrderId: delivery.purchaseOrderId, receiptId, receivedAt: now, now, final: false },
          ...{ reference: null, orderNumber: null, note: null, actor: 'simulation', cause: receiptId },
          lines: delivery.lines.map((line) => ({ ...line, warehouseId: null })),
        })
        counts.deliveries += 1
      }
    },

    /** On working days somebody approves all that waits, as it was suggested: one purchase order for each supplier. */
    async decide(date: Date): Promise<void> {
      if (date.getUTCDay() === 0 || date.getUTCDay() === 6) return
      const waiting = await listReplenishments(db, { status: 'waiting', limit: 1_000 })
      const bySupplier = new Map<SupplierId, Replenishment[]>()
      for (const shortage of waiting) {
        const supplierId = shortage.supplierId!
        bySupplier.set(supplierId, [...(bySupplier.get(supplierId) ?? []), shortage])
      }
      for (const [supplierId, shortages] of bySupplier) {
        const purchaseOrderId = purchaseOrderIdOf(shortages[0]!.id)
        const items = shortages.map(({ id: replenishmentId }) => ({ replenishmentId, quantity: null }))
        const signed = { actor: 'simulation', now: date.toISOString(), cause: `decision ${purchaseOrderId}` }
        await createPurchaseOrder({ purchaseOrderId, items, supplierId, expectedOn: null, ...signed })
        counts.orders += 1
        counts.orderedLines += items.length
        await deliverLater(purchaseOrderId, date)
      }
    },
  }

  async function deliverLater(purchaseOrderId: PurchaseOrderId, date: Date): Promise<void> {
    const order = await readPurchaseOrder(db, purchaseOrderId)
    if (!order) throw new Error(`There is no ${purchaseOrderId}.`)
    const own = random.fork(`${order.number} ${date.toISOString()}`)
    const promised = Date.parse(`${order.expectedOn}T08:00:00Z`)
    // One supplier in three is late by up to five days, one in three early by a day.
    const at = promised + (own.below(3) === 0 ? own.below(6) : own.below(2) * -1) * dayMs
    const lines = order.lines.map(({ sku, ordered }) => {
      const damaged = own.below(25) === 0 ? Math.ceil(ordered * 0.1) : 0
      counts.damaged += damaged
      return { sku, received: ordered - damaged, damaged, quarantined: 0 }
    })
    if (own.below(8) > 0) {
      coming.push({ at, purchaseOrderId, lines })
      return
    }
    const first = lines.map((line) => ({ ...line, received: Math.floor(line.received / 2), damaged: 0 }))
    const rest = lines.map((line, index) => ({ ...line, received: line.received - first[index]!.received }))
    const some = (those: typeof lines) => those.filter((line) => line.received + line.damaged > 0)
    if (some(first).length > 0) coming.push({ at, purchaseOrderId, lines: some(first) })
    coming.push({ at: at + 4 * dayMs, purchaseOrderId, lines: some(rest) })
  }
}
