import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import { shipmentIdOf } from '../../domain/ids.ts'
import type { CancellationId, OrderId, OrderLineId, WarehouseId } from '../../domain/ids.ts'
import { createCarrierGateway } from '../../gateways/easypost.ts'
import type { CarrierGateway } from '../../gateways/easypost.ts'
import type { ShipmentPlan } from '../../store/shipments.ts'
import { aCarrier } from './doubles.ts'
import { anAddress, aRate } from './factories.ts'
import { anOrderId, aSku, someDatabases } from './parts.ts'

export const cause = 'req_1'
const shipFrom = anAddress({ name: 'Cartwright', line1: 'Köpenicker Straße 10', postalCode: '10997' })
export const personal = { shipTo: anAddress() }

/** The steps of shipping on a real database, before a carrier that a test may replace. */
export async function theCarrier(t: TestContext) {
  const { shipping: db } = await someDatabases(t)
  const double = await aCarrier(t)
  const carrier = createCarrierGateway({ apiKey: double.apiKey, baseUrl: double.baseUrl, timeoutMs: 2_000 })
  const activities = activitiesOf.shipping({ db, carrier, shipFrom, pollEveryMs: 0 })
  const plan = (orderId: OrderId = anOrderId()): Omit<ShipmentPlan, 'shipTo'> => ({
    shipmentId: shipmentIdOf(orderId, 1),
    orderId,
    number: 1,
    warehouseId: 'berlin' as WarehouseId,
    lines: [{ lineId: 'line_1' as OrderLineId, sku: aSku('MUG'), quantity: 2 }],
    grams: 600,
    rate: aRate(),
  })
  const events = async (): Promise<string[]> => {
    const rows = await db<{ type: string; position: number }>('shipping.outbox')
      .orderBy('position')
      .select('type')
    return rows.map(({ type }) => type)
  }
  const bought = async (): Promise<number> => (await double.deeds('shipments.buy')).length
  const withCarrier = (other: CarrierGateway) =>
    activitiesOf.shipping({ db, carrier: other, shipFrom, pollEveryMs: 0 })
  /** A carrier that is asked, and says nothing. */
  const silent = (asked: Parameters<CarrierGateway['buy']>[0][]) =>
    withCarrier({
      ...carrier,
      buy: async (input) => {
        asked.push(input)
        throw new Error('nobody answers')
      },
    })
  const recall = async (orderId: OrderId) =>
    activities.recallParcels({
      ...{ cancellationId: `can_${orderId}` as CancellationId, orderId, wanted: null, parcels: 1, cause },
    })
  const follow = async () => activities.followParcels({ limit: 10, pollEveryMs: 0 })
  const purchases = async (): Promise<unknown[]> => db('shipping.purchases').select()
  /** What a purchase looks like that can no longer take effect. */
  const unheard = { asked_at: db.raw(`now() - interval '1 minute'`) }
  const seen = { events, bought, purchases, unheard }
  return { db, double, carrier, ...activities, withCarrier, silent, plan, recall, follow, ...seen }
}
