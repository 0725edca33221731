/** Every setting of the product: its name, what it is, its default, how it is read. `.env.example` is written from these tables. */
import { currencies } from '../domain/money.ts'
import { defaulted, optional, required } from './read.ts'
import * as as from './parsers.ts'
import { providerSettings } from './providers.ts'
import { stockSettings } from './stock.ts'

export const serviceNames = ['catalog', 'order', 'inventory', 'shipping', 'notification'] as const
export type ServiceName = (typeof serviceNames)[number]

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const atLeastOne = { min: 1, max: 1_000_000 }

const database = (owner: string) =>
  optional({
    about: `A database of its own for the ${owner} schemas, in place of DATABASE_URL`,
    example: `postgres://shop:secret@db.example.com:5432/${owner}`,
    parse: as.url('postgres', 'postgresql'),
    secret: true,
  })

export const productSettings = {
  SHOP_NAME: defaulted({ about: 'The name on mails and in the API', use: 'Cartwright', parse: as.text }),
  SHOP_CURRENCY: defaulted({
    about: 'The currency of a cart that names none',
    use: 'EUR',
    parse: as.oneOf(currencies),
  }),
  PUBLIC_URL: defaulted({
    about: 'Where the API is reached from outside',
    use: 'http://localhost:8080',
    parse: as.url('http', 'https'),
  }),
  STOREFRONT_URL: defaulted({
    about: 'Where links in mails lead',
    use: 'http://localhost:8080',
    parse: as.url('http', 'https'),
  }),
  SHIP_FROM_NAME: defaulted({ about: 'Who sends the parcels', use: 'Cartwright', parse: as.text }),
  SHIP_FROM_LINE1: defaulted({
    about: 'Street and number that parcels leave from',
    use: 'Köpenicker Straße 10',
    parse: as.text,
  }),
  SHIP_FROM_CITY: defaulted({ about: 'Its city', use: 'Berlin', parse: as.text }),
  SHIP_FROM_REGION: defaulted({ about: 'Its state or region', use: 'Berlin', parse: as.text }),
  SHIP_FROM_POSTAL_CODE: defaulted({ about: 'Its postal code', use: '10997', parse: as.text }),
  SHIP_FROM_COUNTRY: defaulted({ about: 'Its country, ISO 3166-1 alpha-2', use: 'DE', parse: as.country }),
  SHIP_FROM_PHONE: defaulted({
    about: 'A phone number that carriers may ask',
    use: '+49305550100',
    parse: as.text,
  }),
  HOLD_MS: defaulted({
    about: 'How long an unpaid order holds its stock',
    use: '900000',
    parse: as.milliseconds,
  }),
  CHALLENGE_MS: defaulted({
    about: 'How much longer it does so while a bank wants to see its customer (3-D Secure)',
    use: '1800000',
    parse: as.milliseconds,
  }),
  REQUEST_BUDGET_MS: defaulted({
    about: 'How long placing an order may keep its caller waiting before it is answered 202',
    use: '8000',
    parse: as.milliseconds,
  }),

  API_HOST: defaulted({ about: 'The address that the API listens on', use: '127.0.0.1', parse: as.text }),
  API_PORT: defaulted({ about: 'The port of the API', use: '8080', parse: as.port }),
  API_METRICS_PORT: optional({
    about: 'A port for the metrics of the API',
    example: '9464',
    parse: as.port,
  }),
  API_TLS_CERT_FILE: optional({
    about: 'Certificate chain (PEM), if the API speaks TLS itself',
    example: '/etc/shop/tls.crt',
    parse: as.readableFile,
  }),
  API_TLS_KEY_FILE: optional({
    about: 'Its private key (PEM)',
    example: '/etc/shop/tls.key',
    parse: as.readableFile,
  }),
  TRUSTED_PROXIES: defaulted({
    about: 'Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas',
    use: 'none',
    parse: as.listOf(as.text),
  }),
  CORS_ORIGINS: defaulted({
    about: 'Sites whose pages may call the API from a browser, separated by commas',
    use: 'none',
    parse: as.listOf(as.origin),
  }),
  RATE_LIMIT_PER_MINUTE: defaulted({
    about: 'Requests per minute that one caller may make',
    use: '1000',
    parse: as.integer(atLeastOne),
  }),

  TOKEN_KEYS: required({
    about: 'Secrets that sign the tokens of guests, newest first, separated by commas, 32 characters or more',
    example: 'a-long-random-text-from-openssl-rand-hex-32',
    parse: as.listOf(as.signingKey),
    secret: true,
  }),
  PAYLOAD_KEYS: required({
    about: 'Keys that encrypt what travels through Temporal, as id:base64, newest first, separated by commas',
    example: 'k1:32-bytes-in-base-64-from-openssl-rand',
    parse: as.listOf(as.payloadKey),
    secret: true,
  }),

  DATABASE_URL: required({
    about: 'The address of Postgres, 15 or later',
    example: 'postgres://shop:secret@127.0.0.1:5432/shop',
    parse: as.url('postgres', 'postgresql'),
    secret: true,
  }),
  DATABASE_URL_ACCOUNTS: database('accounts'),
  DATABASE_URL_CATALOG: database('catalog'),
  DATABASE_URL_ORDER: database('order'),
  DATABASE_URL_INVENTORY: database('inventory'),
  DATABASE_URL_SHIPPING: database('shipping'),
  DATABASE_URL_NOTIFICATION: database('notification'),
  DATABASE_POOL_SIZE: defaulted({
    about: 'Connections that a process opens to each database',
    use: '10',
    parse: as.integer({ min: 1, max: 1000 }),
  }),

  TEMPORAL_ADDRESS: required({
    about: 'The address of Temporal, host and port',
    example: '127.0.0.1:7233',
    parse: as.hostAndPort,
  }),
  TEMPORAL_NAMESPACE: defaulted({
    about: 'The namespace of the shop in Temporal',
    use: 'default',
    parse: as.text,
  }),
  TEMPORAL_UI_URL: optional({
    about: 'Where the Web UI of Temporal is, for links to workflows',
    example: 'https://temporal.example.com',
    parse: as.url('http', 'https'),
  }),
  TEMPORAL_TLS: defaulted({ about: 'Whether to speak TLS to Temporal', use: 'false', parse: as.yesOrNo }),
  TEMPORAL_TLS_SERVER_NAME: optional({
    about: 'The name in its certificate, if it differs from the address',
    example: 'temporal.example.com',
    parse: as.text,
  }),
  TEMPORAL_TLS_CA_FILE: optional({
    about: 'Certificate of the authority that signed it (PEM)',
    example: '/etc/shop/temporal-ca.crt',
    parse: as.readableFile,
  }),
  TEMPORAL_TLS_CERT_FILE: optional({
    about: 'Our own certificate for Temporal (PEM)',
    example: '/etc/shop/temporal.crt',
    parse: as.readableFile,
  }),
  TEMPORAL_TLS_KEY_FILE: optional({
    about: 'Its private key (PEM)',
    example: '/etc/shop/temporal.key',
    parse: as.readableFile,
  }),
  TEMPORAL_API_KEY: optional({
    about: 'An API key for Temporal Cloud; it speaks TLS then',
    example: 'key-from-temporal-cloud',
    parse: as.text,
    secret: true,
  }),

  ...providerSettings,
  ...stockSettings,

  ORDER_QUEUE: defaulted({
    about:
      'The task queue of new orders: shop, which is quicker, if each worker process runs all five services; order if one runs fewer',
    use: 'order',
    parse: as.oneOf(['order', 'shop']),
  }),
  WORKER_SERVICES: defaulted({
    about: 'Which services a worker process runs, separated by commas',
    use: serviceNames.join(','),
    parse: as.listOf(as.oneOf(serviceNames)),
  }),
  WORKER_METRICS_PORT: optional({
    about: 'A port for the metrics of the workers',
    example: '9465',
    parse: as.port,
  }),
  WORKFLOW_BUNDLE_DIR: optional({
    about: 'A folder to keep built workflow bundles in, by their hash',
    example: '/var/cache/shop/bundles',
    parse: as.text,
  }),
  TRACK_EVERY_MS: defaulted({
    about: 'How often parcels that have been silent are asked for',
    use: '900000',
    parse: as.milliseconds,
  }),
  RECONCILE_EVERY_MS: defaulted({
    about: "How often all books are compared with each other and with the payment provider's",
    use: '86400000',
    parse: as.milliseconds,
  }),
  RECONCILE_DAYS: defaulted({
    about: "How far back the payment provider's list is compared then, in days",
    use: '35',
    parse: as.integer({ min: 1, max: 3650 }),
  }),
  RELAY_POLL_MS: defaulted({
    about: 'How often the relay looks for events that nobody woke it for',
    use: '1000',
    parse: as.milliseconds,
  }),

  LOG_LEVEL: defaulted({ about: 'How much is logged', use: 'info', parse: as.oneOf(logLevels) }),
  LOG_PRETTY: defaulted({
    about: 'Logs for people instead of JSON',
    use: 'false',
    parse: as.yesOrNo,
  }),
} as const
