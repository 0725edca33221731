import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { typeid } from 'typeid-js'
import { activitiesOf } from '../../activities/index.ts'
import type { Begun } from '../../activities/cancellations.ts'
import { applyTracking } from '../../activities/shipping/follow-parcels.ts'
import { refundIdOf } from '../../domain/ids.ts'
import type { CancellationId, OrderId } from '../../domain/ids.ts'
import { planShipments } from '../../domain/shipments.ts'
import type { CarrierGateway, Label, TrackingState } from '../../gateways/easypost.ts'
import { createStripeGateway } from '../../gateways/stripe.ts'
import type { PaymentGateway } from '../../gateways/stripe.ts'
import { rows } from '../../store/db.ts'
import { lockParcels } from '../../store/recalls.ts'
import { parcelsMoved } from '../../workers/effects/parcels.ts'
import { stockLeaves } from '../../workers/effects/stock.ts'
import { refusalBehind } from '../../workflows/failures.ts'
import { anAddress, aRate } from './factories.ts'
import { aCart, anOrderId, someDatabases } from './parts.ts'
import { aStripe } from './stripe.ts'

export const cause = 'req_1'
const personal = { email: 'ada@example.com', shipTo: anAddress(), billTo: null }

/** A carrier with one bit of knowledge about each label: scanned, void, or neither. Whoever asks first decides. */
function aOneBitCarrier() {
  const known = new Map<string, 'scanned' | 'void'>()
  const decide = (id: string, as: 'scanned' | 'void'): boolean => {
    if (!known.has(id)) known.set(id, as)
    return known.get(id) === as
  }
  const never = async (): Promise<never> => Promise.reject(new Error('not asked in this test'))
  let sold = 0
  const labels = new Map<string, Label>()
  const carrier: CarrierGateway = {
    quote: async () => {
      sold += 1
      const rate = { rateId: `rate_${sold}`, carrier: 'DHL', service: 'Parcel', amountMinor: 500 }
      const rates = [{ ...rate, currency: 'EUR', deliveryDays: 2 }]
      return { outcome: 'rates', carrierShipmentId: `easy_${sold}`, rates }
    },
    buy: async ({ carrierShipmentId: id }) => {
      const label: Label = {
        ...{ outcome: 'bought', carrierShipmentId: id, trackerId: `trk_${id}`, trackingCode: `T${id}` },
        ...{ trackingUrl: null, labelUrl: 'http://label', carrier: 'DHL', service: 'Parcel' },
        ...{ costMinor: 500, currency: 'EUR' },
      }
      labels.set(id, label)
      return label
    },
    retrieveLabel: async (id) => labels.get(id) ?? { outcome: 'unbought', rates: [] },
    voidLabel: async (id) => {
      if (!labels.has(id)) return { outcome: 'unbought' }
      return { outcome: decide(id, 'void') ? 'voided' : 'refused' }
    },
    track: never,
  }
  return { carrier, scan: (id: string): boolean => decide(id, 'scanned'), known }
}

