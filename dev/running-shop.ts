/** The shop that runs on this machine, for whoever wants something of it: found by the same settings that `npm start` reads. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, loadConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { settingsApart } from './apart.ts'
import { localParts, productEnvironment } from './environment.ts'
import type { LocalParts, Secrets } from './environment.ts'
import { apiAddress } from './parts.ts'
import { readLocalSettings, withEnvFile } from './settings.ts'
import type { LocalSettings } from './settings.ts'
import { Advice } from './supervisor/advice.ts'
import { ownerOf } from './supervisor/lock.ts'
import { isRunning } from './supervisor/processes.ts'
import { readRoll } from './supervisor/roll.ts'
import type { Entry } from './supervisor/roll.ts'

export interface RunningShop {
  /** What the API and the workers were told, if they were started with the settings of now. */
  readonly env: NodeJS.ProcessEnv
  /** The same, read. */
  readonly config: Config
  readonly settings: LocalSettings
  readonly local: LocalParts
  /** Where its API answers; no slash at the end. */
  readonly api: string
  /** The pages for people, as addresses without a slash at the end; undefined where the part is not ours. */
  readonly pages: {
    readonly docs: string
    readonly temporal: string | undefined
    readonly mailbox: string | undefined
  }
  /** The addresses of the doubles' control routes; undefined where the provider is the real one. */
  readonly doubles: Readonly<Record<'stripe' | 'easypost' | 'mail', string | undefined>>
  /** The processes that it consists of. */
  readonly parts: readonly Entry[]
}

/** Throws one sentence of `Advice` when no shop runs, or none can be found with these settings. */
export async function findRunningShop(env: NodeJS.ProcessEnv): Promise<RunningShop> {
  const given = withEnvFile(env)
  const settings = readLocalSettings(given)
  const { LOCAL_STATE: folder } = settings
  const owner = ownerOf(folder)
  if (owner === undefined || !isRunning(owner)) {
    throw new Advice(
      `No shop runs out of ${folder}: start one with "npm start" in another terminal (with the same settings).`,
    )
  }
  const local = localParts(given)
  const secrets = secretsIn(folder)
  const apart = existsSync(join(folder, 'form')) && readFileSync(join(folder, 'form'), 'utf8') === 'apart'
  const databases = apart ? settingsApart({ settings, secrets }) : {}
  const product = { ...productEnvironment({ env: given, local, settings, secrets }), ...databases }
  const config = loadConfig(product)
  const api = apiAddress(config)
  await refuseSilent({ api, owner: owner.pid })

  const here = (port: number): string => `http://127.0.0.1:${port}`
  return {
    env: product,
    config,
    settings,
    local,
    api,
    pages: {
      docs: `${config.shop.publicUrl}/docs`,
      temporal: local.temporal ? `http://localhost:${settings.LOCAL_TEMPORAL_UI_PORT}` : undefined,
      mailbox: local.mail ? `http://localhost:${settings.LOCAL_MAILBOX_PORT}` : undefined,
    },
    doubles: {
      stripe: local.stripe ? here(settings.LOCAL_STRIPE_PORT) : undefined,
      easypost: local.easypost ? here(settings.LOCAL_EASYPOST_PORT) : undefined,
      mail: local.mail ? here(settings.LOCAL_MAILBOX_PORT) : undefined,
    },
    parts: readRoll(folder),
  }
}

/** What the shop made for itself at its first start (`dev/environment.ts`). */
function secretsIn(folder: string): Secrets {
  try {
    return JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as Secrets
  } catch {
    throw new Advice(`The shop in ${folder} is only starting: wait until it says that it is ready.`)
  }
}

async function refuseSilent({ api, owner }: { api: string; owner: number }): Promise<void> {
  const answer = await fetch(`${api}/readyz`).catch(() => undefined)
  await answer?.body?.cancel()
  if (answer?.ok) return
  throw new Advice(
    `A shop runs (process ${owner}), but its API is not ready at ${api}: wait until it says that it is ready, and give this ` +
      'command the settings that the shop was started with (API_PORT and the like).',
  )
}

/** Runs a command: what is known to go wrong is told in its own words, anything else with all there is to know. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command()
  } catch (error) {
    const known = error instanceof Advice || error instanceof ConfigError
    console.error(known ? `\n${error.message}` : error)
    process.exitCode = 1
  }
}
