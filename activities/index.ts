import { cancellationActivities } from './cancellations.ts'
import { inventoryActivities } from './inventory.ts'
import { notificationActivities } from './notifications.ts'
import { stockMailActivities } from './notifications/stock-mails.ts'
import type { StockMailServices } from './notifications/stock-mails.ts'
import { orderActivities } from './orders.ts'
import { paymentActivities } from './payments.ts'
import { purchasingActivities } from './purchasing.ts'
import { refundActivities } from './refunds.ts'
import {
  inventoryReconcileActivities,
  orderReconcileActivities,
  shippingReconcileActivities,
} from './reconciliation.ts'
import { answering } from './refusals.ts'
import { replenishmentActivities } from './replenishment.ts'
import { reshipActivities } from './reships.ts'
import { searchActivities } from './search.ts'
import type { SearchServices } from './search.ts'
import { shippingActivities } from './shipping.ts'

type Services = Parameters<typeof orderActivities>[0] & Parameters<typeof paymentActivities>[0]

/** The activities of each service's worker. Each service is handed its own database and the companies that it talks to. */
export const activitiesOf = {
  catalog: (services: SearchServices) => answering(searchActivities(services)),
  order: (services: Services) =>
    answering({
      ...orderActivities(services),
      ...cancellationActivities(services),
      ...refundActivities(services),
      ...reshipActivities(services),
      ...paymentActivities(services),
    }),
  inventory: (services: Parameters<typeof inventoryActivities>[0]) =>
    answering({
      ...inventoryActivities(services),
      ...inventoryReconcileActivities(services),
      ...replenishmentActivities(services),
      ...purchasingActivities(services),
    }),
  shipping: (services: Parameters<typeof shippingActivities>[0]) =>
    answering({ ...shippingActivities(services), ...shippingReconcileActivities(services) }),
  notification: (services: Parameters<typeof notificationActivities>[0]) =>
    answering(notificationActivities(services)),
  /** The order service's too: comparing its books. */
  reconciling: (services: Parameters<typeof orderReconcileActivities>[0]) =>
    answering(orderReconcileActivities(services)),
  /** The notification service's too: mails to those who keep the stock, and to suppliers. */
  stockMails: (services: StockMailServices) => answering(stockMailActivities(services)),
}

/** Everything that a workflow can call; `workflows/proxies.ts` knows on which queue each stands. */
export type Activities = ReturnType<typeof orderActivities> &
  ReturnType<typeof cancellationActivities> &
  ReturnType<typeof refundActivities> &
  ReturnType<typeof reshipActivities> &
  ReturnType<typeof paymentActivities> &
  ReturnType<typeof orderReconcileActivities> &
  ReturnType<typeof inventoryReconcileActivities> &
  ReturnType<typeof shippingReconcileActivities> &
  ReturnType<typeof inventoryActivities> &
  ReturnType<typeof shippingActivities> &
  ReturnType<typeof notificationActivities> &
  ReturnType<typeof searchActivities> &
  StockActivities

/** Those of them about keeping stock. */
export type StockActivities = ReturnType<typeof replenishmentActivities> &
  ReturnType<typeof purchasingActivities> &
  ReturnType<typeof stockMailActivities>
