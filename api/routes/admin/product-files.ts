import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { productStatuses } from '../../../domain/catalog.ts'
import { warehousesThatAreMissing } from '../../../store/warehouses.ts'
import { exportProducts } from '../../exports.ts'
import { problemOf } from '../../faults.ts'
import { importProducts } from '../../imports.ts'
import type { ImportNews } from '../../imports.ts'
import { invalid, Problem } from '../../problems.ts'
import { slug } from '../../schemas/catalog.ts'
import { strict, word } from '../../schemas/common.ts'
import type { Services } from '../../services.ts'
import { keepUpload } from '../../uploads.ts'
import type { Upload } from '../../uploads.ts'
import { catalogTags as tags, reading, whoAsks } from './catalog-requests.ts'

/** About a million rows. */
const largestFile = 512 * 1024 * 1024

const whatIsRead = `A product file with Shopify's columns, in UTF-8, separated by commas. Rows with the same \`Handle\` stand together and are one
product. What the file has no column for stays as it is, and so do variants that it does not name; a blank cell empties what it can.
A row with something wrong is told and left out; where it is about the product itself, the whole product stays as it was.
\`Variant Inventory Qty\` is what a **new** SKU comes with; the stock of others is counted by the warehouse.`

const whatIsTold = `Lines of JSON, each with a \`type\`: \`started\`, \`error\` (\`line\`, \`column\`, \`handle\`, \`detail\`), \`progress\` after every batch, and at the end
\`done\` with the counts, or \`failed\` with a \`detail\`.`

/** What is sent piece by piece; in the description it is text. */
const streamed = Type.Unsafe<Readable>(Type.String())

/** Product files: in, and out again. */
export const adminProductFileRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { databases, files, shop } = services
  // Only here: a file is no text to be held in memory.
  app.addContentTypeParser('text/csv', (_request, body, done) => done(null, body))

  app.post(
    '/products/import',
    {
      config: {
        permission: 'catalog:write',
        problems: ['request.too_large', 'request.unsupported_media_type', 'file.unreadable'],
      },
      schema: {
        operationId: 'adminImportProducts',
        tags,
        summary: 'Imports a product file',
        description: `${whatIsRead}\n\nThe answer is told while the import goes on. ${whatIsTold} Importing the same file again changes nothing.`,
        querystring: Type.Object(
          {
            dry_run: Type.Optional(word(['true', 'false'], 'Whether to check everything and change nothing')),
            on_error: Type.Optional(
              word(['go_on', 'stop'], 'Whether to stop before the first batch in which something is wrong'),
            ),
            warehouse: Type.Optional(
              Type.String({ minLength: 1, maxLength: 100, description: 'Where new SKUs are stocked' }),
            ),
          },
          strict,
        ),
        body: {
          content: {
            'text/csv': { schema: Type.Unsafe<AsyncIterable<Uint8Array>>({ description: 'The file' }) },
          },
        },
        response: {
          200: {
            description: 'What becomes of it',
            content: { 'application/x-ndjson': { schema: streamed } },
          },
        },
      },
    },
    async (request, reply) => {
      const { dry_run: dry, on_error: onError, warehouse = null } = request.query
      if (warehouse !== null && (await warehousesThatAreMissing(databases.inventory, [warehouse])).length > 0)
        throw invalid({ in: 'query', pointer: '#/warehouse', detail: 'is no warehouse of ours.' })
      const { body } = request
      if (!isStream(body)) throw new Problem('request.unsupported_media_type', 'Send the file as text/csv.')
      const upload = await keepUpload(body, { most: largestFile })
      const wishes = {
        dryRun: dry === 'true',
        stopAtError: onError === 'stop',
        warehouse,
        ...whoAsks(request),
      }
      const news = importProducts(
        { catalog: databases.catalog, files, own: shop.currency },
        { open: () => upload.open(), wishes },
      )
      const lines = await begun(news, upload)
      return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from(lines))
    },
  )

  app.get(
    '/products/export',
    {
      config: reading,
      schema: {
        operationId: 'adminExportProducts',
        tags,
        summary: 'The catalog as a product file',
        description: 'With Shopify’s columns. Importing it again changes nothing.',
        querystring: Type.Object(
          {
            status: Type.Optional(word(productStatuses)),
            brand: Type.Optional(slug),
            category: Type.Optional(slug),
          },
          strict,
        ),
        response: { 200: { description: 'A file', content: { 'text/csv': { schema: streamed } } } },
      },
    },
    async ({ query: filter }, reply) => {
      const file = exportProducts(databases, { own: shop.currency, filter })
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="products.csv"')
        .send(files.writeCsv(file))
    },
  )
}

const isStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body

/** The news as lines, once the first of them is there: until then the answer can still be a plain no. */
async function begun(news: AsyncGenerator<ImportNews>, upload: Upload): Promise<AsyncIterable<string>> {
  try {
    const first = await news.next()
    return told(first, { news, upload })
  } catch (error) {
    await upload.remove()
    if (error instanceof Error && error.name === 'UnreadableFile')
      throw new Problem('file.unreadable', error.message)
    throw error
  }
}

async function* told(
  first: IteratorResult<ImportNews>,
  { news, upload }: { news: AsyncGenerator<ImportNews>; upload: Upload },
): AsyncGenerator<string> {
  try {
    if (!first.done) yield `${JSON.stringify(first.value)}\n`
    for await (const each of news) yield `${JSON.stringify(each)}\n`
  } catch (error) {
    // The status has been sent: the last line says that this is not the end that was hoped for.
    const { code, detail } = problemOf(error)
    yield `${JSON.stringify({ type: 'failed', code, detail })}\n`
  } finally {
    await news.return(undefined)
    await upload.remove()
  }
}
