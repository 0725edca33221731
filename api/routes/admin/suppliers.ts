import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { isId, sku as asSku } from '../../../domain/ids.ts'
import type { SupplierId } from '../../../domain/ids.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { newId } from '../../../store/ids.ts'
import {
  insertSupplier,
  itemsOf,
  listItems,
  listSuppliers,
  putItem,
  readSupplier,
  removeItem,
  updateSupplier,
} from '../../../store/suppliers.ts'
import type { Supplier as StoredSupplier } from '../../../store/suppliers.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { idParams, ifMatchHeaders, pageQuery, strict } from '../../schemas/common.ts'
import { Item, ItemBody, ItemList, Supplier, SupplierBody, SupplierList } from '../../schemas/suppliers.ts'
import { itemView, supplierView } from '../../schemas/purchasing-views.ts'
import { invalid } from '../../problems.ts'
import type { Services } from '../../services.ts'
import { unknownSkus } from '../../stock.ts'
import { requireVersion, versionProblems, versionTag } from '../../versions.ts'

const tags = ['admin: purchasing']
const params = idParams('Of the supplier')
const itemParams = Type.Object({ id: Type.String(), sku: Type.String() })
const isSupplierId = (text: string): text is SupplierId => isId('sup', text)
const reading = { permission: 'purchasing:read', problems: ['supplier.not_found'] } as const
const writing = {
  permission: 'purchasing:write',
  problems: ['supplier.not_found', 'supplier.exists', ...versionProblems],
} as const
const writingItems = {
  permission: 'purchasing:write',
  problems: ['supplier.not_found', 'sku.unknown', ...versionProblems],
} as const

