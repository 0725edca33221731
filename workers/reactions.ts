import { goodsAreGone } from './effects/attention.ts'
import { refreshAvailability } from './effects/availability.ts'
import type { Reaction } from './effects/effect.ts'
import { noteMailAgain, sendMailAgain, writeShippedMail } from './effects/mails.ts'
import { keepNewSkus } from './effects/new-skus.ts'
import { goodsReturned, parcelsMoved } from './effects/parcels.ts'
import { brandChanged, categoryChanged, productsChanged } from './effects/search.ts'
import { stockLeaves } from './effects/stock.ts'

/**
 * Whoever merely listens: "when this is announced, do that". What an order promises its customer is a step of a workflow and does
 * not stand here (flows.md §2).
 */
export const reactions: readonly Reaction[] = [
  {
    consumer: 'orders.parcels',
    service: 'order',
    inbox: 'orders',
    on: {
      'Shipment Ready': { writeAll: parcelsMoved },
      'Shipment Handed Over': { writeAll: parcelsMoved },
      'Shipment Delivered': { writeAll: parcelsMoved },
      'Shipment Failed': { writeAll: parcelsMoved },
    },
  },
  {
    consumer: 'orders.stock-taken',
    service: 'order',
    inbox: 'orders',
    on: { 'Reservation Taken': { write: goodsAreGone } },
  },
  {
    consumer: 'orders.goods-returned',
    service: 'order',
    inbox: 'orders',
    on: { 'Goods Returned': { write: goodsReturned } },
  },
  {
    consumer: 'orders.mails',
    service: 'order',
    inbox: 'orders',
    on: { 'Mail Asked Again': { write: noteMailAgain } },
  },
  {
    consumer: 'inventory.hand-over',
    service: 'inventory',
    inbox: 'inventory',
    on: { 'Shipment Handed Over': { write: stockLeaves } },
  },
  {
    consumer: 'notifications.shipped',
    service: 'notification',
    inbox: 'notifications',
    on: { 'Shipment Handed Over': { deed: writeShippedMail } },
  },
  {
    consumer: 'notifications.again',
    service: 'notification',
    inbox: 'notifications',
    on: { 'Mail Asked Again': { deed: sendMailAgain } },
  },
  {
    consumer: 'catalog.availability',
    service: 'catalog',
    inbox: 'catalog',
    on: {
      'Inventory Updated': { write: refreshAvailability },
      'Stock Updated': { write: refreshAvailability },
    },
    afterwards: ({ search }) => search.refresh(),
  },
  {
    consumer: 'catalog.search',
    service: 'catalog',
    inbox: 'catalog',
    on: {
      'Product Changed': { writeAll: productsChanged },
      'Category Changed': { write: categoryChanged },
      'Brand Changed': { write: brandChanged },
      'Search Settings Changed': { deed: ({ search }) => search.refresh() },
    },
    afterwards: ({ search }) => search.refresh(),
  },
  {
    consumer: 'inventory.new-skus',
    service: 'inventory',
    inbox: 'inventory',
    on: { 'Product Changed': { writeAll: keepNewSkus } },
  },
]
