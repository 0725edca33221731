/**
 * A whole shop for a test file: the API and the workers as the processes that `npm start` runs, under the same supervisor; a database
 * and a Temporal namespace of the file's own; the doubles in this process. What is killed is really killed, and comes back.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig, serviceNames } from '../../config.ts'
import type { Config } from '../../config.ts'
import { onlyOwnDatabase } from '../../dev/apart.ts'
import { aCustomer } from '../../dev/customer.ts'
import type { Customer } from '../../dev/customer.ts'
import { startEasyPostDouble } from '../../dev/easypost-sim/main.ts'
import { newSecrets, productEnvironment } from '../../dev/environment.ts'
import type { Secrets } from '../../dev/environment.ts'
import { apiAddress, apiPart, workersPart } from '../../dev/parts.ts'
import { readLocalSettings } from '../../dev/settings.ts'
import { startMailDouble } from '../../dev/smtp-sim/main.ts'
import { startStripeDouble } from '../../dev/stripe-sim/main.ts'
import type { Part } from '../../dev/supervisor/part.ts'
import { freePort } from '../../dev/supervisor/ports.ts'
import { signalGroup } from '../../dev/supervisor/processes.ts'
import { readRoll } from '../../dev/supervisor/roll.ts'
import { stripeEventTypes } from '../../gateways/stripe/webhook.ts'
import { openDatabases } from '../../store/db.ts'
import type { Databases } from '../../store/db.ts'
import { atTheEnd } from './at-the-end.ts'
import { freshDatabase, freshDatabasesApart } from './database.ts'
import { control } from './doubles.ts'
import { testSupervisor } from './fake-parts.ts'
import { aNamespace } from './namespaces.ts'
import type { OwnNamespace } from './namespaces.ts'
import { fromTestRun } from './test-run.ts'

type Control = ReturnType<typeof control> & { readonly url: string }

export interface TestShop {
  /** Where its API answers; no slash at the end. */
  readonly api: string
  readonly customer: Customer
  readonly databases: Databases
  readonly temporal: OwnNamespace
  readonly stripe: Control
  readonly carrier: Control
  readonly mailbox: Control
  readonly config: Config
  /** Another API in front of the same shop, with other settings. */
  door(settings: NodeJS.ProcessEnv): Promise<Customer>
  /** Kills the workers with everything they hold in their hands (`kill -9`), and resolves once they are back. */
  killWorkers(): Promise<void>
  /** The same with the API: whoever waits for an answer of it hears nothing. */
  killApi(): Promise<void>
  close(): Promise<void>
}

export interface ShopWishes {
  /** How long a parcel stays in one state; by default none moves in the time of a test. */
  readonly parcelStepMs?: number
  readonly settings?: NodeJS.ProcessEnv
  /** What the workers alone are told, for example of a database at the end of another line. */
  readonly workers?: (settings: { databaseUrl: string }) => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>
  /** As with `npm start -- --apart`: a worker process for each service, with a database and a role of its own. */
  readonly apart?: boolean
  /** Whether the carrier posts what becomes of parcels, which it does unless told: otherwise it has to be asked. */
  readonly carrierTells?: boolean
}

/** Opens a shop. Close it in the end, whatever happened; what was opened before something failed is closed here. */
export async function openShop(wishes: ShopWishes = {}): Promise<TestShop> {
  const closing: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    return { ...(await open(wishes, (end) => closing.push(end))), close }
  } catch (error) {
    await close()
    throw error
  }
}

let shared: Promise<TestShop> | undefined

/** One shop without wishes for all files of a process that need no more; it closes by itself. What others sold is in it. */
export async function sharedShop(): Promise<TestShop> {
  shared ??= openShop().then((shop) => {
    atTheEnd(shop.close)
    return shop
  })
  return shared
}

