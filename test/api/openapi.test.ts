import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { problemStatus } from '../../api/problems.ts'
import { openApi } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'

interface Operation {
  operationId?: string
  summary?: string
  parameters?: { name: string; in: string }[]
  responses: Record<
    string,
    { description?: string; content?: Record<string, { schema?: { $ref?: string } }> }
  >
}
interface Description {
  openapi: string
  info: { title: string; version: string; description: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> }
}

let api: TestApi
let description: Description

before(async () => {
  api = await openApi()
  description = (await api.ask({ url: '/openapi.json' })).body as Description
})
after(() => api.close())

/** The routes of api.md, "Buying, exactly", and the others that this version has. */
const routes = [
  'GET /healthz',
  'GET /readyz',
  'GET /orders/{id}',
  'GET /v1/store/search',
  'GET /v1/store/products',
  'GET /v1/store/products/{id}',
  'GET /v1/store/categories',
  'GET /v1/store/categories/{slug}',
  'GET /v1/store/brands',
  'GET /v1/admin/products',
  'POST /v1/admin/products',
  'POST /v1/admin/products/statuses',
  'POST /v1/admin/products/import',
  'GET /v1/admin/products/export',
  'GET /v1/admin/products/{id}',
  'PATCH /v1/admin/products/{id}',
  'GET /v1/admin/products/{id}/history',
  'POST /v1/admin/products/{id}/publish',
  'POST /v1/admin/products/{id}/withdraw',
  'POST /v1/admin/products/{id}/archive',
  'GET /v1/admin/search-settings',
  'PUT /v1/admin/search-settings',
  'PUT /v1/admin/products/{id}/variants/{sku}',
  'DELETE /v1/admin/products/{id}/variants/{sku}',
  'GET /v1/admin/categories',
  'POST /v1/admin/categories',
  'PATCH /v1/admin/categories/{slug}',
  'DELETE /v1/admin/categories/{slug}',
  'POST /v1/admin/categories/{slug}/move',
  'GET /v1/admin/brands',
  'POST /v1/admin/brands',
  'PATCH /v1/admin/brands/{slug}',
  'DELETE /v1/admin/brands/{slug}',
  'POST /v1/store/carts',
  'GET /v1/store/carts/{id}',
  'POST /v1/store/carts/{id}/lines',
  'PATCH /v1/store/carts/{id}/lines/{line_id}',
  'DELETE /v1/store/carts/{id}/lines/{line_id}',
  'PUT /v1/store/carts/{id}/coupon',
  'PUT /v1/store/carts/{id}/address',
  'GET /v1/store/carts/{id}/shipping-rates',
  'POST /v1/store/orders',
  'GET /v1/store/orders/{id}',
  'GET /v1/store/orders/{id}/timeline',
  'GET /v1/store/orders/{id}/events',
  'POST /v1/store/orders/{id}/payment',
  'POST /v1/store/orders/{id}/cancel',
  'GET /v1/admin/findings',
  'GET /v1/admin/orders',
  'GET /v1/admin/orders/{id}',
  'GET /v1/admin/orders/{id}/books',
  'GET /v1/admin/orders/{id}/timeline',
  'POST /v1/admin/orders/{id}/cancel',
  'POST /v1/admin/orders/{id}/refunds',
  'POST /v1/admin/orders/{id}/resolve',
  'POST /v1/admin/orders/{id}/reships',
  'POST /v1/admin/orders/{id}/restocks',
  'GET /v1/admin/orders/{id}/mails',
  'POST /v1/admin/orders/{id}/mails/{mail_id}/resend',
  'POST /v1/admin/findings/{id}/resolve',
  'GET /v1/admin/stock',
  'GET /v1/admin/stock/movements',
  'GET /v1/admin/stock/{warehouse_id}/{sku}',
  'PUT /v1/admin/stock/{warehouse_id}/{sku}/settings',
  'POST /v1/admin/stock/import',
  'GET /v1/admin/stock/export',
  'POST /v1/admin/suppliers/import',
  'GET /v1/admin/suppliers/export',
  'POST /v1/admin/stock/adjustments',
  'POST /v1/admin/stock/counts',
  'POST /v1/admin/stock/transfers',
  'POST /v1/admin/stock/regradings',
  'GET /v1/admin/warehouses',
  'POST /v1/admin/warehouses',
  'GET /v1/admin/warehouses/{id}',
  'PUT /v1/admin/warehouses/{id}',
  'GET /v1/admin/suppliers',
  'POST /v1/admin/suppliers',
  'GET /v1/admin/suppliers/{id}',
  'PUT /v1/admin/suppliers/{id}',
  'GET /v1/admin/suppliers/{id}/items',
  'PUT /v1/admin/suppliers/{id}/items/{sku}',
  'DELETE /v1/admin/suppliers/{id}/items/{sku}',
  'GET /v1/admin/replenishments',
  'POST /v1/admin/replenishments/approve',
  'GET /v1/admin/replenishments/{id}',
  'POST /v1/admin/replenishments/{id}/approve',
  'POST /v1/admin/replenishments/{id}/reject',
  'GET /v1/admin/purchase-orders',
  'GET /v1/admin/purchase-orders/{id}',
  'GET /v1/admin/purchase-orders/{id}/receipts',
  'POST /v1/admin/purchase-orders/{id}/receipts',
  'POST /v1/admin/purchase-orders/{id}/cancel',
  'POST /v1/admin/purchase-orders/{id}/close',
  'GET /v1/admin/stock-check',
  'POST /v1/admin/stock-check/trigger',
  'POST /v1/admin/stock-check/pause',
  'POST /v1/admin/stock-check/resume',
  'GET /v1/admin/deliveries',
  'POST /v1/admin/deliveries/{id}/{listener}/replay',
  'GET /v1/admin/provider-events',
  'POST /v1/admin/provider-events/{id}/replay',
  'POST /v1/hooks/stripe',
  'POST /v1/hooks/easypost',
]

