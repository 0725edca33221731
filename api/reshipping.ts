import type { Static } from 'typebox'
import { isId } from '../domain/ids.ts'
import type { OrderId, ReshipId, ShipmentId } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import { readReship } from '../store/reships.ts'
import { knownOrder } from './known-orders.ts'
import { mintedId } from './plugins/idempotency.ts'
import type { Claimed, Outcome } from './plugins/idempotency.ts'
import { refusalProblem, retryAfter } from './problems.ts'
import type { NewReship } from './schemas/order-parcels.ts'
import { wantedLines } from './schemas/orders.ts'
import type { Services } from './services.ts'
import { requireVersion, versionProblems } from './versions.ts'

interface AskedReship {
  readonly orderId: OrderId
  readonly ifMatch: string | undefined
  readonly body: Static<typeof NewReship.schema>
  readonly askedBy: string | null
  readonly cause: string
}

/** What sending a parcel again may answer. */
export const reshipProblems = [
  ...(['order.not_found', 'order.changed', 'order.line_unknown', 'order.quantity_too_large'] as const),
  ...(['shipment.unknown', 'shipment.not_lost', 'shipment.sent_again', 'stock.insufficient'] as const),
  ...(['order.change_running', 'order.closed', 'service.unavailable', ...versionProblems] as const),
]

/** Asks for a parcel to be sent again, and answers as soon as that is decided; a repeat asks after the same. */
export async function reshipOrder(
  services: Services,
  { asked, claimed }: { asked: AskedReship; claimed: Claimed },
): Promise<Outcome> {
  const { orderId, ifMatch, body, askedBy, cause } = asked
  const order = await knownOrder(services, orderId)
  // A repeat comes after the version has risen by what it did itself.
  if (claimed.first) requireVersion(ifMatch, order.version)
  const reshipId = mintedId('rsp', claimed)
  const answer = await services.flows.reshipOrder({
    reshipId,
    request: {
      ...{ orderId, shipmentId: shipmentIdIn(body.shipment_id), wanted: wantedLines(body.lines) },
      version: claimed.first && ifMatch?.trim() !== '*' ? order.version : null,
      ...{ reason: body.reason, askedBy, cause },
    },
    budgetMs: services.shop.requestBudgetMs,
  })
  const known = answer.outcome === 'closed' ? await remembered(services, reshipId) : answer
  if (known.outcome === 'refused') throw refusalProblem(known.refusal)
  const decided = known.outcome === 'accepted'
  return {
    status: 202,
    body: { id: reshipId, order_id: orderId, ...(decided && { shipments: [...known.shipments] }) },
    headers: { location: `/v1/admin/orders/${orderId}`, ...(!decided && retryAfter(1_000)) },
    keep: decided,
  }
}

/** The workflow has ended and forgot its answer: Postgres knows. */
async function remembered({ databases }: Pick<Services, 'databases'>, reshipId: ReshipId) {
  const reship = await readReship(databases.order, reshipId)
  if (reship?.status === 'sent') return { outcome: 'accepted', shipments: reship.shipments } as const
  if (reship?.refusal) return { outcome: 'refused', refusal: reship.refusal } as const
  throw new Refusal('order.change_running', 'This was not decided; ask again with a new Idempotency-Key.')
}

function shipmentIdIn(text: string): ShipmentId {
  if (isId('shp', text)) return text
  throw new Refusal('shipment.unknown', 'This order has no such parcel.', { shipmentId: text })
}
