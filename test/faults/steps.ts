import type { Kind, Trace } from '../support/database-faults.ts'

export type Provider = 'stripe' | 'carrier' | 'mail'

export interface Cell {
  /** In which of the kills its worker dies; the first unless told. */
  readonly kills?: 2 | 3
  /** What cannot happen to it, with the reason beside it. */
  readonly never?: Kind
}

/** What a step asks of another company. */
interface Asking {
  readonly provider: Provider
  /** By the name that its double gives it. */
  readonly operation: string
  /** Whether the step waits for it only a few seconds, whatever the settings are. */
  readonly impatient?: boolean
}

const status = (from: string, to: string): string => `old.status = '${from}' and new.status = '${to}'`

/** A listener of this process is called, not asked: nobody waits for it with a clock in his hand. */
const noClock: Kind = 'times out'

/** Steps by the rows that they change: all of those that only touch Postgres, and the bookings of the others. */
export const inOurBooks: Readonly<Record<string, Trace & Cell>> = {
  openOrder: { table: 'orders.orders', on: 'insert' },
  // The order of whoever got no rate from the API asks for it itself, and has its total later than the others.
  priceOrder: {
    table: 'orders.orders',
    on: 'update',
    when: 'old.total_minor is null and new.total_minor is not null',
  },
  extendOrder: { table: 'orders.orders', on: 'update', when: 'new.expires_at > old.expires_at' },
  confirmOrder: { table: 'orders.orders', on: 'update', when: status('pending_payment', 'confirmed') },
  abandonOrder: { table: 'orders.orders', on: 'update', when: status('pending_payment', 'cancelled') },
  flagOrder: {
    table: 'orders.orders',
    on: 'update',
    when: `new.attention_reason like '%label%' and not old.needs_attention`,
  },
  reserveStock: { table: 'inventory.holds', on: 'insert', when: `new.status = 'held'` },
  extendHold: { table: 'inventory.holds', on: 'update', when: 'new.deadline > old.deadline' },
  commitStock: { table: 'inventory.holds', on: 'update', when: status('held', 'committed') },
  releaseStock: { table: 'inventory.holds', on: 'update', when: status('held', 'released') },
  'the booking of authorizePayment': {
    table: 'payments.payments',
    on: 'update',
    when: status('open', 'authorized'),
  },
  'the booking of capturePayment': {
    table: 'payments.payments',
    on: 'update',
    when: `new.status = 'captured' and old.status <> 'captured'`,
  },
  'the booking of returnPayment': {
    table: 'payments.payments',
    on: 'update',
    when: `new.status = 'voided' and old.status <> 'voided'`,
  },
  'the booking of bookProviderNews': { table: 'payments.refunds', on: 'insert' },
  'the booking of buyLabel': { table: 'shipping.shipments', on: 'update', when: status('pending', 'ready') },
  'the booking of sendConfirmation': {
    table: 'notifications.mails',
    on: 'update',
    when: `new.kind = 'confirmation' and ${status('sending', 'sent')}`,
    // In the first kill no mail is answered at all.
    kills: 2,
  },
  'the listener orders.parcels': {
    table: 'orders.inbox',
    on: 'insert',
    when: `new.consumer = 'orders.parcels'`,
    never: noClock,
  },
  'the listener catalog.availability': {
    table: 'catalog.inbox',
    on: 'insert',
    when: `new.consumer = 'catalog.availability'`,
    never: noClock,
  },
  // These two and the first one are asked by the same relay, one after the other.
  'the listener inventory.hand-over': {
    table: 'inventory.inbox',
    on: 'insert',
    when: `new.consumer = 'inventory.hand-over'`,
    kills: 2,
    never: noClock,
  },
  'the listener notifications.shipped': {
    table: 'notifications.mails',
    on: 'update',
    when: `new.kind = 'shipped' and ${status('sending', 'sent')}`,
    kills: 3,
    never: noClock,
  },
}

/** Steps by what they ask of another company. */
export const overThere: Readonly<Record<string, Asking & Cell>> = {
  'authorizePayment, which makes the payment,': { provider: 'stripe', operation: 'payment_intents.create' },
  'authorizePayment, which asks the bank,': { provider: 'stripe', operation: 'payment_intents.confirm' },
  lookUpPayment: { provider: 'stripe', operation: 'payment_intents.retrieve' },
  capturePayment: { provider: 'stripe', operation: 'payment_intents.capture' },
  returnPayment: { provider: 'stripe', operation: 'payment_intents.cancel' },
  bookProviderNews: { provider: 'stripe', operation: 'refunds.retrieve' },
  // It changes nothing here or there, and gives up by itself after two seconds: its worker's death is no other than its time-out.
  // Where workers are killed it fails a few times instead, so that an order has to ask for its rate itself.
  quoteShipping: { provider: 'carrier', operation: 'shipments.create', never: 'has its worker killed' },
  buyLabel: { provider: 'carrier', operation: 'shipments.buy' },
  followParcels: { provider: 'carrier', operation: 'trackers.retrieve' },
  sendConfirmation: { provider: 'mail', operation: 'smtp.data', impatient: true },
}
