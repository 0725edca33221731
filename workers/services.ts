import type { Announcing } from '../store/outbox.ts'
import type { Service } from '../workflows/contract.ts'

/** The five services of the specification, as one table (flows.md §1). */
export interface ServicePlan {
  /** The specification's domains that live here. */
  readonly domains: readonly string[]
  /** The schemas that only this service reads and writes; each has an outbox. */
  readonly schemas: readonly Announcing[]
  /** Whether its worker runs workflows, and so needs the bundle. */
  readonly workflows: readonly string[]
  /** How a new version of its worker is rolled out (specification, `services`). */
  readonly rollout: 'rolling' | 'canary' | 'blue_green'
}

export const services: Readonly<Record<Service, ServicePlan>> = {
  catalog: {
    domains: ['ProductManagement', 'CategoryManagement', 'Search'],
    schemas: ['catalog'],
    workflows: ['refreshProducts', 'rebuildSearch', 'checkSearch'],
    rollout: 'rolling',
  },
  order: {
    domains: [
      'OrderManagement',
      'OrderTracking',
      'ShoppingCart',
      'PaymentProcessing',
      'PaymentValidation',
      'RefundManagement',
    ],
    schemas: ['orders', 'payments'],
    workflows: ['placeOrder', 'cancelOrder', 'refundOrder', 'reshipOrder', 'providerEvent', 'reconcile'],
    rollout: 'canary',
  },
  inventory: {
    domains: ['StockManagement', 'Warehouse', 'Replenishment'],
    schemas: ['inventory'],
    workflows: ['checkInventory', 'replenishStock', 'purchaseOrder'],
    rollout: 'blue_green',
  },
  shipping: {
    domains: ['ShippingCalculation', 'LabelGeneration', 'TrackingIntegration'],
    schemas: ['shipping'],
    workflows: ['trackShipments'],
    rollout: 'rolling',
  },
  notification: {
    domains: ['EmailNotification', 'OrderNotification'],
    schemas: ['notifications'],
    workflows: [],
    rollout: 'rolling',
  },
}
