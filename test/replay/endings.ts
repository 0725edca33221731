import type { Endings } from './ending.ts'
import { endings as checkInventory } from './endings/check-inventory.ts'
import { endings as checkSearch } from './endings/check-search.ts'
import { endings as cancelOrder } from './endings/cancel-order.ts'
import { endings as placeOrder } from './endings/place-order.ts'
import { endings as providerEvent } from './endings/provider-event.ts'
import { endings as purchaseOrder } from './endings/purchase-order.ts'
import { endings as rebuildSearch } from './endings/rebuild-search.ts'
import { endings as refreshProducts } from './endings/refresh-products.ts'
import { endings as reconcile } from './endings/reconcile.ts'
import { endings as refundOrder } from './endings/refund-order.ts'
import { endings as reshipOrder } from './endings/reship-order.ts'
import { endings as replenishStock } from './endings/replenish-stock.ts'
import { endings as trackShipments } from './endings/track-shipments.ts'

/**
 * Every way in which a use case can end, as the replay gate knows it: one recorded history each, in `test/histories/<use case>/`.
 * A use case has a file of its own in `endings/`, and its line here.
 */
export const endings: Readonly<Record<string, Endings>> = {
  'check-inventory': checkInventory,
  'check-search': checkSearch,
  'cancel-order': cancelOrder,
  'place-order': placeOrder,
  'provider-event': providerEvent,
  'purchase-order': purchaseOrder,
  'rebuild-search': rebuildSearch,
  'refresh-products': refreshProducts,
  reconcile,
  'refund-order': refundOrder,
  'reship-order': reshipOrder,
  'replenish-stock': replenishStock,
  'track-shipments': trackShipments,
}