async function open(
  { parcelStepMs, settings = {}, workers = () => ({}), apart = false, carrierTells = true }: ShopWishes,
  atTheEnd: (end: () => unknown) => void,
): Promise<Omit<TestShop, 'close'>> {
  // Its processes are those that the test run has built.
  fromTestRun('CARTWRIGHT_BUILD')
  const folder = mkdtempSync(join(tmpdir(), 'cartwright-shop-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  const database = apart ? await freshDatabasesApart() : await oneDatabase()
  atTheEnd(database.drop)
  const secrets = newSecrets()
  const apiPort = await freePort()
  const hooks = `http://127.0.0.1:${apiPort}/v1/hooks`
  const doubles = await startDoubles({ folder, secrets, parcelStepMs, hooks, carrierTells })
  atTheEnd(doubles.close)
  const [id = '', key = ''] = secrets.payloadKey.split(/:(.*)/)
  const temporal = await aNamespace([{ id, key }])
  atTheEnd(temporal.close)
  const env = environment({
    secrets,
    doubles,
    carrierTells,
    settings: { ...database.settings, ...settings },
    temporal,
  })
  const config = loadConfig({ ...env, API_PORT: String(apiPort) })
  const opened = openDatabases(config.databases)
  atTheEnd(opened.close)

  const forWorkers = await workers({ databaseUrl: database.settings.DATABASE_URL ?? '' })
  const said: string[] = []
  const supervisor = testSupervisor({ folder, say: (line) => said.push(line) })
  // What is killed needs no time of grace: nobody looks at this shop any more.
  process.once('exit', () => supervisor.kill())
  atTheEnd(() => supervisor.kill())
  const openDoor = async (name: string, changes: NodeJS.ProcessEnv): Promise<Customer> => {
    const doorEnv = { ...env, API_PORT: String(await freePort()), ...changes }
    const doorConfig = loadConfig(doorEnv)
    await supervisor.start({ ...apiPart({ env: doorEnv, config: doorConfig }), name })
    return aCustomer(apiAddress(doorConfig))
  }
  const [customer] = await Promise.all([
    openDoor('api', { API_PORT: String(config.api.port) }),
    ...workerParts({ env: { ...env, ...forWorkers }, apart }).map((part) => supervisor.start(part)),
  ])
  let doors = 1
  return {
    api: apiAddress(config),
    customer,
    databases: opened.databases,
    temporal,
    stripe: controlOf(doubles.stripe),
    carrier: controlOf(doubles.carrier),
    mailbox: controlOf(doubles.mailbox),
    config,
    door: (changes) => openDoor(`api-${(doors += 1)}`, changes),
    killWorkers: () => killPart({ folder, name: 'workers', said }),
    killApi: () => killPart({ folder, name: 'api', said }),
  }
}

async function oneDatabase(): Promise<Awaited<ReturnType<typeof freshDatabasesApart>>> {
  const { url, drop } = await freshDatabase()
  return { settings: { DATABASE_URL: url }, drop }
}

/** One process for all services, or one for each that is told of its own database only. */
function workerParts({ env, apart }: { env: NodeJS.ProcessEnv; apart: boolean }): Part[] {
  if (!apart) return [workersPart({ env })]
  return serviceNames.map((service) => ({
    ...workersPart({ env: onlyOwnDatabase(env, service) }),
    name: `workers-${service}`,
  }))
}

const controlOf = ({ url }: { url: string }): Control => ({ url, ...control(url) })

interface Doubles {
  readonly stripe: { url: string }
  readonly carrier: { url: string }
  readonly mailbox: { url: string; smtpUrl: string }
  close(): Promise<unknown>
}

const anHourMs = 60 * 60 * 1000

async function startDoubles({
  folder,
  secrets,
  parcelStepMs = anHourMs,
  hooks,
  carrierTells,
}: {
  folder: string
  secrets: Secrets
  parcelStepMs: number | undefined
  carrierTells: boolean
  /** Where the shop listens to them. */
  hooks: string
}): Promise<Doubles> {
  const at = { host: '127.0.0.1', port: 0 }
  const [stripe, carrier, mailbox] = await Promise.all([
    startStripeDouble({
      ...at,
      stateDir: join(folder, 'stripe'),
      apiKey: secrets.stripeApiKey,
      webhookUrl: `${hooks}/stripe`,
      webhookSecret: secrets.stripeWebhookSecret,
      webhookEvents: stripeEventTypes,
    }),
    startEasyPostDouble({
      ...at,
      stateDir: join(folder, 'easypost'),
      apiKey: secrets.easypostApiKey,
      stepMs: parcelStepMs,
      webhookUrl: carrierTells ? `${hooks}/easypost` : undefined,
      webhookSecret: secrets.easypostWebhookSecret,
    }),
    startMailDouble({ host: at.host, smtpPort: 0, httpPort: 0, stateDir: join(folder, 'mail') }),
  ])
  const all = [stripe, carrier, mailbox]
  return { stripe, carrier, mailbox, close: () => Promise.all(all.map((double) => double.close())) }
}

/** The settings of the shop's processes, wired by the same code as those of `npm start`. */
function environment({
  secrets,
  doubles: { stripe, carrier, mailbox },
  carrierTells,
  settings,
  temporal,
}: {
  secrets: Secrets
  doubles: Doubles
  carrierTells: boolean
  settings: NodeJS.ProcessEnv
  temporal: OwnNamespace
}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    RATE_LIMIT_PER_MINUTE: '1000000',
    // Where carriers tell what becomes of parcels, asking them is work for nothing.
    TRACK_EVERY_MS: carrierTells ? '600000' : '1000',
    // With all its relays an idle shop would be at it all the time, and several stand open beside each other.
    RELAY_POLL_MS: '500',
    // Files run beside each other on small machines: what a test expects of an answer must not depend on how fast it came.
    REQUEST_BUDGET_MS: '60000',
    WORKFLOW_BUNDLE_DIR: 'node_modules/.cache/workflow-bundles',
    LOG_LEVEL: 'warn',
    ...settings,
  }
  const portOf = (url: string): string => new URL(url).port
  return productEnvironment({
    env,
    local: { postgres: false, temporal: false, stripe: true, easypost: true, mail: true },
    settings: readLocalSettings({
      LOCAL_STRIPE_PORT: portOf(stripe.url),
      LOCAL_EASYPOST_PORT: portOf(carrier.url),
      LOCAL_SMTP_PORT: portOf(mailbox.smtpUrl),
    }),
    secrets,
  })
}

/** Kills a part with all its children, and waits until the supervisor has it back, as in the shop. */
async function killPart({
  folder,
  name,
  said,
}: {
  folder: string
  name: string
  said: readonly string[]
}): Promise<void> {
  const running = readRoll(folder).find((entry) => entry.name === name)
  if (running === undefined) throw new Error(`There is no part ${name} that runs.`)
  const before = said.length
  signalGroup(running.mark.pid, 'SIGKILL')
  while (!said.slice(before).some((line) => line.startsWith(`${name} is back`))) await sleep(20)
}
