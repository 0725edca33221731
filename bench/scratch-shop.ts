/** A catalog of generated products in a database of its own, on the server of the shop; and an API in front of it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'csv-stringify'
import { importProducts } from '../api/imports.ts'
import { generatedProducts } from '../dev/generated/catalog.ts'
import { productRows, sampleColumns } from '../dev/generated/product-csv.ts'
import { freePort } from '../dev/supervisor/ports.ts'
import { createProductFiles } from '../gateways/product-files.ts'
import { migrateAll } from '../migrations/main.ts'
import { openDatabases } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import { createPostgresSearch } from '../store/search.ts'
import { allDocuments } from '../store/search/documents.ts'
import type { Bench } from './bench.ts'

export interface Scratch {
  readonly url: string
  readonly catalog: Db
  close(): Promise<void>
}

const owners = ['accounts', 'catalog', 'order', 'inventory', 'shipping', 'notification'] as const

/** An empty database with every schema. */
export async function scratchDatabase({ databases, shop }: Bench): Promise<Scratch> {
  const name = `bench_${randomBytes(4).toString('hex')}`
  await databases.catalog.raw('create database ??', [name])
  const own = new URL(shop.config.databases.catalog.url)
  own.pathname = `/${name}`
  const at = { url: own.href, poolSize: 4 }
  const all = Object.fromEntries(owners.map((owner) => [owner, at])) as Record<
    (typeof owners)[number],
    typeof at
  >
  await migrateAll(all)
  const opened = openDatabases(all)
  return {
    url: own.href,
    catalog: opened.databases.catalog,
    close: async () => {
      await opened.close()
      await databases.catalog.raw('drop database ?? with (force)', [name])
    },
  }
}

/** Imports generated products through the importer of the shop, and indexes them. Answers how long the import took. */
export async function fill(
  { catalog }: Scratch,
  { products }: { products: number },
): Promise<{ importMs: number }> {
  const begin = performance.now()
  const open = (): Readable => {
    const rows = (function* () {
      for (const product of generatedProducts({ count: products })) yield* productRows(product)
    })()
    return Readable.from(rows).pipe(stringify({ header: true, columns: [...sampleColumns] }))
  }
  const wishes = { dryRun: false, stopAtError: true, warehouse: null, actor: 'bench', cause: 'bench' }
  const means = { catalog, files: createProductFiles(), own: 'EUR' } as const
  for await (const news of importProducts(means, { open, wishes })) {
    if (news.type === 'error') throw new Error(`line ${news.line}: ${news.detail}`)
  }
  const importMs = performance.now() - begin
  await createPostgresSearch(catalog).rebuild(allDocuments(catalog))
  await catalog.raw('analyze')
  return { importMs }
}

/** The API as a process of its own, in front of this database. */
export async function apiOf(
  { shop }: Bench,
  { url }: Scratch,
): Promise<{ api: string; close(): Promise<void> }> {
  const port = await freePort()
  const env: NodeJS.ProcessEnv = { ...shop.env, DATABASE_URL: url, API_PORT: String(port), LOG_LEVEL: 'warn' }
  for (const owner of owners) delete env[`DATABASE_URL_${owner.toUpperCase()}`]
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'api/server.ts'], {
    env,
    stdio: 'ignore',
  })
  const api = `http://127.0.0.1:${port}`
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const isReady = (): Promise<boolean> =>
    fetch(`${api}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  for (let tries = 0; !(await isReady()); tries += 1) {
    if (tries > 300) throw new Error('The API in front of the generated products did not come up.')
    await sleep(100)
  }
  return {
    api,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
