/** The bundle's only entry: every workflow that a worker can run. */
export { placeOrder } from './place-order.ts'
export { providerEvent } from './provider-event.ts'
export { trackShipments } from './track-shipments.ts'
export { checkInventory } from './check-inventory.ts'
export { purchaseOrder } from './purchase-order.ts'
export { replenishStock } from './replenish-stock.ts'
