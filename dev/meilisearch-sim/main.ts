/**
 * A local double of Meilisearch: the routes that the shop uses, in the shapes that a real server answered
 * (`test/fixtures/meilisearch`). It keeps its indexes in memory, as a server would that was wiped by each restart.
 */
import type { FastifyRequest } from 'fastify'
import { createDouble } from '../sim-kit/server.ts'
import type { Log } from '../sim-kit/server.ts'
import { filterTest } from './filters.ts'
import type { Wire } from './filters.ts'
import { SimIndex } from './index.ts'
import type { Asked } from './index.ts'
import { indexNotFound, Refused } from './refused.ts'
import { changedSettings, plainSettings, refuseBadSettings } from './settings.ts'
import { TaskList } from './tasks.ts'

export interface MeilisearchDouble {
  readonly url: string
  close(): Promise<void>
}

type WithIndex = FastifyRequest<{ Params: { uid: string } }>

/** Starts it. Port 0 takes a free one. */
export async function startMeilisearchDouble({
  host,
  port,
  apiKey,
  taskMs = 5,
  log,
}: {
  host: string
  port: number
  apiKey: string
  /** How long a task is only enqueued. */
  taskMs?: number
  log?: Log
}): Promise<MeilisearchDouble> {
  const double = createDouble({ name: 'meilisearch', log, bodyLimit: 100 * 1024 * 1024 })
  const indexes = new Map<string, SimIndex>()
  const tasks = new TaskList(taskMs)
  double.setErrorHandler((error, _request, reply) => {
    if (error instanceof Refused) return reply.code(error.status).send(error.body)
    const message = error instanceof Error ? error.message : 'Failed.'
    log?.(`meilisearch: ${message}`)
    return reply.code(500).send({ message, code: 'internal', type: 'internal', link: '' })
  })
  // The client says `application/json` also where it sends nothing.
  double.removeContentTypeParser('application/json')
  double.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (_request, body, parsed) => {
    try {
      parsed(null, body === '' ? null : (JSON.parse(body) as unknown))
    } catch {
      parsed(new Refused('malformed_payload', 'The json payload provided is malformed.'))
    }
  })
  double.addHook('onRequest', async (request) => {
    if (request.url.startsWith('/_control') || request.url === '/health') return
    if (request.headers.authorization !== `Bearer ${apiKey}`)
      throw new Refused('invalid_api_key', 'The provided API key is invalid.', 403)
  })
  const known = (uid: string): SimIndex => {
    const index = indexes.get(uid)
    if (!index) throw indexNotFound(uid)
    return index
  }
  /** A write makes the index that it writes to, as in Meilisearch. */
  const made = (uid: string): SimIndex => {
    const index = indexes.get(uid) ?? new SimIndex('id', plainSettings)
    indexes.set(uid, index)
    return index
  }
  const uidOf = (request: FastifyRequest): string => (request as WithIndex).params.uid

  double.get(
    '/health',
    double.operation('health', async () => ({ status: 'available' })),
  )
  double.get('/version', async () => ({ commitSha: 'unknown', commitDate: 'unknown', pkgVersion: '1.50.0' }))
  double.get('/indexes', async () => ({ results: [], offset: 0, limit: 20, total: indexes.size }))
  double.get('/stats', async () => ({
    databaseSize: 0,
    usedDatabaseSize: 0,
    lastUpdate: new Date().toISOString(),
    indexes: Object.fromEntries([...indexes].map(([uid, index]) => [uid, statsOf(index)])),
  }))
  double.get('/tasks', async (request) => tasks.list(request.query as Record<string, string>))
  double.get('/tasks/:uid', async (request) => tasks.read(Number(uidOf(request))))

  double.post(
    '/indexes',
    double.operation('indexes.create', async (request, reply) => {
      const { uid, primaryKey } = request.body as { uid: string; primaryKey: string }
      reply.code(202)
      return tasks.add({ type: 'indexCreation', indexUid: uid, details: { primaryKey } }, () => {
        if (indexes.has(uid)) throw new Refused('index_already_exists', `Index \`${uid}\` already exists.`)
        indexes.set(uid, new SimIndex(primaryKey, plainSettings))
      })
    }),
  )
  double.get('/indexes/:uid', async (request) => {
    const { createdAt, primaryKey } = known(uidOf(request))
    return { uid: uidOf(request), createdAt, updatedAt: createdAt, primaryKey }
  })
  double.delete('/indexes/:uid', async (request, reply) => {
    const uid = uidOf(request)
    reply.code(202)
    return tasks.add({ type: 'indexDeletion', indexUid: uid, details: { deletedDocuments: 0 } }, () => {
      known(uid)
      indexes.delete(uid)
    })
  })
  double.get('/indexes/:uid/stats', async (request) => statsOf(known(uidOf(request))))
  double.get('/indexes/:uid/settings', async (request) => known(uidOf(request)).settings)
  double.patch(
    '/indexes/:uid/settings',
    double.operation('settings.update', async (request, reply) => {
      const changes = request.body as Wire
      refuseBadSettings(changes)
      const uid = uidOf(request)
      reply.code(202)
      return tasks.add({ type: 'settingsUpdate', indexUid: uid, details: changes }, () => {
        const index = made(uid)
        index.settings = changedSettings(index.settings, changes)
      })
    }),
  )
  double.post(
    '/swap-indexes',
    double.operation('indexes.swap', async (request, reply) => {
      const swaps = request.body as { indexes: [string, string] }[]
      reply.code(202)
      const details = { swaps: swaps.map((swap) => ({ ...swap, rename: false })) }
      return tasks.add({ type: 'indexSwap', indexUid: null, details }, () => {
        for (const {
          indexes: [one, other],
        } of swaps) {
          const [first, second] = [known(one), known(other)]
          indexes.set(one, second).set(other, first)
        }
      })
    }),
  )

  const write = (merge: boolean) =>
    double.operation('documents.write', async (request, reply) => {
      const uid = uidOf(request)
      const given = request.body as Wire[]
      const details = { receivedDocuments: given.length, indexedDocuments: given.length }
      reply.code(202)
      return tasks.add({ type: 'documentAdditionOrUpdate', indexUid: uid, details }, () => {
        const index = made(uid)
        const ids = given.map((document) => idOf(document, index.primaryKey))
        for (const [at, id] of ids.entries())
          index.documents.set(id, { ...(merge ? index.documents.get(id) : {}), ...given[at] })
      })
    })
  double.post('/indexes/:uid/documents', write(false))
  double.put('/indexes/:uid/documents', write(true))
  const remove = (uid: string, chosen: (document: Wire, id: string) => boolean) =>
    tasks.add({ type: 'documentDeletion', indexUid: uid, details: { deletedDocuments: 0 } }, () => {
      const { documents } = known(uid)
      for (const [id, document] of documents) if (chosen(document, id)) documents.delete(id)
    })
  double.post(
    '/indexes/:uid/documents/delete-batch',
    double.operation('documents.delete', async (request, reply) => {
      const ids = new Set((request.body as unknown[]).map(String))
      reply.code(202)
      return remove(uidOf(request), (_document, id) => ids.has(id))
    }),
  )
  double.post('/indexes/:uid/documents/delete', async (request, reply) => {
    const { filter } = request.body as { filter: unknown }
    const test = filterTest(filter, known(uidOf(request)).settings.filterableAttributes)
    reply.code(202)
    return remove(uidOf(request), (document) => test(document))
  })
  double.delete('/indexes/:uid/documents/:id', async (request, reply) => {
    const { id } = request.params as { id: string }
    reply.code(202)
    return remove(uidOf(request), (_document, its) => its === id)
  })
  double.get('/indexes/:uid/documents/:id', async (request) => {
    const { uid, id } = request.params as { uid: string; id: string }
    const document = known(uid).documents.get(id)
    if (!document) throw new Refused('document_not_found', `Document \`${id}\` not found.`, 404)
    return document
  })
  double.get(
    '/indexes/:uid/documents',
    double.operation('documents.list', async (request) => {
      const { offset = '0', limit = '20', fields } = request.query as Record<string, string>
      const { documents } = known(uidOf(request))
      const page = [...documents.values()].slice(Number(offset), Number(offset) + Number(limit))
      const names = fields?.split(',')
      const shown = names
        ? page.map((document) =>
            Object.fromEntries(names.flatMap((name) => (name in document ? [[name, document[name]]] : []))),
          )
        : page
      return { results: shown, offset: Number(offset), limit: Number(limit), total: documents.size }
    }),
  )
  double.post(
    '/indexes/:uid/search',
    double.operation('search', async (request) => {
      const index = known(uidOf(request))
      try {
        return index.search(request.body as Asked)
      } catch (error) {
        const named = error instanceof Refused && /^(Attribute `|Invalid facet)/.test(error.message)
        if (!named || error.code === 'invalid_search_facets') throw error
        throw new Refused(error.code, `Index \`${uidOf(request)}\`: ${error.message}`)
      }
    }),
  )

  const url = await double.listen({ host, port })
  return { url, close: () => double.close() }
}

function idOf(document: Wire, primaryKey: string): string {
  const id = document[primaryKey]
  if (id === undefined) {
    const detail = `Document doesn't have a \`${primaryKey}\` attribute: \`${JSON.stringify(document)}\`.`
    throw new Refused('missing_document_id', detail)
  }
  if (typeof id === 'number') return String(id)
  if (typeof id === 'string' && /^[\w-]+$/.test(id)) return id
  const detail = `Document identifier \`${JSON.stringify(id)}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`
  throw new Refused('invalid_document_id', detail)
}

function statsOf({ documents }: SimIndex) {
  const fields: Record<string, number> = {}
  for (const document of documents.values())
    for (const name of Object.keys(document)) fields[name] = (fields[name] ?? 0) + 1
  return {
    numberOfDocuments: documents.size,
    rawDocumentDbSize: 0,
    avgDocumentSize: 0,
    isIndexing: false,
    numberOfEmbeddings: 0,
    numberOfEmbeddedDocuments: 0,
    fieldDistribution: fields,
  }
}
