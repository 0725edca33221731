/** The companies that the shop works with: who takes the money, who carries the parcels, who posts the mails. */
import * as as from './parsers.ts'
import { defaulted, optional, required } from './read.ts'

export const providerSettings = {
  STRIPE_API_KEY: required({
    about: 'The secret key of your Stripe account',
    example: 'sk_test_key-from-stripe',
    parse: as.text,
    secret: true,
  }),
  STRIPE_BASE_URL: optional({
    about: 'Another address for Stripe, such as a proxy',
    example: 'https://api.stripe.com',
    parse: as.url('http', 'https'),
  }),
  STRIPE_TIMEOUT_MS: defaulted({
    about: 'How long one request to Stripe may take',
    use: '10000',
    parse: as.milliseconds,
  }),
  STRIPE_WEBHOOK_SECRETS: defaulted({
    about: 'Secrets that Stripe signs its webhooks with, newest first, separated by commas',
    use: 'none',
    parse: as.listOf(as.text),
    secret: true,
  }),

  EASYPOST_API_KEY: required({
    about: 'The key of your EasyPost account',
    example: 'EZTK-key-from-easypost',
    parse: as.text,
    secret: true,
  }),
  EASYPOST_BASE_URL: optional({
    about: 'Another address for EasyPost, such as a proxy',
    example: 'https://api.easypost.com/v2',
    parse: as.url('http', 'https'),
  }),
  EASYPOST_TIMEOUT_MS: defaulted({
    about: 'How long one request to EasyPost may take',
    use: '10000',
    parse: as.milliseconds,
  }),
  EASYPOST_WEBHOOK_SECRETS: defaulted({
    about: 'Secrets that EasyPost signs its webhooks with, newest first, separated by commas',
    use: 'none',
    parse: as.listOf(as.text),
    secret: true,
  }),

  MEILISEARCH_URL: optional({
    about: 'A Meilisearch server to search with; without it Postgres does',
    example: 'https://search.example.com:7700',
    parse: as.url('http', 'https'),
  }),
  MEILISEARCH_API_KEY: optional({
    about: 'A key of it that may do everything with our index, and with the same name followed by _next',
    example: 'key-from-meilisearch',
    parse: as.text,
    secret: true,
  }),
  MEILISEARCH_INDEX: defaulted({ about: 'The name of our index there', use: 'products', parse: as.text }),
  MEILISEARCH_TIMEOUT_MS: defaulted({
    about: 'How long one request to it may take, before Postgres is asked instead',
    use: '2000',
    parse: as.milliseconds,
  }),

  SMTP_URL: required({
    about: 'The mail server',
    example: 'smtps://shop:secret@smtp.example.com:465',
    parse: as.url('smtp', 'smtps'),
    secret: true,
  }),
  MAIL_FROM: defaulted({
    about: 'Who mails come from',
    use: 'Cartwright <shop@example.com>',
    parse: as.mailbox,
  }),
} as const
