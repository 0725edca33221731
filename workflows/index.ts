/** The bundle's only entry: every workflow that a worker can run. */
export { placeOrder } from './place-order.ts'
export { providerEvent } from './provider-event.ts'
export { trackShipments } from './track-shipments.ts'
