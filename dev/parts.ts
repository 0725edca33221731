/** The parts of the shop that are Node processes: the doubles, the workers, the API. Postgres and Temporal have folders of their own. */
import { existsSync } from 'node:fs'
import { get } from 'node:http'
import { get as getSecurely } from 'node:https'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'
import { stripeEventTypes } from '../gateways/stripe/webhook.ts'
import type { Order } from './doubles.ts'
import { meilisearchKey } from './environment.ts'
import type { LocalParts, Secrets } from './environment.ts'
import type { LocalSettings } from './settings.ts'
import type { State } from './state.ts'
import { lineWith } from './supervisor/logs.ts'
import type { Command, Part } from './supervisor/part.ts'

/** Who is stopped before whom: the door first, so that nothing new comes in; Temporal and Postgres, which all others need, last. */
const stopOrder = { api: 1, workers: 2, doubles: 3 } as const

export function apiPart({ env, config }: { env: NodeJS.ProcessEnv; config: Config }): Part {
  return {
    name: 'api',
    command: typescript({ file: 'api/server.ts', env }),
    ready: ({ signal }) => untilOk({ url: `${apiAddress(config)}/readyz`, signal }),
    stopping: { signal: 'SIGTERM', graceMs: 6000, stopOrder: stopOrder.api },
  }
}

export function workersPart({ env }: { env: NodeJS.ProcessEnv }): Part {
  return {
    name: 'workers',
    command: typescript({ file: 'workers/main.ts', env: { ...env, LOG_LEVEL: talkative(env.LOG_LEVEL) } }),
    ready: ({ log, signal }) => lineWith('workers ready', { log, signal }),
    stopping: { signal: 'SIGTERM', graceMs: 8000, stopOrder: stopOrder.workers },
  }
}

/** The workers say in a line of level info that they are ready, so their log must not be quieter than that. */
const talkative = (level: string | undefined): string =>
  level === 'debug' || level === 'trace' ? level : 'info'

/** The doubles that are wanted, in one process; undefined when every provider is a real one. */
export function doublesPart({
  local,
  settings,
  secrets,
  state,
  config,
}: {
  local: LocalParts
  settings: LocalSettings
  secrets: Secrets
  state: State
  config: Config
}): Part | undefined {
  const { url: searchUrl } = config.search.meilisearch ?? {}
  const ownSearch =
    settings.LOCAL_MEILISEARCH && searchUrl === `http://127.0.0.1:${settings.LOCAL_MEILISEARCH_PORT}`
  if (!local.stripe && !local.easypost && !local.mail && !ownSearch) return undefined
  const host = '127.0.0.1'
  const hooks = `${apiAddress(config)}/v1/hooks`
  const order: Order = {
    ...(local.stripe && {
      stripe: {
        port: settings.LOCAL_STRIPE_PORT,
        host,
        stateDir: state.path('stripe'),
        apiKey: secrets.stripeApiKey,
        webhookUrl: `${hooks}/stripe`,
        webhookSecret: secrets.stripeWebhookSecret,
        webhookEvents: stripeEventTypes,
      },
    }),
    ...(local.easypost && {
      easypost: {
        port: settings.LOCAL_EASYPOST_PORT,
        host,
        stateDir: state.path('easypost'),
        apiKey: secrets.easypostApiKey,
        webhookUrl: `${hooks}/easypost`,
        webhookSecret: secrets.easypostWebhookSecret,
        stepMs: settings.LOCAL_PARCEL_STEP_MS,
      },
    }),
    ...(ownSearch && {
      meilisearch: { port: settings.LOCAL_MEILISEARCH_PORT, host, apiKey: meilisearchKey(secrets) },
    }),
    ...(local.mail && {
      mail: {
        smtpPort: settings.LOCAL_SMTP_PORT,
        httpPort: settings.LOCAL_MAILBOX_PORT,
        host,
        stateDir: state.path('mail'),
      },
    }),
  }
  return {
    name: 'doubles',
    command: typescript({ file: 'dev/doubles.ts', env: { ...process.env, DOUBLES: JSON.stringify(order) } }),
    ready: ({ log, signal }) => lineWith('doubles ready', { log, signal }),
    stopping: { signal: 'SIGTERM', graceMs: 3000, stopOrder: stopOrder.doubles },
  }
}

/** Where the API of this configuration is reached from this machine. */
export function apiAddress({ api: { host, port, tls } }: Config): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${tls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Runs a file of ours: as `npm start` built it, else from its source. */
function typescript({ file, env }: { file: string; env: NodeJS.ProcessEnv }): Command {
  const cwd = dirname(dirname(fileURLToPath(import.meta.url)))
  const build = process.env.CARTWRIGHT_BUILD
  const args =
    build === undefined
      ? ['--import', import.meta.resolve('tsx'), file]
      : ['--enable-source-maps', join(build, file.replace(/\.ts$/, '.mjs'))]
  return { file: ownNode(cwd), args, env, cwd }
}

/** The Node that comes with the dependencies, where there is one for this platform, else the one that runs us (docs/decisions/own-node.md). */
function ownNode(projectFolder: string): string {
  const own = join(projectFolder, 'node_modules/.bin/node')
  return existsSync(own) ? own : process.execPath
}

async function untilOk({ url, signal }: { url: string; signal: AbortSignal }): Promise<void> {
  while (!(await answersOk(url))) await sleep(25, undefined, { signal })
}

function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    // The certificate is the shop's own business here: this only asks whether the process on this machine is up.
    const ask = url.startsWith('https') ? getSecurely : get
    const request = ask(url, { rejectUnauthorized: false, timeout: 2000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
  })
}
