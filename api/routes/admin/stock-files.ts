import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { levelColumns } from '../../../domain/stock-files/levels.ts'
import { offerColumns } from '../../../domain/stock-files/offers.ts'
import { isId } from '../../../domain/ids.ts'
import { newId } from '../../../store/ids.ts'
import { once } from '../../plugins/idempotency.ts'
import type { Outcome } from '../../plugins/idempotency.ts'
import { Problem } from '../../problems.ts'
import { idempotencyHeaders as headers, strict, word } from '../../schemas/common.ts'
import { StockImported } from '../../schemas/stock.ts'
import type { Services } from '../../services.ts'
import { signature } from '../../stock.ts'
import { levelRows, offerRows, takeLevels, takeOffers } from '../../stock-files.ts'
import type { Import } from '../../stock-files.ts'

const largestFile = 4 * 1024 * 1024
/** What is wrong with more rows than these is told once these are right. */
const mostFlaws = 500

const columnsOf = (columns: readonly string[]): string =>
  `Columns: ${columns.map((name) => `\`${name}\``).join(', ')}. `
const allOrNothing =
  'UTF-8, separated by commas. All rows are written or none: what is wrong is told by line and column, in `row_errors` of 422 `file.refused`; with ' +
  '`dry_run=true` everything is checked, and nothing is changed. The same file again changes nothing.'

const importing = {
  querystring: Type.Object({ dry_run: Type.Optional(word(['true', 'false'])) }, strict),
  body: {
    content: { 'text/csv': { schema: Type.Unsafe<Uint8Array>({ description: 'The file' }) } },
  },
  headers,
  response: { 200: StockImported.ref },
}
const streamed = Type.Unsafe<Readable>(Type.String())
const exported = { 200: { description: 'A file', content: { 'text/csv': { schema: streamed } } } }
const problems = ['file.unreadable', 'file.refused'] as const

/** Files of stock levels, and of suppliers with what they sell: out, and in again. */
export const adminStockFileRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { databases, files } = services
  const db = databases.accounts
  const mint = (): string => newId('chg')
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'buffer', bodyLimit: largestFile },
    (_request, body, done) => done(null, body),
  )

  app.post(
    '/stock/import',
    {
      config: { permission: 'stock:write', problems },
      bodyLimit: largestFile,
      schema: {
        ...{ ...importing, operationId: 'adminImportStock', tags: ['admin: stock'] },
        summary: 'Imports a file of stock levels: counts, and when to order anew',
        description:
          `${columnsOf(levelColumns)}\`counted\` is what somebody counted; \`on_hand\` is what he saw, and a count is refused when that is ` +
          `stale. Columns that are missing change nothing. ${allOrNothing}`,
      },
    },
    async (request, reply) =>
      once({ db, request, reply, mint }, async ({ resourceId: id }) => {
        if (!isId('chg', id)) throw new Error(`${id} is not the id of a change of stock.`)
        const dryRun = request.query.dry_run === 'true'
        const signed = { ...signature(request), id }
        return told(await takeLevels(services, { bytes: bytesOf(request.body), dryRun, signed }), dryRun)
      }),
  )

  app.post(
    '/suppliers/import',
    {
      config: { permission: 'purchasing:write', problems },
      bodyLimit: largestFile,
      schema: {
        ...{ ...importing, operationId: 'adminImportSuppliers', tags: ['admin: purchasing'] },
        summary: 'Imports a file of suppliers and what they sell',
        description:
          `${columnsOf(offerColumns)}A row for each SKU; suppliers go by their names, and are made when they are new. ` +
          `\`unit_cost\` is written as people write it: 4.50. ${allOrNothing}`,
      },
    },
    async (request, reply) =>
      once({ db, request, reply, mint }, async () => {
        const dryRun = request.query.dry_run === 'true'
        return told(await takeOffers(services, { bytes: bytesOf(request.body), dryRun }), dryRun)
      }),
  )

  for (const [url, name, permission, columns, rows] of [
    ['/stock/export', 'Stock', 'stock:read', levelColumns, levelRows],
    ['/suppliers/export', 'Suppliers', 'purchasing:read', offerColumns, offerRows],
  ] as const) {
    app.get(
      url,
      {
        config: { permission },
        schema: {
          ...{
            operationId: `adminExport${name}`,
            tags: [name === 'Stock' ? 'admin: stock' : 'admin: purchasing'],
          },
          ...{
            summary: `${name} as a file`,
            description: 'Importing it again changes nothing.',
            response: exported,
          },
        },
      },
      async (_request, reply) =>
        reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="${name.toLowerCase()}.csv"`)
          .send(files.writeCsv({ columns, rows: rows(services) })),
    )
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  // A request without a body brings an empty file, and is told so.
  if (body === undefined || body === null) return new Uint8Array()
  throw new Problem('request.unsupported_media_type', 'Send the file as text/csv.')
}

function told({ rows, changed, flaws }: Import, dryRun: boolean): Outcome {
  if (flaws.length === 0) return { status: 200, body: { dry_run: dryRun, rows, changed }, keep: true }
  const rowErrors = flaws.slice(0, mostFlaws).map(({ line, column, detail }) => ({
    ...{ line, ...(column !== null && { column }), detail },
  }))
  throw new Problem(
    'file.refused',
    `${flaws.length === 1 ? 'One thing is' : `${flaws.length} things are`} wrong with the file; nothing was changed.`,
    {
      facts: { rows, flaws: flaws.length, row_errors: rowErrors },
    },
  )
}