export const adminSupplierRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const db = services.databases.inventory

  app.get(
    '/suppliers',
    {
      config: { permission: 'purchasing:read' },
      schema: {
        ...{ operationId: 'adminListSuppliers', tags, summary: 'Suppliers' },
        querystring: Type.Object(pageQuery, strict),
        response: { 200: SupplierList.ref },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const found = await listSuppliers(db, { after: readCursor(cursor, isSupplierId), limit: limit + 1 })
      return pageOf(found, { limit, keyOf: ({ id }) => id, view: supplierView })
    },
  )

  app.get(
    '/suppliers/:id',
    {
      config: reading,
      schema: {
        ...{ operationId: 'adminReadSupplier', tags, summary: 'One supplier', params },
        response: { 200: Supplier.ref },
      },
    },
    async ({ params: { id } }, reply) => {
      const supplier = await known(id)
      reply.header('etag', versionTag(supplier.version))
      return supplierView(supplier)
    },
  )

  app.post(
    '/suppliers',
    {
      config: { permission: 'purchasing:write', problems: ['supplier.exists'] },
      schema: {
        ...{ operationId: 'adminCreateSupplier', tags, summary: 'A new supplier', body: SupplierBody.ref },
        response: { 201: Supplier.ref },
      },
    },
    async ({ body }, reply) => {
      const supplier = { id: newId('sup'), ...supplierOf(body) }
      if (!(await insertSupplier(db, supplier))) throw nameTaken(supplier.name)
      reply.code(201).headers({ location: `/v1/admin/suppliers/${supplier.id}`, etag: versionTag(1) })
      return supplierView({ ...supplier, version: 1 })
    },
  )

  app.put(
    '/suppliers/:id',
    {
      config: writing,
      schema: {
        ...{ operationId: 'adminChangeSupplier', tags, summary: 'Changes a supplier', params },
        ...{ headers: ifMatchHeaders, body: SupplierBody.ref, response: { 200: Supplier.ref } },
      },
    },
    async ({ params: { id }, headers, body }, reply) => {
      const before = await known(id)
      requireVersion(headers['if-match'], before.version)
      if (body.currency !== before.currency) {
        const sold = await listItems(db, { supplierId: before.id, limit: 1 })
        const detail = 'cannot change any more: its prices would mean something else.'
        if (sold.length > 0) throw invalid({ in: 'body', pointer: '#/currency', detail })
      }
      const version = await updateSupplier(db, { ...before, ...supplierOf(body) })
      if (version === 'name_taken') throw nameTaken(body.name.trim())
      if (version === 'stale') requireVersion('', (await known(id)).version)
      const now = await known(id)
      reply.header('etag', versionTag(now.version))
      return supplierView(now)
    },
  )

  app.get(
    '/suppliers/:id/items',
    {
      config: reading,
      schema: {
        ...{ operationId: 'adminListSupplierItems', tags, summary: 'What it sells', params },
        querystring: Type.Object(pageQuery, strict),
        response: { 200: ItemList.ref },
      },
    },
    async ({ params: { id }, query: { cursor, limit } }) => {
      const { id: supplierId, currency } = await known(id)
      const after = readCursor(cursor, (text): text is string => text.length > 0)
      const found = await listItems(db, { supplierId, after, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: ({ sku }) => sku, view: (item) => itemView(item, currency) })
    },
  )

  app.put(
    '/suppliers/:id/items/:sku',
    {
      config: writingItems,
      schema: {
        ...{
          operationId: 'adminPutSupplierItem',
          tags,
          summary: 'A SKU that it sells, and how',
          params: itemParams,
        },
        description:
          'A new one needs `If-Match: "0"`, so that two who add it at once do not overwrite each other.',
        ...{ headers: ifMatchHeaders, body: ItemBody.ref, response: { 200: Item.ref } },
      },
    },
    async ({ params: { id, sku: name }, headers, body }, reply) => {
      const { id: supplierId, name: supplier, currency } = await known(id)
      const sku = asSku(name)
      const [before] = await itemsOf(db, { supplierId, skus: [sku] })
      requireVersion(headers['if-match'], before?.version ?? 0)
      if ((await unknownSkus(services, [sku])).size > 0) {
        throw new Refusal('sku.unknown', `The catalog has no ${name}.`, { sku: name })
      }
      if (body.unit_cost.currency !== currency) {
        throw invalid({
          ...{ in: 'body', pointer: '#/unit_cost/currency' },
          detail: `must be ${currency}, the currency of ${supplier}.`,
        })
      }
      await putItem(db, {
        ...{ supplierId, sku, supplierSku: body.supplier_sku ?? null, unitCostMinor: body.unit_cost.amount },
        ...{ packSize: body.pack_size, minimumQuantity: body.minimum_quantity },
        ...{ leadTimeDays: body.lead_time_days ?? null, rank: body.rank },
      })
      const [now] = await itemsOf(db, { supplierId, skus: [sku] })
      if (!now) throw new Error('An item that was written is not there.')
      reply.header('etag', versionTag(now.version))
      return itemView(now, currency)
    },
  )

  app.delete(
    '/suppliers/:id/items/:sku',
    {
      config: { permission: 'purchasing:write', problems: ['supplier.not_found', 'supplier.does_not_sell'] },
      schema: {
        ...{ operationId: 'adminRemoveSupplierItem', tags, summary: 'A SKU that it sells no more' },
        ...{ params: itemParams, response: { 204: Type.Null() } },
      },
    },
    async ({ params: { id, sku } }, reply) => {
      const { id: supplierId, name } = await known(id)
      if (!(await removeItem(db, { supplierId, sku }))) {
        throw new Refusal('supplier.does_not_sell', `${name} does not sell ${sku}.`, { supplierId, sku })
      }
      return reply.code(204).send(null)
    },
  )

  async function known(id: string): Promise<StoredSupplier> {
    const supplier = isSupplierId(id) ? await readSupplier(db, id) : null
    if (!supplier) throw new Refusal('supplier.not_found', 'There is no such supplier.', { supplierId: id })
    return supplier
  }
}

function supplierOf(body: Static<typeof SupplierBody.schema>): Omit<StoredSupplier, 'id' | 'version'> {
  const { name, email, currency, lead_time_days: leadTimeDays, active } = body
  return { name: name.trim(), email, currency, leadTimeDays, active }
}

const nameTaken = (name: string): Refusal =>
  new Refusal('supplier.exists', `There is a supplier of the name ${name} already.`, { name })
