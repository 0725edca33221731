/**
 * What the product is told. A setting that stands in the environment or in `.env` is left as it is; each one that is missing is
 * filled in with the local part for it, so that any part can be the real one by configuration alone.
 */
import { createHash, randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { LocalSettings } from './settings.ts'
import type { State } from './state.ts'

/** The parts that the shop brings itself, because nobody configured a real one. */
export interface LocalParts {
  readonly postgres: boolean
  readonly temporal: boolean
  readonly stripe: boolean
  readonly easypost: boolean
  readonly mail: boolean
}

/** What only this shop knows, made at its first start and kept. */
export interface Secrets {
  readonly tokenKey: string
  readonly payloadKey: string
  readonly postgresPassword: string
  readonly stripeApiKey: string
  readonly stripeWebhookSecret: string
  readonly easypostApiKey: string
  readonly easypostWebhookSecret: string
}

export function localParts(env: NodeJS.ProcessEnv): LocalParts {
  const missing = (name: string): boolean => !env[name]?.trim() && !env[`${name}_FILE`]?.trim()
  return {
    postgres: missing('DATABASE_URL'),
    temporal: missing('TEMPORAL_ADDRESS'),
    stripe: missing('STRIPE_API_KEY'),
    easypost: missing('EASYPOST_API_KEY'),
    mail: missing('SMTP_URL'),
  }
}

export function newSecrets(): Secrets {
  const hex = (): string => randomBytes(32).toString('hex')
  return {
    tokenKey: hex(),
    payloadKey: `local:${randomBytes(32).toString('base64')}`,
    postgresPassword: hex(),
    stripeApiKey: `sk_test_${hex()}`,
    stripeWebhookSecret: `whsec_${hex()}`,
    easypostApiKey: `EZTK${hex()}`,
    easypostWebhookSecret: hex(),
  }
}

/** The secrets of this state folder, made at its first start. */
export function secretsOf(state: State): Secrets {
  return JSON.parse(state.kept('secrets.json', () => JSON.stringify(newSecrets(), null, 1))) as Secrets
}

/** Derived, because a state folder may be older than this part. */
export const meilisearchKey = ({ postgresPassword }: Secrets): string =>
  createHash('sha256').update(`${postgresPassword}/meilisearch`).digest('hex')

/** The environment of the API and the workers: `env`, and what is missing in it. */
export function productEnvironment({
  env,
  local,
  settings,
  secrets,
}: {
  env: NodeJS.ProcessEnv
  local: LocalParts
  settings: LocalSettings
  secrets: Secrets
}): NodeJS.ProcessEnv {
  const site = `http://localhost:${env.API_PORT?.trim() || '8080'}`
  const postgres = `127.0.0.1:${settings.LOCAL_POSTGRES_PORT}`
  return withDefaults(env, {
    PUBLIC_URL: site,
    STOREFRONT_URL: env.PUBLIC_URL?.trim() || site,
    TOKEN_KEYS: secrets.tokenKey,
    PAYLOAD_KEYS: secrets.payloadKey,
    ...(!env.WORKER_SERVICES?.trim() && { ORDER_QUEUE: 'shop' }),
    // The local carrier tells us of its parcels; asking is for what got lost on the way.
    TRACK_EVERY_MS: '30000',
    // Outside of the state, so that emptying it does not make the next start build them again.
    WORKFLOW_BUNDLE_DIR: resolve('node_modules/.cache/workflow-bundles'),
    ...(local.postgres && {
      DATABASE_URL: `postgres://postgres:${secrets.postgresPassword}@${postgres}/shop`,
    }),
    ...(local.temporal && {
      TEMPORAL_ADDRESS: `127.0.0.1:${settings.LOCAL_TEMPORAL_PORT}`,
      TEMPORAL_UI_URL: `http://localhost:${settings.LOCAL_TEMPORAL_UI_PORT}`,
    }),
    ...(local.stripe && {
      STRIPE_API_KEY: secrets.stripeApiKey,
      STRIPE_BASE_URL: `http://127.0.0.1:${settings.LOCAL_STRIPE_PORT}`,
      STRIPE_WEBHOOK_SECRETS: secrets.stripeWebhookSecret,
    }),
    ...(local.easypost && {
      EASYPOST_API_KEY: secrets.easypostApiKey,
      EASYPOST_BASE_URL: `http://127.0.0.1:${settings.LOCAL_EASYPOST_PORT}`,
      EASYPOST_WEBHOOK_SECRETS: secrets.easypostWebhookSecret,
    }),
    ...(settings.LOCAL_MEILISEARCH &&
      !env.MEILISEARCH_URL?.trim() && {
        MEILISEARCH_URL: `http://127.0.0.1:${settings.LOCAL_MEILISEARCH_PORT}`,
        MEILISEARCH_API_KEY: meilisearchKey(secrets),
      }),
    ...(local.mail && { SMTP_URL: `smtp://127.0.0.1:${settings.LOCAL_SMTP_PORT}` }),
  })
}

/** `env` with each of `defaults` that it lacks, itself or as `NAME_FILE`. */
function withDefaults(env: NodeJS.ProcessEnv, defaults: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const lacking = Object.entries(defaults).filter(
    ([name]) => !env[name]?.trim() && !env[`${name}_FILE`]?.trim(),
  )
  return { ...env, ...Object.fromEntries(lacking) }
}
