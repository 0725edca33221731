import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { isId } from '../domain/ids.ts'
import type { ReplenishmentId, SupplierId } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import { packingFault } from '../domain/replenishment.ts'
import { readReplenishment, readReplenishments } from '../store/replenishments.ts'
import type { Replenishment } from '../store/replenishments.ts'
import { itemsOf, readSupplier } from '../store/suppliers.ts'
import type { Claimed, Outcome } from './plugins/idempotency.ts'
import { invalid, refusalProblem } from './problems.ts'
import type { Approved } from './schemas/purchasing.ts'
import { replenishmentView } from './schemas/purchasing-views.ts'
import type { Services } from './services.ts'

export interface Approving {
  readonly items: readonly { readonly id: string; readonly quantity?: number | undefined }[]
  readonly supplierId: SupplierId | null
  readonly expectedOn: string | undefined
}

interface Wanted {
  readonly shortage: Replenishment
  readonly quantity: number | undefined
}

type Deal = {
  readonly services: Services
  readonly claimed: Claimed
  readonly caller: string
  /** Names this decision, also to a repeat of it. */
  readonly cause: string
}

export const dealOf = (services: Services, { caller }: FastifyRequest, claimed: Claimed): Deal => ({
  ...{ services, claimed, caller: caller ?? 'unknown' },
  cause: `decision:${claimed.updateId}`,
})

/**
 * Approves shortages, one purchase order for each supplier. All is checked before anything is ordered, so what can be seen to be wrong
 * orders nothing; who is overtaken between the two suppliers of one request is told what was ordered.
 */
export async function approveAll(deal: Deal, asked: Approving): Promise<Outcome> {
  refuseOddDay(asked.expectedOn)
  const wanted = await known(deal, asked.items)
  const groups = bySupplier(wanted, asked.supplierId)
  for (const [supplierId, group] of groups) await refuseUnorderable(deal, { supplierId, group })
  const ordered: Static<typeof Approved.schema>['purchase_orders'] = []
  for (const [supplierId, group] of groups) {
    const made = await orderGroup(deal, { supplierId, group, asked })
    if ('refusal' in made) throw refusalProblem(made.refusal, { more: { ordered } })
    if ('undecided' in made) return { status: 202, body: { purchase_orders: ordered }, keep: false }
    ordered.push(made)
  }
  return { status: 201, body: { purchase_orders: ordered }, keep: true }
}

const dayMs = 24 * 60 * 60 * 1000

/** Where it is still yesterday, today's day is behind ours: one day back is let through. */
function refuseOddDay(expectedOn: string | undefined): void {
  if (expectedOn === undefined) return
  const ahead = Date.parse(expectedOn) - Date.now()
  if (ahead > -2 * dayMs && ahead < 730 * dayMs) return
  throw invalid({
    ...{ in: 'body', pointer: '#/expected_on' },
    detail: 'must be today or later, and within two years.',
  })
}

async function orderGroup(
  { services, claimed, caller, cause }: Deal,
  { supplierId, group, asked }: { supplierId: SupplierId; group: readonly Wanted[]; asked: Approving },
) {
  const [first, ...others] = group
  if (!first) throw new Error('A group of shortages has none.')
  const replenishmentIds = group.map(({ shortage }) => shortage.id)
  const before = first.shortage.purchaseOrderId
  if (before !== null) return { id: before, replenishment_ids: replenishmentIds }
  const quantified = ({ shortage, quantity }: Wanted) => ({
    replenishmentId: shortage.id,
    ...(quantity !== undefined && { quantity }),
  })
  const answer = await services.flows.stock.approve({
    shortage: first.shortage,
    content: {
      ...quantified(first),
      ...{ supplierId, actor: caller, cause },
      ...(asked.expectedOn !== undefined && { expectedOn: asked.expectedOn }),
      ...(others.length > 0 && { together: others.map(quantified) }),
    },
    updateId: `${claimed.updateId}-${supplierId}`,
    budgetMs: services.shop.requestBudgetMs,
  })
  if (answer.outcome === 'ordered') {
    const { purchaseOrderId: id, number } = answer
    return { id, ...(number !== null && { number }), replenishment_ids: replenishmentIds }
  }
  if (answer.outcome === 'refused') return { refusal: answer.refusal }
  if (answer.outcome === 'undecided') return { undecided: true }
  const now = await readReplenishment(services.databases.inventory, first.shortage.id)
  throw decided(now ?? first.shortage)
}

