import { activitiesOf } from '../activities/index.ts'
import { notificationActivities } from '../activities/notifications.ts'
import type { ShippingServices } from '../activities/shipping/buy-label.ts'
import type { Config } from '../config.ts'
import { addressLines } from '../domain/addresses.ts'
import type { OrderId } from '../domain/ids.ts'
import type { SearchEngine } from '../domain/search.ts'
import { createCarrierGateway } from '../gateways/easypost.ts'
import type { Stories } from '../gateways/flows/stories.ts'
import { createMailer } from '../gateways/mailer.ts'
import { createPrinter } from '../gateways/printer.ts'
import { createMeilisearch } from '../gateways/search/meilisearch.ts'
import { createStripeGateway } from '../gateways/stripe.ts'
import { createTokens } from '../gateways/tokens.ts'
import type { Databases } from '../store/db.ts'
import { createPostgresSearch } from '../store/search.ts'
import type { Service } from '../workflows/contract.ts'
import type { Deeds } from './effects/effect.ts'

/** What each service's worker runs, wired once: databases and other companies go in, activities come out. */
export interface Wired {
  readonly activities: Readonly<Record<Service, object>>
  readonly deeds: Omit<Deeds, 'search'>
  /** The search engines that the catalog service keeps, the one in Postgres first. */
  readonly engines: readonly SearchEngine[]
  /** What following parcels needs. */
  readonly parcels: ShippingServices
  close(): void
}

export function servicesFor(config: Config, databases: Databases, stories: Stories): Wired {
  const { shop, mail, stock, secrets, workers } = config
  const stripe = createStripeGateway(config.stripe)
  const carrier = createCarrierGateway(config.easypost)
  const mailer = createMailer({ ...mail, timeoutMs: 10_000 })
  const tokens = createTokens(secrets.tokenKeys)
  const orderUrl = (orderId: OrderId): string =>
    `${shop.storefrontUrl}/orders/${orderId}?token=${tokens.sign('order', orderId)}`

  const mails = {
    db: databases.notification,
    mailer,
    shopName: shop.name,
    mailDomain: mail.from.split('@').at(-1)?.replace('>', '') ?? 'localhost',
    printer: createPrinter({ shopName: shop.name, orderedBy: addressLines(shop.shipFrom) }),
    stockAlertsTo: stock.alertsTo,
    stockEscalationsTo: stock.escalationsTo,
  }
  const engines = [
    createPostgresSearch(databases.catalog),
    ...(config.search.meilisearch ? [createMeilisearch(config.search.meilisearch)] : []),
  ]
  const parcels = {
    db: databases.shipping,
    carrier,
    shipFrom: shop.shipFrom,
    pollEveryMs: workers.trackEveryMs,
  }
  return {
    activities: {
      catalog: activitiesOf.catalog({ db: databases.catalog, engines }),
      order: {
        ...activitiesOf.order({ db: databases.order, orderUrl, stripe }),
        ...activitiesOf.reconciling({ db: databases.order, stripe, stories }),
      },
      inventory: activitiesOf.inventory({ db: databases.inventory }),
      shipping: activitiesOf.shipping(parcels),
      notification: { ...activitiesOf.notification(mails), ...activitiesOf.stockMails(mails) },
    },
    deeds: { mails: notificationActivities(mails) },
    engines,
    parcels,
    close: () => mailer.close(),
  }
}
