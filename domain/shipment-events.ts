import type { OrderId, OrderLineId, ReshipId, ShipmentId, Sku, WarehouseId } from './ids.ts'

/** What the events of a parcel say, besides what each event says (`domain/events.ts`). */
export interface ShipmentReady {
  readonly orderId: OrderId
  readonly shipmentId: ShipmentId
  readonly carrier: string
  readonly service: string
  readonly trackingCode: string
  readonly trackingUrl: string | null
  readonly labelUrl: string
}

/** Handed over, delivered, lost or returned. */
export interface ShipmentMoved extends Omit<ShipmentReady, 'labelUrl'> {
  readonly status: 'handed_over' | 'delivered' | 'lost' | 'returned'
  readonly warehouseId: WarehouseId
  /** Of a parcel that goes in the place of a lost one: its stock is promised under this id. */
  readonly reshipId?: ReshipId | null
  readonly lines: readonly { readonly lineId: OrderLineId; readonly sku: Sku; readonly quantity: number }[]
}
