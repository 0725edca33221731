import { readFile } from 'node:fs/promises'
import { pino } from 'pino'
import type { Logger } from 'pino'
import { ConfigError, loadConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { createCarrierGateway } from '../gateways/easypost.ts'
import { easyPostHook } from '../gateways/easypost/webhook.ts'
import { connectFlows } from '../gateways/flows.ts'
import { createMeilisearch } from '../gateways/search/meilisearch.ts'
import { createProductFiles } from '../gateways/product-files.ts'
import { dataConverter } from '../gateways/payload-codec.ts'
import { stripeHook } from '../gateways/stripe/webhook.ts'
import { temporalTls } from '../gateways/temporal-tls.ts'
import { createTokens } from '../gateways/tokens.ts'
import { openDatabases } from '../store/db.ts'
import { createPostgresSearch } from '../store/search.ts'
import { buildApp } from './app.ts'
import { logOptions } from './logs.ts'
import type { Services } from './services.ts'

/** The process of the API: it opens what it needs, listens, and serves until it is asked to stop. */
async function main(config: Config, log: Logger): Promise<void> {
  const startedAt = performance.now()
  const opened = openDatabases(config.databases)
  const { tls, ...temporal } = config.temporal
  const flows = connectFlows({
    ...temporal,
    ...(tls && { tls: await temporalTls(tls) }),
    dataConverter: dataConverter(config.secrets.payloadKeys),
    holdMs: config.shop.holdMs,
    challengeMs: config.shop.challengeMs,
    stock: {
      policy: config.stock.policy,
      patience: config.stock.patience,
      overdueEveryMs: config.stock.overdueEveryMs,
    },
  })
  const app = await buildApp({
    databases: opened.databases,
    flows,
    carrier: createCarrierGateway(config.easypost),
    hooks: {
      stripe: stripeHook(config.stripe.webhookSecrets),
      easypost: easyPostHook(config.easypost.webhookSecrets),
    },
    tokens: createTokens(config.secrets.tokenKeys),
    files: createProductFiles(),
    search: [
      ...(config.search.meilisearch ? [createMeilisearch(config.search.meilisearch)] : []),
      createPostgresSearch(opened.databases.catalog),
    ],
    shop: config.shop,
    stock: config.stock,
    door: await doorOf(config),
    log,
  })
  await app.listen({
    host: config.api.host,
    port: config.api.port,
    listenTextResolver: (at) => `listening at ${at}`,
  })
  log.info({ readyMs: Math.round(performance.now() - startedAt) }, 'api ready')
  // So that nobody's first request waits for it.
  void app.compileSchemas()

  const signal = await asked()
  log.info({ signal }, 'api stopping: what was accepted is answered first')
  await app.close()
  await flows.close()
  await opened.close()
  log.info('api stopped')
}

async function doorOf({ api: { tls, ...door } }: Config): Promise<Services['door']> {
  if (!tls) return door
  const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)])
  return { ...door, tls: { cert, key } }
}

/** The signal that asks this process to stop. */
function asked(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
}

function logFor({ level, pretty }: Config['log']): Logger {
  const options = { ...logOptions, level, base: { part: 'api' } }
  // A transport writes levels by itself and takes no formatter for them.
  if (pretty) return pino({ ...options, formatters: {}, transport: { target: 'pino-pretty' } })
  // A system call for each request's line would cost as much as answering it; what is left is written at the exit.
  return pino(options, pino.destination({ dest: 1, sync: false, minLength: 4_096, periodicFlush: 200 }))
}

try {
  const config = loadConfig(process.env)
  await main(config, logFor(config.log))
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 78
}
