import type { Knex } from 'knex'
import { up as keysAndAnswers } from './accounts/0001-keys-and-answers.ts'
import { up as products } from './catalog/0001-products.ts'
import { up as catalog } from './catalog/0002-catalog.ts'
import { up as search } from './catalog/0003-search.ts'
import { up as searchQueue } from './catalog/0004-search-queue.ts'
import { up as searchSettings } from './catalog/0005-search-settings.ts'
import { up as stock } from './inventory/0001-stock.ts'
import { up as replenishment } from './inventory/0002-replenishment.ts'
import { up as releases } from './inventory/0003-releases.ts'
import { up as reshipsAndRestocks } from './inventory/0004-reships-and-restocks.ts'
import { up as arrivals } from './inventory/0005-arrivals.ts'
import { up as mails } from './notification/0001-mails.ts'
import { up as mailsAgain } from './notification/0002-sent-again.ts'
import { up as cartsAndOrders } from './order/0001-carts-and-orders.ts'
import { up as payments } from './order/0002-payments.ts'
import { up as paymentEvents } from './order/0003-provider-events.ts'
import { up as cancellations } from './order/0004-cancellations.ts'
import { up as lookingForOrders } from './order/0005-looking-for-orders.ts'
import { up as reships } from './order/0006-reships.ts'
import { up as cartClaims } from './order/0007-cart-claims.ts'
import { up as shipments } from './shipping/0001-shipments.ts'
import { up as carrierEvents } from './shipping/0002-provider-events.ts'
import { up as recalls } from './shipping/0003-recalls.ts'
import { up as parcelsAgain } from './shipping/0004-reships.ts'
import { up as askedAt } from './shipping/0005-asked-at.ts'
import { up as purchases } from './shipping/0006-purchases.ts'

type Up = (db: Knex) => Promise<void>

/** Forward only. A database's schemas, and what was done to them, in order; names are kept for ever. */
export const migrations = {
  accounts: { schemas: ['accounts'], steps: { '0001-keys-and-answers': keysAndAnswers } },
  catalog: {
    schemas: ['catalog'],
    steps: {
      '0001-products': products,
      '0002-catalog': catalog,
      '0003-search': search,
      '0004-search-queue': searchQueue,
      '0005-search-settings': searchSettings,
    },
  },
  order: {
    schemas: ['orders', 'payments'],
    steps: {
      '0001-carts-and-orders': cartsAndOrders,
      '0002-payments': payments,
      '0003-provider-events': paymentEvents,
      '0004-cancellations': cancellations,
      '0005-looking-for-orders': lookingForOrders,
      '0006-reships': reships,
      '0007-cart-claims': cartClaims,
    },
  },
  inventory: {
    schemas: ['inventory'],
    steps: {
      '0001-stock': stock,
      '0002-replenishment': replenishment,
      '0003-releases': releases,
      '0004-reships-and-restocks': reshipsAndRestocks,
      '0005-arrivals': arrivals,
    },
  },
  shipping: {
    schemas: ['shipping'],
    steps: {
      '0001-shipments': shipments,
      '0002-provider-events': carrierEvents,
      '0003-recalls': recalls,
      '0004-reships': parcelsAgain,
      '0005-asked-at': askedAt,
      '0006-purchases': purchases,
    },
  },
  notification: { schemas: ['notifications'], steps: { '0001-mails': mails, '0002-sent-again': mailsAgain } },
} as const satisfies Record<string, { schemas: readonly string[]; steps: Record<string, Up> }>