const operations = (): [string, Operation][] =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  )

test('describes every route, and no route that is not there', () => {
  assert.deepEqual(
    operations()
      .map(([name]) => name)
      .sort(),
    [...routes].sort(),
  )
})

test('is OpenAPI 3.1 with names of its own for every schema', () => {
  assert.match(description.openapi, /^3\.1\.\d$/)
  assert.ok(description.info.title && description.info.version)
  const names = Object.keys(description.components.schemas)
  assert.ok(names.includes('Order') && names.includes('Cart') && names.includes('Problem'))
  assert.deepEqual(
    names.filter((name) => /^(def|schema)-\d/.test(name)),
    [],
  )
})

test('refers to nothing that it does not describe, and uses nothing that 3.1 does not know', () => {
  const text = JSON.stringify(description)
  for (const [, reference = ''] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
    const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? []
    assert.ok(name in description.components.schemas, reference)
  }
  assert.doesNotMatch(text, /"nullable"|"\$id"|"~kind"|"plain-text#"/)
})

test('compiles the schemas of every route', async () => {
  await assert.doesNotReject(api.app.compileSchemas())
})

test('says of each route what it answers, its problems included', () => {
  const ids = new Set<string>()
  for (const [name, { operationId = '', summary = '', parameters = [], responses }] of operations()) {
    assert.ok(summary !== '' && operationId !== '' && !ids.has(operationId), name)
    ids.add(operationId)
    const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
    const described = parameters
      .filter((parameter) => parameter.in === 'path')
      .map((parameter) => parameter.name)
    assert.deepEqual(described.sort(), inPath.sort(), name)
    const statuses = Object.keys(responses)
    assert.ok(
      statuses.some((status) => status.startsWith('2')),
      name,
    )
    for (const [status, { description: words, content = {} }] of Object.entries(responses)) {
      assert.ok(words, `${name} ${status}`)
      const problem = content['application/problem+json']
      if (Number(status) < 400) assert.equal(problem, undefined)
      else if (problem) assert.equal(problem.schema?.$ref, '#/components/schemas/Problem')
    }
  }
})

test('lists every code with its status', () => {
  for (const [code, status] of Object.entries(problemStatus)) {
    const row = description.info.description.split('\n').find((line) => line.startsWith(`| ${status} |`))
    assert.ok(row?.includes(`\`${code}\``), code)
  }
})

test('has a page to try it, which runs no script but its own', async () => {
  const page = await api.ask({ url: '/docs/' })
  assert.equal(page.status, 200)
  assert.match(page.text, /swagger-ui/)
  assert.match(String(page.headers['content-security-policy']), /^default-src 'self'; img-src/)
  assert.equal((await api.ask({ url: '/docs/static/swagger-initializer.js' })).status, 200)
  assert.equal((await api.ask({ url: '/docs/json' })).status, 200)
})
