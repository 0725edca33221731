/**
 * The only reader of the environment. A process calls `loadConfig(process.env)` once at its start; it complains once about
 * everything, and what it hands out are plain values. The settings themselves are the table in `settings/product.ts`.
 */
import type { Currency } from './domain/money.ts'
import { productSettings, serviceNames } from './settings/product.ts'
import type { ServiceName } from './settings/product.ts'
import { readSettings } from './settings/read.ts'
import { stockConfig } from './settings/stock.ts'
import type { StockConfig } from './settings/stock.ts'
import type { ValuesOf } from './settings/read.ts'

export { ConfigError } from './settings/read.ts'
export { serviceNames } from './settings/product.ts'
export type { ServiceName } from './settings/product.ts'

export interface Config {
  shop: {
    name: string
    /** The currency of a cart that names none. */
    currency: Currency
    /** Where the API is reached from outside; no slash at the end. */
    publicUrl: string
    /** Where links in mails lead; no slash at the end. */
    storefrontUrl: string
    /** The Web UI of Temporal at our namespace, for links; no slash at the end. */
    workflowsUrl?: string
    shipFrom: Sender
    holdMs: number
    challengeMs: number
    requestBudgetMs: number
  }
  api: {
    host: string
    port: number
    metricsPort?: number
    trustedProxies: string[]
    corsOrigins: string[]
    rateLimitPerMinute: number
    tls?: { certFile: string; keyFile: string }
  }
  secrets: {
    /** HMAC keys for guests' tokens, newest first: the first signs, each verifies. */
    tokenKeys: string[]
    /** Newest first: the first encrypts, each decrypts. `key` is 32 bytes in base 64. */
    payloadKeys: { id: string; key: string }[]
  }
  databases: Databases
  temporal: {
    address: string
    namespace: string
    /** Present when TLS is to be spoken; the files hold PEM. */
    tls?: { serverName?: string; caFile?: string; certFile?: string; keyFile?: string }
    apiKey?: string
    /** Where stories of orders are told that begin now. */
    orderQueue: Values['ORDER_QUEUE']
  }
  stripe: Provider
  easypost: Provider
  mail: { smtpUrl: string; from: string }
  /** Without one, Postgres searches. */
  search: { meilisearch?: { url: string; apiKey: string; index: string; timeoutMs: number } }
  stock: StockConfig
  /** How often all books are compared, and how far back with the payment provider's. */
  reconcile: { everyMs: number; days: number }
  workers: {
    services: ServiceName[]
    metricsPort?: number
    /** Where built workflow bundles are kept by their hash, so that the next start need not build them. */
    bundleDir?: string
    trackEveryMs: number
    relayPollMs: number
  }
  log: { level: string; pretty: boolean }
}

/** Where parcels leave from. */
export interface Sender {
  name: string
  line1: string
  city: string
  region: string
  postalCode: string
  country: string
  phone: string
}

/** A database for each owner of schemas; by default they are one and the same. */
export type Databases = Record<'accounts' | ServiceName, { url: string; poolSize: number }>

interface Provider {
  apiKey: string
  baseUrl?: string
  timeoutMs: number
  /** Each is valid; newest first. */
  webhookSecrets: string[]
}

type Values = ValuesOf<typeof productSettings>

/** Reads and checks every setting. Throws one `ConfigError` that names all that is wrong and what to do about it. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const values = readSettings({ table: productSettings, env, rules })
  return {
    ...shopAndDoor(values),
    secrets: { tokenKeys: values.TOKEN_KEYS, payloadKeys: values.PAYLOAD_KEYS },
    databases: databasesOf(values),
    temporal: temporalOf(values),
    ...othersOf(values),
    stock: stockConfig(values),
    reconcile: { everyMs: values.RECONCILE_EVERY_MS, days: values.RECONCILE_DAYS },
    workers: {
      services: values.WORKER_SERVICES,
      ...given({ metricsPort: values.WORKER_METRICS_PORT, bundleDir: values.WORKFLOW_BUNDLE_DIR }),
      trackEveryMs: values.TRACK_EVERY_MS,
      relayPollMs: values.RELAY_POLL_MS,
    },
    log: { level: values.LOG_LEVEL, pretty: values.LOG_PRETTY },
  }
}

/** What no single setting can know. */
function rules(values: Partial<Values>): string[] {
  const together = (...names: (keyof Values)[]): string[] => {
    const missing = names.filter((name) => values[name] === undefined)
    if (missing.length === 0 || missing.length === names.length) return []
    return [`${names.join(' and ')} belong together: set ${missing.join(' and ')} too.`]
  }
  const atLeastOne = (name: keyof Values): string[] => {
    const value = values[name]
    return Array.isArray(value) && value.length === 0 ? [`${name} is empty: name at least one.`] : []
  }
  return [
    ...together('API_TLS_CERT_FILE', 'API_TLS_KEY_FILE'),
    ...together('TEMPORAL_TLS_CERT_FILE', 'TEMPORAL_TLS_KEY_FILE'),
    ...together('MEILISEARCH_URL', 'MEILISEARCH_API_KEY'),
    ...atLeastOne('TOKEN_KEYS'),
    ...atLeastOne('PAYLOAD_KEYS'),
    ...atLeastOne('WORKER_SERVICES'),
    ...oneProcessForAll(values),
  ]
}