/** The shortages that are meant, each waiting; or decided by this very request, when it comes again. */
async function known({ services, cause }: Deal, items: Approving['items']): Promise<Wanted[]> {
  const ids = items.map(({ id }) => id).filter((id): id is ReplenishmentId => isId('rpl', id))
  const found = await readReplenishments(services.databases.inventory, ids)
  const seen = new Set<string>()
  return items.map(({ id, quantity }) => {
    const shortage = isId('rpl', id) ? found.get(id) : undefined
    if (!shortage) throw notFound(id)
    if (seen.has(id))
      throw new Refusal('replenishment.decided', 'Name each replenishment once.', { replenishmentId: id })
    seen.add(id)
    if (shortage.status !== 'waiting' && shortage.decidedCause !== cause) throw decided(shortage)
    return { shortage, quantity }
  })
}

function bySupplier(wanted: readonly Wanted[], given: SupplierId | null): Map<SupplierId, Wanted[]> {
  const groups = new Map<SupplierId, Wanted[]>()
  for (const each of wanted) {
    const { id, sku, supplierId: suggested } = each.shortage
    const supplierId = given ?? suggested
    if (supplierId === null) {
      throw new Refusal('supplier.unknown', `Nobody is known who sells ${sku}: name the supplier.`, {
        replenishmentId: id,
      })
    }
    groups.set(supplierId, [...(groups.get(supplierId) ?? []), each])
  }
  return groups
}

async function refuseUnorderable(
  { services: { databases } }: Deal,
  { supplierId, group }: { supplierId: SupplierId; group: readonly Wanted[] },
): Promise<void> {
  const supplier = await readSupplier(databases.inventory, supplierId)
  if (!supplier?.active) {
    throw new Refusal('supplier.unknown', 'There is no such supplier, or nothing is ordered from it.', {
      supplierId,
    })
  }
  const skus = group.map(({ shortage }) => shortage.sku)
  const items = await itemsOf(databases.inventory, { supplierId, skus })
  for (const { shortage, quantity = shortage.suggestedQuantity } of group) {
    const { id: replenishmentId, sku, status } = shortage
    const item = items.find((each) => each.sku === sku)
    if (!item) {
      const facts = { sku, supplierId, replenishmentId }
      throw new Refusal('supplier.does_not_sell', `${supplier.name} does not sell ${sku}.`, facts)
    }
    const fault = status === 'waiting' ? packingFault(quantity, item) : null
    if (fault !== null) {
      const detail = `${supplier.name} does not send ${quantity} of ${sku}. ${fault}`
      throw new Refusal('replenishment.quantity', detail, { replenishmentId, sku, quantity })
    }
  }
}

/** Turns a shortage down. */
export async function rejectOne(
  deal: Deal,
  { id, reason }: { id: string; reason: string },
): Promise<Outcome> {
  const [wanted] = await known(deal, [{ id }])
  if (!wanted) throw notFound(id)
  const { services, claimed, caller, cause } = deal
  const { shortage } = wanted
  if (shortage.status === 'waiting') {
    const answer = await services.flows.stock.reject({
      shortage,
      content: { replenishmentId: shortage.id, reason, actor: caller, cause },
      updateId: claimed.updateId,
      budgetMs: services.shop.requestBudgetMs,
    })
    if (answer.outcome === 'refused') throw refusalProblem(answer.refusal)
    const after = (await readReplenishment(services.databases.inventory, shortage.id)) ?? shortage
    if (answer.outcome === 'undecided') return { status: 202, body: replenishmentView(after), keep: false }
    if (answer.outcome !== 'rejected') throw decided(after)
    return { status: 200, body: replenishmentView(after), keep: true }
  }
  return { status: 200, body: replenishmentView(shortage), keep: true }
}

export const notFound = (id: string): Refusal =>
  new Refusal('replenishment.not_found', 'There is no such replenishment.', { replenishmentId: id })

function decided({ id, sku, warehouseId, status, purchaseOrderId }: Replenishment): Refusal {
  const words = status.replace('_', ' ')
  return new Refusal('replenishment.decided', `The replenishment of ${sku} is ${words} already.`, {
    ...{ replenishmentId: id, sku, warehouseId, status },
    ...(purchaseOrderId !== null && { purchaseOrderId }),
  })
}
