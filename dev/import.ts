/**
 * `npm run import -- products.csv`: a product file into the running shop, by its admin API. Another shop than the one on this machine is
 * named by `--api`, and its key by `SHOP_KEY`.
 */
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import type { ImportCounts, ImportNews } from '../api/imports.ts'
import type { ProblemBody } from '../api/problems.ts'
import { adminKeyFile } from './shop.ts'
import { findRunningShop, runCommand } from './running-shop.ts'
import { Advice, wholeNumber, wordsFor } from './supervisor/advice.ts'

const usage = `npm run import -- FILE [options]
  --dry-run             check everything and change nothing
  --stop                stop at the first batch in which something is wrong
  --warehouse <id>      where new SKUs are stocked (the preferred one)
  --api <address>       a shop elsewhere; its key is read from SHOP_KEY
  --errors <n>          how many errors are shown (20)`

/** The address of a shop and a key that may write its catalog. */
interface Shop {
  readonly api: string
  readonly key: string
}

/** Whether the last line is one that is written over. */
let drawn = false

type Failed = { readonly type: 'failed'; readonly detail: string }

await runCommand(async () => {
  const wishes = wordsFor(usage, () => wishesOf(process.argv.slice(2)))
  const { api, key } = await shopOf(wishes.api)
  const query = new URLSearchParams({
    dry_run: String(wishes.dryRun),
    on_error: wishes.stop ? 'stop' : 'go_on',
    ...(wishes.warehouse !== undefined && { warehouse: wishes.warehouse }),
  })
  const answer = await fetch(`${api}/v1/admin/products/import?${query.toString()}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
    body: Readable.toWeb(createReadStream(wishes.file)),
    duplex: 'half',
  })
  if (!answer.ok || !answer.body) throw new Advice(reasonOf(await answer.text()))
  await tell(answer.body, wishes)
})

async function tell(body: ReadableStream, { shown }: { shown: number }): Promise<void> {
  let errors = 0
  for await (const line of createInterface({ input: Readable.fromWeb(body as never) })) {
    const news = JSON.parse(line) as ImportNews | Failed
    switch (news.type) {
      case 'started':
        say(`${news.lines} lines${news.dry_run ? '; nothing is changed, this is a dry run' : ''}`)
        if (news.ignored_columns.length > 0)
          say(`Columns that are not read: ${news.ignored_columns.join(', ')}`)
        break
      case 'error': {
        errors += 1
        const where = [`line ${news.line}`, news.handle, news.column ?? ''].filter((each) => each !== '')
        if (errors <= shown) say(`  ${where.join(', ')}: ${news.detail}`)
        break
      }
      case 'progress':
        progress(`${Math.round((news.lines / news.total_lines) * 100)} %  ${inWords(news)}`)
        break
      case 'done':
        if (errors > shown) say(`  and ${errors - shown} more`)
        say(`${news.stopped ? 'Stopped' : 'Done'} in ${news.seconds} s: ${inWords(news)}`)
        if (news.quantities_left > 0)
          say(`${news.quantities_left} quantities of SKUs that are sold already were left to the warehouse.`)
        if (news.errors > 0) process.exitCode = 1
        return
      case 'failed':
        throw new Advice(
          `It ended early: ${news.detail} What was done is done; importing the file again goes on.`,
        )
    }
  }
  throw new Advice(
    'The connection ended before the import did. What was done is done; importing the file again goes on.',
  )
}

function inWords(counts: ImportCounts): string {
  const { created, changed, unchanged, refused, errors } = counts
  return `${created} created, ${changed} changed, ${unchanged} unchanged, ${refused} refused, ${errors} errors`
}

/** One line that is written over, where somebody looks; lines of their own in a log. */
function progress(text: string): void {
  if (!process.stdout.isTTY) return void process.stdout.write(`${text}\n`)
  process.stdout.write(`\r\u001b[K${text}`)
  drawn = true
}

function say(text: string): void {
  if (drawn) process.stdout.write('\n')
  drawn = false
  process.stdout.write(`${text}\n`)
}

async function shopOf(api: string | undefined): Promise<Shop> {
  const { SHOP_KEY: given } = process.env
  if (api !== undefined) {
    if (!given) throw new Advice('Set SHOP_KEY to a key of that shop with the permission catalog:write.')
    return { api: api.replace(/\/$/, ''), key: given }
  }
  const shop = await findRunningShop(process.env)
  const file = join(shop.settings.LOCAL_STATE, adminKeyFile)
  if (!given && !existsSync(file))
    throw new Advice('Set SHOP_KEY to a key with the permission catalog:write.')
  return { api: shop.api, key: given ?? readFileSync(file, 'utf8').trim() }
}

function wishesOf(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
      warehouse: { type: 'string' },
      api: { type: 'string' },
      errors: { type: 'string', default: '20' },
    },
  })
  const [file, ...others] = positionals
  if (file === undefined || others.length > 0) throw new Error('Name one file.')
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Error(`There is no file ${file}.`)
  const { stop, warehouse, api } = values
  return {
    file,
    stop,
    warehouse,
    api,
    dryRun: values['dry-run'],
    shown: wholeNumber('errors', values.errors, { least: 0 }),
  }
}

function reasonOf(text: string): string {
  try {
    const { detail, errors = [] } = JSON.parse(text) as ProblemBody & { errors?: { detail: string }[] }
    return [detail, ...errors.map((error) => error.detail)].join(' ')
  } catch {
    return text
  }
}
