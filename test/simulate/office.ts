import { typeid } from 'typeid-js'
import { purchaseOrderIdOf } from '../../domain/ids.ts'
import type { PurchaseOrderId, ReceiptId, Sku, SupplierId } from '../../domain/ids.ts'
import { stockFlows } from '../../gateways/flows/stock.ts'
import type { Db } from '../../store/db.ts'
import { readPurchaseOrder } from '../../store/purchase-orders.ts'
import { listReplenishments } from '../../store/replenishments.ts'
import type { Replenishment } from '../../store/replenishments.ts'
import { queues } from '../../workflows/contract.ts'
import { stockCheckId } from '../../workflows/stock-contract.ts'
import type { CheckInventory } from '../../workflows/stock-contract.ts'
import type { StockChecked } from '../../workflows/check-inventory.ts'
import type { Random } from '../faults/random.ts'
import type { Time } from './time.ts'

interface Coming {
  readonly day: number
  readonly purchaseOrderId: PurchaseOrderId
  readonly lines: readonly { sku: Sku; received: number; damaged: number; quarantined: number }[]
}

/** One shortage in so many is overlooked until somebody higher up is told, and one until it expires. */
const slowlyDecided = 40
const neverDecided = 200
const budgetMs = 60_000

/** Those who keep the stock. They do what they would by the API: they write to the stories, by the same gateway. */
export function openOffice(
  { db, time }: { db: Db; time: Time },
  { asked, random, careful }: { asked: CheckInventory; random: Random; careful: boolean },
) {
  const stock = stockFlows(time.client, asked)
  const coming: Coming[] = []
  const counts = { checks: 0, alerts: 0, orders: 0, orderedLines: 0, deliveries: 0, damaged: 0 }

  return {
    counts,

    /** The daily check, which the schedule starts in the shop: this server knows no schedules. */
    async check(day: number): Promise<void> {
      const { started } = (await time.client.workflow.execute('checkInventory', {
        ...{ workflowId: `${stockCheckId}-${day + 1}`, taskQueue: queues.inventory, args: [asked] },
      })) as StockChecked
      counts.checks += 1
      counts.alerts += started
    },

    /** What came until today: late or early, in one piece or two, now and then something broken. */
    async unpack(day: number): Promise<void> {
      for (const delivery of coming.filter((each) => each.day <= day)) {
        coming.splice(coming.indexOf(delivery), 1)
        const { purchaseOrderId, lines } = delivery
        const receiptId = typeid('rcp').toString() as ReceiptId
        const content = { receiptId, actor: 'simulation', lines }
        const answer = await stock.receive({ purchaseOrderId, content, updateId: receiptId, budgetMs })
        if (answer.outcome !== 'booked') throw new Error(`${purchaseOrderId}: ${JSON.stringify(answer)}`)
        counts.deliveries += 1
      }
    },

    /** Somebody approves what waits, as it was suggested: one purchase order for each supplier. */
    async decide(): Promise<void> {
      const waiting = await listReplenishments(db, { status: 'waiting', limit: 1_000 })
      const bySupplier = new Map<SupplierId, Replenishment[]>()
      for (const shortage of waiting.filter(isSeen)) {
        const supplierId = shortage.supplierId!
        bySupplier.set(supplierId, [...(bySupplier.get(supplierId) ?? []), shortage])
      }
      await Promise.all([...bySupplier.values()].map((shortages) => approve(shortages)))
    },
  }

  function isSeen({ sku, alertedAt, escalatedAt }: Replenishment): boolean {
    if (careful) return true
    const luck = random.fork(`overlooked ${sku} ${time.dayOf(alertedAt)}`)
    if (luck.below(neverDecided) === 0) return false
    return escalatedAt !== null || luck.below(slowlyDecided) !== 0
  }

  async function approve(shortages: readonly Replenishment[]): Promise<void> {
    const [first, ...others] = [...shortages].sort((one, other) => (one.sku < other.sku ? -1 : 1))
    if (!first) return
    const together = others.map(({ id: replenishmentId }) => ({ replenishmentId }))
    const content = { replenishmentId: first.id, actor: 'simulation', together }
    const answer = await stock.approve({
      shortage: first,
      content,
      updateId: `decision ${first.id}`,
      budgetMs,
    })
    if (answer.outcome !== 'ordered') throw new Error(`${first.id}: ${JSON.stringify(answer)}`)
    counts.orders += 1
    counts.orderedLines += shortages.length
    await deliverLater(purchaseOrderIdOf(first.id))
  }

  async function deliverLater(purchaseOrderId: PurchaseOrderId): Promise<void> {
    const order = await readPurchaseOrder(db, purchaseOrderId)
    if (!order) throw new Error(`There is no ${purchaseOrderId}.`)
    const skus = order.lines.map(({ sku }) => sku).sort()
    const own = random.fork(`${skus.join(' ')} ${time.dayOf(order.orderedAt)}`)
    const promised = time.dayOf(`${order.expectedOn}T08:00:00Z`)
    // One supplier in three is late by up to five days, one in three early by a day.
    const day = promised + (own.below(3) === 0 ? own.below(6) : own.below(2) * -1)
    const ordered = [...order.lines].sort((one, other) => (one.sku < other.sku ? -1 : 1))
    const lines = ordered.map(({ sku, ordered: units }) => {
      const damaged = own.below(25) === 0 ? Math.ceil(units * 0.1) : 0
      counts.damaged += damaged
      return { sku, received: units - damaged, damaged, quarantined: 0 }
    })
    if (own.below(8) > 0) {
      coming.push({ day, purchaseOrderId, lines })
      return
    }
    const first = lines.map((line) => ({ ...line, received: Math.floor(line.received / 2), damaged: 0 }))
    const rest = lines.map((line, index) => ({ ...line, received: line.received - first[index]!.received }))
    const some = (those: typeof lines) => those.filter((line) => line.received + line.damaged > 0)
    if (some(first).length > 0) coming.push({ day, purchaseOrderId, lines: some(first) })
    coming.push({ day: day + 4, purchaseOrderId, lines: some(rest) })
  }
}
