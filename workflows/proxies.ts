import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { queues, shopQueue } from './contract.ts'

/** Activities by domain, with their time-outs and retries: the whole policy, on one page. */

/** How long a step may be silent before its worker is taken for dead and another does it again (`workers/heartbeats.ts`). */
const heartbeatTimeout = '6s'

/**
 * A customer waits, and nothing is charged yet: tried again for ten minutes, less than a hold lasts; then the order is let go. (The
 * half second is there because the time-skipping server hangs on a time-out that ends on a whole one.)
 */
const beforeThePivot = {
  startToCloseTimeout: '15s',
  heartbeatTimeout,
  scheduleToCloseTimeout: 599_500,
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' },
} as const

/** Promised, or to be taken back: tried again until it is done. */
const withoutEnd = {
  startToCloseTimeout: '30s',
  heartbeatTimeout,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '30s' },
} as const

/** The same for a day; then somebody has to be told. */
const forADay = { ...withoutEnd, scheduleToCloseTimeout: 86_399_500 } as const

const aLongLook = { ...withoutEnd, startToCloseTimeout: '300s' } as const

/** The order service's own quick SQL, run inside the workflow task (docs/decisions/local-activities.md). */
const local = {
  startToCloseTimeout: '10s',
  retry: { initialInterval: '50ms', backoffCoefficient: 2, maximumInterval: '5s' },
} as const

const { catalog: shelves, order, inventory: stock, shipping: parcels, notification } = queues

export const orders = {
  openOrder: proxyLocalActivities<Activities>({ ...local, summary: 'validate the cart, freeze its lines' })
    .openOrder,
  priceOrder: proxyLocalActivities<Activities>({ ...local, summary: 'freeze the total' }).priceOrder,
  confirmOrder: proxyLocalActivities<Activities>({ ...local, summary: 'confirm and announce' }).confirmOrder,
  abandonOrder: proxyLocalActivities<Activities>({ ...local, summary: 'undo: end the order' }).abandonOrder,
  extendOrder: proxyLocalActivities<Activities>({ ...local, summary: 'hold for the challenge' }).extendOrder,
  flagOrder: proxyLocalActivities<Activities>({ ...local, summary: 'ask an admin to look' }).flagOrder,
}

/** As long as a catalog is large; a worker that dies is noticed by its silence. */
const howeverLarge = {
  startToCloseTimeout: '2h',
  heartbeatTimeout: '60s',
  retry: withoutEnd.retry,
} as const

export const catalog = {
  searchEngines: on(shelves, withoutEnd, 'which engines there are').searchEngines,
  refreshSearch: on(shelves, { ...withoutEnd, startToCloseTimeout: '60s' }, 'make a batch searchable')
    .refreshSearch,
  rebuildIndex: on(shelves, howeverLarge, 'make an index anew').rebuildIndex,
  checkIndex: on(shelves, howeverLarge, 'compare an index with the catalog').checkIndex,
}

/** The same of cancellations. */
export const cancellations = {
  beginCancellation: proxyLocalActivities<Activities>({ ...local, summary: 'may it be cancelled' })
    .beginCancellation,
  announceCancellation: proxyLocalActivities<Activities>({ ...local, summary: 'announce: cancelled' })
    .announceCancellation,
  loseCancellation: proxyLocalActivities<Activities>({ ...local, summary: 'too late: the order goes on' })
    .loseCancellation,
  finishCancellation: proxyLocalActivities<Activities>({ ...local, summary: 'the cancellation has ended' })
    .finishCancellation,
}

export const refunds = {
  openRefund: proxyLocalActivities<Activities>({ ...local, summary: 'promise it in our books' }).openRefund,
}

export const reships = {
  openReship: proxyLocalActivities<Activities>({ ...local, summary: 'may it be sent again' }).openReship,
  dropReship: proxyLocalActivities<Activities>({ ...local, summary: 'undo: it is not sent again' })
    .dropReship,
  confirmReship: proxyLocalActivities<Activities>({ ...local, summary: 'it is sent again' }).confirmReship,
}

export const reconciling = {
  judgeOrders: on(order, aLongLook, 'compare a page of orders').judgeOrders,
  judgeOrderBooks: on(order, aLongLook, 'compare totals, look for events left behind').judgeOrderBooks,
  judgeProvider: on(order, aLongLook, 'compare with the payment provider').judgeProvider,
  judgeStories: on(order, aLongLook, 'look for what nobody will end').judgeStories,
  fileFindings: on(order, withoutEnd, 'keep what was found').fileFindings,
  judgeStock: on(stock, aLongLook, 'compare stock with its journal').judgeStock,
  judgeReservations: on(stock, aLongLook, 'compare what is reserved').judgeReservations,
  judgeParcels: on(parcels, aLongLook, 'look for events left behind').judgeParcels,
}

export const inventory = {
  reserveStock: sqlOn(stock, beforeThePivot, 'hold the stock, all lines or none').reserveStock,
  extendHold: sqlOn(stock, beforeThePivot, 'hold the stock for the challenge').extendHold,
  releaseStock: sqlOn(stock, withoutEnd, 'undo: let the stock go').releaseStock,
  commitStock: sqlOn(stock, withoutEnd, 'held stock becomes promised stock').commitStock,
  releaseCancelled: sqlOn(stock, withoutEnd, 'the goods can be sold again').releaseCancelled,
}

export const replenishment = {
  checkLevels: on(stock, { ...withoutEnd, startToCloseTimeout: '60s' }, 'look at a page of stock levels')
    .checkLevels,
  finishCheck: on(stock, withoutEnd, 'keep what was found').finishCheck,
  openReplenishment: on(stock, withoutEnd, 'raise the alert, if it is low at this moment').openReplenishment,
  rejectReplenishment: on(stock, withoutEnd, 'turn it down').rejectReplenishment,
  expireReplenishment: on(stock, withoutEnd, 'nobody decided: end it').expireReplenishment,
  noteReminder: on(stock, withoutEnd, 'note that somebody is reminded').noteReminder,
}

