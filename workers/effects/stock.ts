import type { DomainEvent } from '../../domain/events.ts'
import type { ShipmentMoved } from '../../domain/shipment-events.ts'
import type { Db } from '../../store/db.ts'
import { handOver, lockHold, lockLevels } from '../../store/inventory.ts'

/** A parcel has left: its units leave the warehouse, and our promise of them is kept. */
export async function stockLeaves(trx: Db, { at, data }: DomainEvent): Promise<void> {
  const { orderId, shipmentId, warehouseId, lines } = data as unknown as ShipmentMoved
  if ((await lockHold(trx, orderId)) === 'held') {
    // The parcel was faster than the step that commits the stock: this is tried again.
    throw new Error(`The stock of ${orderId} is not committed yet.`)
  }
  await lockLevels(trx, [...new Set(lines.map((line) => line.sku))])
  await handOver(trx, { orderId, warehouseId, lineIds: lines.map((line) => line.lineId), shipmentId, at })
}
