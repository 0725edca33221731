import type { DomainEvent } from '../../domain/events.ts'
import type { Holder } from '../../domain/inventory.ts'
import type { ShipmentMoved } from '../../domain/shipment-events.ts'
import type { Db } from '../../store/db.ts'
import { handOver, lockHold, lockLevels, readAllocations } from '../../store/inventory.ts'
import { NotYet } from './effect.ts'

/** A parcel has left: its units leave the warehouse, and our promise of them is kept. */
export async function stockLeaves(trx: Db, { at, data }: DomainEvent): Promise<void> {
  const { orderId: order, reshipId, shipmentId, warehouseId, lines } = data as unknown as ShipmentMoved
  const orderId = reshipId ?? order
  if ((await lockHold(trx, orderId)) === 'held') {
    // The parcel was faster than the step that commits the stock: this is tried again.
    throw new NotYet(`The stock of ${orderId} is not committed yet.`)
  }
  if (await isMoreReserved(trx, { orderId, warehouseId, lines })) {
    // A part was cancelled, and its units are let go of once its money is settled: until then they would leave with the parcel.
    throw new NotYet(`The cancelled part of ${orderId} is still reserved.`)
  }
  await lockLevels(trx, [...new Set(lines.map((line) => line.sku))])
  await handOver(trx, { orderId, warehouseId, lineIds: lines.map((line) => line.lineId), shipmentId, at })
}

async function isMoreReserved(
  trx: Db,
  { orderId, warehouseId, lines }: { orderId: Holder } & Pick<ShipmentMoved, 'warehouseId' | 'lines'>,
): Promise<boolean> {
  const here = (await readAllocations(trx, orderId)).filter((each) => each.warehouseId === warehouseId)
  return lines.some(({ lineId, quantity }) =>
    here.some((each) => each.lineId === lineId && each.quantity > quantity),
  )
}