/** Nobody would take the orders of a queue that only complete processes listen to. */
function oneProcessForAll({ ORDER_QUEUE: queue, WORKER_SERVICES: services = [] }: Partial<Values>): string[] {
  const missing = serviceNames.filter((name) => !services.includes(name))
  if (queue !== 'shop' || services.length === 0 || missing.length === 0) return []
  return [
    `ORDER_QUEUE=shop wants every service in each worker process, and WORKER_SERVICES leaves out ${missing.join(', ')}: ` +
      'name them too, or set ORDER_QUEUE=order.',
  ]
}

function shopAndDoor(values: Values): Pick<Config, 'shop' | 'api'> {
  const { API_TLS_CERT_FILE: certFile, API_TLS_KEY_FILE: keyFile } = values
  return {
    shop: {
      name: values.SHOP_NAME,
      currency: values.SHOP_CURRENCY,
      publicUrl: values.PUBLIC_URL,
      storefrontUrl: values.STOREFRONT_URL,
      shipFrom: {
        name: values.SHIP_FROM_NAME,
        line1: values.SHIP_FROM_LINE1,
        city: values.SHIP_FROM_CITY,
        region: values.SHIP_FROM_REGION,
        postalCode: values.SHIP_FROM_POSTAL_CODE,
        country: values.SHIP_FROM_COUNTRY,
        phone: values.SHIP_FROM_PHONE,
      },
      holdMs: values.HOLD_MS,
      challengeMs: values.CHALLENGE_MS,
      requestBudgetMs: values.REQUEST_BUDGET_MS,
      ...given({ workflowsUrl: webUiOf(values) }),
    },
    api: {
      host: values.API_HOST,
      port: values.API_PORT,
      trustedProxies: values.TRUSTED_PROXIES,
      corsOrigins: values.CORS_ORIGINS,
      rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
      ...given({ metricsPort: values.API_METRICS_PORT }),
      ...(certFile !== undefined && keyFile !== undefined && { tls: { certFile, keyFile } }),
    },
  }
}

/** Namespaces have pages of their own there. */
function webUiOf({ TEMPORAL_UI_URL: url, TEMPORAL_NAMESPACE: namespace }: Values): string | undefined {
  return url === undefined ? undefined : `${url}/namespaces/${encodeURIComponent(namespace)}`
}

function databasesOf(values: Values): Databases {
  const at = (own: string | undefined) => ({
    url: own ?? values.DATABASE_URL,
    poolSize: values.DATABASE_POOL_SIZE,
  })
  return {
    accounts: at(values.DATABASE_URL_ACCOUNTS),
    catalog: at(values.DATABASE_URL_CATALOG),
    order: at(values.DATABASE_URL_ORDER),
    inventory: at(values.DATABASE_URL_INVENTORY),
    shipping: at(values.DATABASE_URL_SHIPPING),
    notification: at(values.DATABASE_URL_NOTIFICATION),
  }
}

function temporalOf(values: Values): Config['temporal'] {
  const tls = given({
    serverName: values.TEMPORAL_TLS_SERVER_NAME,
    caFile: values.TEMPORAL_TLS_CA_FILE,
    certFile: values.TEMPORAL_TLS_CERT_FILE,
    keyFile: values.TEMPORAL_TLS_KEY_FILE,
  })
  const encrypted =
    values.TEMPORAL_TLS || values.TEMPORAL_API_KEY !== undefined || Object.keys(tls).length > 0
  return {
    address: values.TEMPORAL_ADDRESS,
    namespace: values.TEMPORAL_NAMESPACE,
    orderQueue: values.ORDER_QUEUE,
    ...(encrypted && { tls }),
    ...given({ apiKey: values.TEMPORAL_API_KEY }),
  }
}

function othersOf(values: Values): Pick<Config, 'stripe' | 'easypost' | 'mail' | 'search'> {
  const { MEILISEARCH_URL: url, MEILISEARCH_API_KEY: apiKey } = values
  const index = values.MEILISEARCH_INDEX
  return {
    search: {
      ...(url !== undefined &&
        apiKey !== undefined && {
          meilisearch: { url, apiKey, index, timeoutMs: values.MEILISEARCH_TIMEOUT_MS },
        }),
    },
    stripe: {
      apiKey: values.STRIPE_API_KEY,
      ...given({ baseUrl: values.STRIPE_BASE_URL }),
      timeoutMs: values.STRIPE_TIMEOUT_MS,
      webhookSecrets: values.STRIPE_WEBHOOK_SECRETS,
    },
    easypost: {
      apiKey: values.EASYPOST_API_KEY,
      ...given({ baseUrl: values.EASYPOST_BASE_URL }),
      timeoutMs: values.EASYPOST_TIMEOUT_MS,
      webhookSecrets: values.EASYPOST_WEBHOOK_SECRETS,
    },
    mail: { smtpUrl: values.SMTP_URL, from: values.MAIL_FROM },
  }
}

/** The properties that have a value: an absent setting is an absent property, not one that says `undefined`. */
function given<T extends Record<string, unknown>>(properties: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const present = Object.entries(properties).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as { [K in keyof T]?: NonNullable<T[K]> }
}
