import { typeid } from 'typeid-js'
import { inventoryActivities } from '../../activities/inventory.ts'
import { reshipActivities } from '../../activities/reships.ts'
import type { OpenReship } from '../../activities/reships.ts'
import { readLostParcel, registerReship } from '../../activities/shipping/reship.ts'
import type { OrderId, ReshipId, ShipmentId } from '../../domain/ids.ts'
import type { Databases } from '../../store/db.ts'
import { reship, reshipOrderId } from '../../workflows/reship-contract.ts'
import type { ReshipRequest, ReshipStanding } from '../../workflows/reship-contract.ts'
import type { OrderQueue } from '../../workflows/contract.ts'
import type { Fakes, FlowWorld } from './flow-world.ts'
import { toldIn } from './telling.ts'
import type { Told } from './telling.ts'

/** What the workflow does until it is decided, without it. */
export async function reshipHere(
  { order, inventory, shipping }: Pick<Databases, 'order' | 'inventory' | 'shipping'>,
  asked: Omit<OpenReship, 'inParcel'>,
): Promise<Extract<ReshipStanding, { outcome: 'accepted' }>> {
  const { reshipId, orderId, shipmentId, cause } = asked
  const reships = reshipActivities({ db: order })
  const stocks = inventoryActivities({ db: inventory })
  const { lines: inParcel } = await readLostParcel(shipping, { orderId, shipmentId })
  const { lines } = await reships.openReship({ ...asked, inParcel })
  const deadline = new Date(Date.now() + 60_000).toISOString()
  const held = { orderId: reshipId, reshipOf: orderId, lines, deadline }
  const { allocations } = await stocks.reserveStock(held)
  await stocks.commitStock({ orderId: reshipId, cause })
  const { shipments } = await registerReship(shipping, {
    ...{ reshipId, orderId, shipmentId, lines, allocations, cause },
  })
  await reships.confirmReship({ reshipId, shipments, cause })
  return { outcome: 'accepted', shipments }
}

const line = { lineId: 'line_1', sku: 'MUG', quantity: 2 }

export const aReshipRequest = (changes: Partial<ReshipRequest> = {}): ReshipRequest => {
  const orderId = typeid('ord').toString() as OrderId
  return {
    ...{ orderId, shipmentId: `${orderId.replace('ord', 'shp')}_1` as ShipmentId, wanted: null },
    ...{ version: null, reason: 'lost on its way', askedBy: 'key_1', cause: 'req_1' },
    ...changes,
  }
}

/** Activities of sending again that all go well. */
export function goodReshipParts() {
  const nothing = async (): Promise<void> => {}
  return {
    readLostParcel: async (): Promise<unknown> => ({ lines: [line] }),
    openReship: async (): Promise<unknown> => ({ lines: [{ ...line, grams: 300 }] }),
    reserveStock: async () => ({ allocations: [{ ...line, warehouseId: 'berlin' }] }),
    commitStock: nothing,
    registerReship: async () => ({ shipments: ['shp_2'] }),
    confirmReship: nothing,
    labelParcel: async () => ({ trackingCode: 'EZ2' }),
    sendSentAgain: nothing,
    releaseStock: nothing,
    dropReship: nothing,
    flagOrder: nothing,
  } satisfies Fakes
}

/** Sends a parcel again; tells what was called, what was answered, and how it ended. */
export async function reshipIn(
  world: FlowWorld,
  {
    fakes,
    request = aReshipRequest(),
    taskQueue,
  }: { fakes: Fakes; request?: ReshipRequest; taskQueue?: OrderQueue | undefined },
): Promise<Told<ReshipStanding>> {
  const reshipId = typeid('rsp').toString() as ReshipId
  return toldIn(world, {
    ...{ workflow: 'reshipOrder', workflowId: reshipOrderId(reshipId), args: [{ reshipId }] },
    ...{ update: reship, content: request, fakes: { ...goodReshipParts(), ...fakes }, taskQueue },
  })
}