export async function theShop(
  t: TestContext,
  { around = (real) => real }: { around?: (real: PaymentGateway) => PaymentGateway } = {},
) {
  const databases = await someDatabases(t, { poolSize: 20 })
  const { order: db, inventory, shipping } = databases
  const double = await aStripe(t)
  const { apiKey, baseUrl } = double
  const stripe = around(createStripeGateway({ apiKey, baseUrl, timeoutMs: 5_000 }))
  const { carrier, scan, known } = aOneBitCarrier()
  const orders = activitiesOf.order({ db, stripe, orderUrl: String })
  const stocks = activitiesOf.inventory({ db: inventory })
  const parcels = activitiesOf.shipping({ db: shipping, carrier, shipFrom: anAddress(), pollEveryMs: 0 })

  /** An order that waits for its capture. */
  async function authorized(quantity = 2): Promise<{ orderId: OrderId; pay: () => Promise<void> }> {
    const orderId = anOrderId()
    const at = { placedAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 900_000).toISOString() }
    const cart = await aCart(db, { lines: [{ sku: 'MUG', quantity }] })
    const opened = {
      orderId,
      ...cart,
      ...at,
      customerRef: 'guest',
      currency: 'EUR',
      personal,
      ...{ rate: null, expectedTotalMinor: null },
      cause,
    } as const
    const { lines } = await orders.openOrder(opened)
    const { allocations } = await stocks.reserveStock({ orderId, lines, deadline: at.expiresAt })
    const { totalMinor } = await orders.priceOrder({ orderId, rate: aRate(), expectedTotalMinor: null })
    const total = { amount: totalMinor, currency: 'EUR' } as const
    const card = { paymentMethod: 'pm_card_visa', returnUrl: 'http://localhost/back', cause }
    await orders.authorizePayment({ orderId, total, attempt: 1, ...card })
    const plans = planShipments({ orderId, lines, allocations, rate: aRate() })
    return {
      orderId,
      pay: async () => {
        await orders.capturePayment({ orderId, cause })
        await orders.confirmOrder({ orderId, parcels: plans.length, paidMinor: totalMinor, cause })
        await Promise.all([
          stocks.commitStock({ orderId, cause }),
          ...plans.map((plan) => parcels.buyLabel({ plan, personal, cause })),
        ])
      },
    }
  }

  /** What the workflow does, without it. */
  async function cancel(orderId: OrderId, wanted: { lineId: string; quantity: number }[] | null = null) {
    const cancellationId = typeid('can').toString() as CancellationId
    const asked = { cancellationId, orderId, wanted, version: null, reason: 'why not', askedBy: null, cause }
    let begun: Begun | { outcome: string }
    do {
      begun = await orders.beginCancellation({ ...asked, actor: 'customer' }).catch((error: unknown) => {
        const refusal = refusalBehind(error)
        if (!refusal) throw error
        return { outcome: refusal.code }
      })
    } while (begun.outcome === 'unpaid')
    if (!('lines' in begun)) return { cancellationId, outcome: begun.outcome }
    const { whole, lines, amountMinor } = begun
    const recall = await untilCertain(() =>
      parcels.recallParcels({
        ...{ cancellationId, orderId, wanted: whole ? null : lines, parcels: begun.parcels, cause },
      }),
    )
    const recalled = { ...recall, cancellationId, replaced: recall.replacements.length, cause }
    if (recall.outcome === 'left') {
      await orders.loseCancellation({ ...recalled, left: recall.left })
      return { cancellationId, outcome: 'lost' }
    }
    await orders.announceCancellation(recalled)
    await orders.refundPayment({
      ...{ refundId: refundIdOf(cancellationId), orderId, amountMinor: whole ? 'rest' : amountMinor },
      ...{ reason: 'why not', cancellationId, lines, askedBy: null, cause },
    })
    await stocks.releaseCancelled({ cancellationId, orderId, units: whole ? null : recall.units, cause })
    await orders.finishCancellation({ cancellationId, cause })
    return { cancellationId, outcome: 'done' }
  }

  /** A carrier takes what it finds, and whoever listens hears of it. */
  async function takeAway(orderId: OrderId): Promise<void> {
    for (const parcel of await shipping.transaction((trx) => lockParcels(trx, orderId))) {
      const { carrierShipmentId, trackingCode } = parcel
      // Nobody hands over a parcel without a label.
      if (carrierShipmentId === null || trackingCode === null || !scan(carrierShipmentId)) continue
      const state = {
        trackerId: parcel.trackerId,
        status: 'in_transit',
        scans: [],
      } as unknown as TrackingState
      await applyTracking({ db: shipping }, { parcel, state, nextPollAt: new Date().toISOString() })
    }
  }

  /** The outbox of shipping reaches its listeners. */
  async function relay(orderId: OrderId): Promise<void> {
    const events = await rows<{ type: string; at: string; data: never }>(
      shipping,
      `select event_id as id, type, subject, at, cause, data from shipping.outbox
       where subject = :orderId and relayed_at is null order by position`,
      { orderId },
    )
    for (const event of events as never[]) {
      const { type } = event as { type: string }
      await db.transaction((trx) => parcelsMoved(trx, [event]))
      if (type === 'Shipment Handed Over') await inventory.transaction((trx) => stockLeaves(trx, event))
    }
    await shipping('shipping.outbox').where({ subject: orderId }).update({ relayed_at: new Date() })
  }

  /** A carrier that has the parcels says this of them, and whoever listens hears of it. */
  async function carrierSays(orderId: OrderId, status: TrackingState['status']): Promise<void> {
    for (const parcel of await shipping.transaction((trx) => lockParcels(trx, orderId))) {
      if (parcel.status !== 'handed_over') continue
      const state = { trackerId: parcel.trackerId, status, scans: [] } as unknown as TrackingState
      await applyTracking({ db: shipping }, { parcel, state, nextPollAt: new Date().toISOString() })
    }
    await relay(orderId)
  }

  /** An order whose only parcel has left, and (if it is said so) did not arrive. */
  async function shipped(quantity: number, fate?: 'failure' | 'return_to_sender'): Promise<OrderId> {
    const { orderId, pay } = await authorized(quantity)
    await pay()
    await takeAway(orderId)
    await relay(orderId)
    if (fate) await carrierSays(orderId, fate)
    return orderId
  }

  const world = { databases, db, inventory, double, orders, stocks, parcels, known }
  return { ...world, authorized, shipped, cancel, takeAway, carrierSays, relay }
}

/** Runs a step as Temporal would while parcels are being registered and labels sold, which in this shop takes no time. */
export async function untilCertain<T>(step: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await step()
    } catch (error) {
      if (!/may still be selling|registered/.test(String(error))) throw error
      await sleep(5)
    }
  }
}

/** The carrier's scans of parcels that were closed while it took them, and opened again. */
export async function takeAwayTaken(
  shop: Awaited<ReturnType<typeof theShop>>,
  orderId: OrderId,
): Promise<void> {
  const { databases, known } = shop
  for (const parcel of await databases.shipping.transaction((trx) => lockParcels(trx, orderId))) {
    if (known.get(parcel.carrierShipmentId ?? '') !== 'scanned') continue
    const state = { trackerId: parcel.trackerId, status: 'in_transit', scans: [] } as unknown as TrackingState
    await applyTracking({ db: databases.shipping }, { parcel, state, nextPollAt: new Date().toISOString() })
  }
}