export const purchasing = {
  createPurchaseOrder: on(stock, withoutEnd, 'order it, once').createPurchaseOrder,
  readOrderStanding: on(stock, withoutEnd, 'see how the order stands').readOrderStanding,
  writeSupplierLetter: on(stock, withoutEnd, 'what the supplier is written').writeSupplierLetter,
  noteSupplierTold: on(stock, withoutEnd, 'note that the supplier knows').noteSupplierTold,
  noteOverdue: on(stock, withoutEnd, 'note that it is overdue').noteOverdue,
  receiveStock: on(stock, withoutEnd, 'book the delivery, once').receiveStock,
  endPurchaseOrder: on(stock, withoutEnd, 'end the order').endPurchaseOrder,
}

export const payments = {
  authorizePayment: on(order, beforeThePivot, 'hold the total on the card, and take it').authorizePayment,
  lookUpPayment: on(order, beforeThePivot, 'what became of the challenge').lookUpPayment,
  capturePayment: on(order, withoutEnd, 'take what is held: from here only forward').capturePayment,
  returnPayment: on(order, withoutEnd, 'undo: void or refund').returnPayment,
  refundPayment: {
    forADay: on(order, forADay, 'give the money back').refundPayment,
    without: on(order, withoutEnd, 'give the money back, after a day of trying').refundPayment,
  },
  bookProviderNews: on(order, withoutEnd, 'look up what is true, and book it').bookProviderNews,
}

export const shipping = {
  quoteShipping: on(parcels, beforeThePivot, 'ask the carrier for its rates').quoteShipping,
  /** For a day; who still has no label then asks an admin to look, and goes on with `buyLabelHoweverLong`. */
  buyLabel: on(parcels, forADay, 'buy the label').buyLabel,
  buyLabelHoweverLong: on(parcels, withoutEnd, 'buy the label, after a day of trying').buyLabel,
  recallParcels: {
    forADay: on(parcels, forADay, 'take the parcels back').recallParcels,
    without: on(parcels, withoutEnd, 'take the parcels back, after a day of trying').recallParcels,
  },
  readLostParcel: on(parcels, beforeThePivot, 'what was in it').readLostParcel,
  registerReship: on(parcels, withoutEnd, 'register the parcels in its place').registerReship,
  labelParcel: on(parcels, withoutEnd, 'buy the label of what still goes').labelParcel,
  followParcels: on(parcels, { ...withoutEnd, startToCloseTimeout: '60s' }, 'ask where parcels are')
    .followParcels,
}

export const notifications = {
  sendConfirmation: on(notification, withoutEnd, 'write to the customer').sendConfirmation,
  sendRefund: on(notification, withoutEnd, 'write what goes back').sendRefund,
  sendSentAgain: on(notification, withoutEnd, 'write that another one goes').sendSentAgain,
  sendTooLate: on(notification, withoutEnd, 'write that it was too late').sendTooLate,
}

/** The mailer gives up after ten seconds; a worker that died in the middle is replaced soon after that. */
const soon = { ...withoutEnd, startToCloseTimeout: '15s' } as const

export const stockMails = {
  sendStockDigest: on(notification, soon, 'the one mail of this run').sendStockDigest,
  sendReplenishmentReminder: on(notification, soon, 'remind somebody').sendReplenishmentReminder,
  /** For an hour; then it is looked whether the order is still wanted, and tried on. */
  sendPurchaseOrder: on(notification, { ...soon, scheduleToCloseTimeout: 3_599_500 }, 'tell the supplier')
    .sendPurchaseOrder,
  sendOrderCancelled: on(notification, soon, 'take the order back').sendOrderCancelled,
  sendOverdueOrder: on(notification, soon, 'tell somebody that it is overdue').sendOverdueOrder,
}

interface Policy {
  readonly startToCloseTimeout: '15s' | '30s' | '60s' | '300s' | '2h'
  readonly heartbeatTimeout: '6s' | '60s'
  readonly scheduleToCloseTimeout?: number
  readonly retry: (typeof withoutEnd | typeof beforeThePivot)['retry']
}

type Steps = Pick<Activities, keyof Activities>

/** Steps of the service with this queue. A story that is told on the shop's own queue finds all of them there. */
function on(taskQueue: string, policy: Policy, summary: string): Steps {
  return byPlace({
    inTheShop: proxyActivities<Activities>({ ...policy, summary }),
    apart: proxyActivities<Activities>({ ...policy, taskQueue, summary }),
  })
}

/** The same of a service's own quick SQL, which on the shop's queue runs inside the workflow task, as the order service's does. */
function sqlOn(taskQueue: string, policy: Policy, summary: string): Steps {
  const { scheduleToCloseTimeout } = policy
  const patience = scheduleToCloseTimeout === undefined ? local : { ...local, scheduleToCloseTimeout }
  return byPlace({
    inTheShop: proxyLocalActivities<Activities>({ ...patience, summary }),
    apart: proxyActivities<Activities>({ ...policy, taskQueue, summary }),
  })
}

/** The queue that a story is told on never changes and stands in its history, so it is told again in the same way. */
function byPlace({ inTheShop, apart }: { inTheShop: Steps; apart: Steps }): Steps {
  return new Proxy(apart, {
    get: (_, name: keyof Steps) => (input: never) => {
      const steps = workflowInfo().taskQueue === shopQueue ? inTheShop : apart
      return steps[name](input)
    },
  })
}
