/** What is to be started and how: settings read and checked, the state folder taken, nothing started yet. */
import { ConfigError, loadConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { settingsApart, formOf } from './apart.ts'
import type { Form } from './apart.ts'
import { localParts, newSecrets, productEnvironment, secretsOf } from './environment.ts'
import type { LocalParts, Secrets } from './environment.ts'
import { removeCluster } from './postgres/cluster.ts'
import { readLocalSettings, withEnvFile } from './settings.ts'
import type { LocalSettings } from './settings.ts'
import { openState } from './state.ts'
import type { State } from './state.ts'
import { Advice } from './supervisor/advice.ts'
import { checkPorts } from './supervisor/ports.ts'
import type { Port } from './supervisor/ports.ts'

export interface Plan {
  readonly settings: LocalSettings
  readonly local: LocalParts
  readonly secrets: Secrets
  readonly state: State
  readonly form: Form
  /** What the API and the workers are told. */
  readonly env: NodeJS.ProcessEnv
  /** The same, read. */
  readonly config: Config
}

/** Throws `ConfigError` or `Advice` before anything was touched, if something stands in the way. */
export async function makePlan({
  env,
  fresh,
  form: wanted,
}: {
  env: NodeJS.ProcessEnv
  fresh: boolean
  form: Form
}): Promise<Plan> {
  const given = withEnvFile(env)
  const settings = checkedSettings(given)
  const local = localParts(given)
  if (wanted === 'apart' && !local.postgres) throw new Advice(apartNeedsOurs)
  const state = await openState({
    folder: settings.LOCAL_STATE,
    fresh,
    emptyOutside: () => removeCluster(postgresFolder(settings)),
  })
  try {
    const secrets = secretsOf(state)
    const form = formOf({ state, wanted })
    const databases = form === 'apart' ? settingsApart({ settings, secrets }) : {}
    const product = { ...productEnvironment({ env: given, local, settings, secrets }), ...databases }
    const config = loadConfig(product)
    await checkPorts(portsOf({ settings, local, config }))
    return { settings, local, secrets, state, form, env: product, config }
  } catch (error) {
    state.release()
    throw error
  }
}

const apartNeedsOurs =
  '--apart makes the databases of the five services in the built-in Postgres. With a DATABASE_URL of your own, set ' +
  'DATABASE_URL_ORDER and its like and run a worker for each service with WORKER_SERVICES.'

export const postgresFolder = ({ LOCAL_STATE }: LocalSettings): string => `${LOCAL_STATE}/postgres`

/** Reads both tables of settings before the state folder is touched, and complains about both at once. */
function checkedSettings(env: NodeJS.ProcessEnv): LocalSettings {
  const complaints: string[] = []
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      complaints.push(...error.complaints)
      return undefined
    }
  }
  const settings = attempt(() => readLocalSettings(env))
  const local = localParts(env)
  const assumed = settings ?? readLocalSettings({})
  attempt(() => loadConfig(productEnvironment({ env, local, settings: assumed, secrets: newSecrets() })))
  if (settings === undefined || complaints.length > 0) throw new ConfigError(complaints)
  return settings
}

/** Every port that something is going to listen on. */
function portsOf({
  settings,
  local,
  config: { api },
}: {
  settings: LocalSettings
  local: LocalParts
  config: Config
}): Port[] {
  const here = (owner: string, setting: keyof LocalSettings & `LOCAL_${string}_PORT`): Port => ({
    owner,
    setting,
    port: settings[setting],
    host: '127.0.0.1',
  })
  return [
    { owner: 'the API', setting: 'API_PORT', port: api.port, host: api.host },
    ...(local.postgres ? [here('Postgres', 'LOCAL_POSTGRES_PORT')] : []),
    ...(local.temporal
      ? [here('Temporal', 'LOCAL_TEMPORAL_PORT'), here('its Web UI', 'LOCAL_TEMPORAL_UI_PORT')]
      : []),
    ...(local.stripe ? [here('the local Stripe', 'LOCAL_STRIPE_PORT')] : []),
    ...(local.easypost ? [here('the local EasyPost', 'LOCAL_EASYPOST_PORT')] : []),
    ...(settings.LOCAL_MEILISEARCH ? [here('the local Meilisearch', 'LOCAL_MEILISEARCH_PORT')] : []),
    ...(local.mail
      ? [here('the local mail server', 'LOCAL_SMTP_PORT'), here('the mailbox', 'LOCAL_MAILBOX_PORT')]
      : []),
  ]
}
