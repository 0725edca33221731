import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import { sku as asSku } from '../../domain/ids.ts'
import type { OrderLineId } from '../../domain/ids.ts'
import { asAdmin } from '../support/admin.ts'
import type { Send } from '../support/admin.ts'
import { aKey, aProduct, openApi } from '../support/api.ts'
import type { Reply, TestApi } from '../support/api.ts'
import { anOrderId, assertInvariants } from '../support/parts.ts'

interface RowError {
  line: number
  column?: string
  detail: string
}

describe('stock and suppliers as files', () => {
  let api: TestApi
  let send: Send
  before(async () => {
    api = await openApi()
    const permissions = ['stock:read', 'stock:write', 'purchasing:read', 'purchasing:write'] as const
    send = asAdmin(api, await aKey(api.databases, permissions))
    for (const sku of ['CSV-1', 'CSV-2', 'CSV-3']) await aProduct(api.databases, { sku, units: 0 })
  })
  after(async () => {
    await assertInvariants(api.databases)
    await api.close()
  })

  const bring = (url: string, file: string, headers: Record<string, string> = {}): Promise<Reply> =>
    send('POST', url, { body: file, headers: { 'content-type': 'text/csv', ...headers } })
  const levels = (...rows: string[]): string =>
    ['sku,warehouse_id,on_hand,counted,safety_stock,reorder_point,order_up_to', ...rows].join('\r\n')
  const errorsOf = ({ problem }: Reply): [number, string | undefined][] =>
    (problem['row_errors'] as RowError[]).map(({ line, column }) => [line, column])
  const level = async (sku: string) =>
    (await send('GET', `/stock/main/${sku}`)).body as Record<string, number | undefined>

  it('are tried first, then taken, and change nothing the second time', async () => {
    const file = levels('CSV-1,main,0,12,2,5,30', 'CSV-2,main,,,,7,', 'CSV-3,main,,,,,')

    const tried = await bring('/stock/import?dry_run=true', file)
    assert.deepEqual([tried.status, tried.body], [200, { dry_run: true, rows: 3, changed: 2 }])
    assert.equal((await level('CSV-1'))['on_hand'], 0)

    const headers = { 'idempotency-key': 'levels-once' }
    const taken = await bring('/stock/import', file, headers)
    const again = await bring('/stock/import', file, headers)
    assert.deepEqual([taken.status, taken.body], [200, { dry_run: false, rows: 3, changed: 2 }])
    assert.equal(again.text, taken.text)
    const later = await bring('/stock/import', file)
    assert.deepEqual(later.body, { dry_run: false, rows: 3, changed: 0 })
    const { on_hand, safety_stock, reorder_point, order_up_to } = await level('CSV-1')
    assert.deepEqual([on_hand, safety_stock, reorder_point, order_up_to], [12, 2, 5, 30])
    assert.equal((await level('CSV-2'))['reorder_point'], 7)

    const exported = await send('GET', '/stock/export')
    assert.match(String(exported.headers['content-type']), /^text\/csv/)
    assert.ok(exported.text.includes('CSV-1,main,12,,0,0,2,5,30,true'), exported.text)
    const back = await bring('/stock/import', exported.text)
    assert.deepEqual(back.body, { dry_run: false, rows: 3, changed: 0 })
  })

  it('are refused as a whole, each error by its line and column', async () => {
    const before = await level('CSV-2')
    const answer = await bring(
      '/stock/import',
      levels(
        'CSV-2,main,,9,,,',
        'NOBODY,main,,1,,,',
        'CSV-2,atlantis,,1,,,',
        'CSV-3,main,,-4,many,,',
        'CSV-3,main,5,4,,,',
        'CSV-1,main,,,,40,10',
        'CSV-1,main,,',
        ',main,,,,,',
      ),
    )
    assert.deepEqual([answer.status, answer.problem.code], [422, 'file.refused'])
    assert.deepEqual(errorsOf(answer), [
      [3, 'sku'],
      [4, 'warehouse_id'],
      [5, 'counted'],
      [5, 'safety_stock'],
      [8, undefined],
      [9, 'sku'],
    ])
    assert.deepEqual(await level('CSV-2'), before)

    const stale = await bring(
      '/stock/import',
      levels('CSV-2,main,,9,,,', 'CSV-1,main,11,4,,40,10', 'CSV-2,main,,1,,,'),
    )
    assert.deepEqual(errorsOf(stale), [[4, 'sku']])
    const books = await bring('/stock/import', levels('CSV-2,main,,9,,,', 'CSV-1,main,11,4,,40,10'))
    assert.deepEqual(errorsOf(books), [
      [3, 'on_hand'],
      [3, 'order_up_to'],
    ])
    assert.deepEqual(await level('CSV-2'), before)
  })

  it('never take what is promised to an order away', async () => {
    const { reserveStock } = activitiesOf.inventory({ db: api.databases.inventory })
    const lines = [{ lineId: 'line_1' as OrderLineId, sku: asSku('CSV-1'), quantity: 5 }]
    await reserveStock({ orderId: anOrderId(), lines, deadline: '2046-01-01T00:00:00.000Z' })

    const answer = await bring('/stock/import', levels('CSV-1,main,12,4,,,'))

    assert.deepEqual(errorsOf(answer), [[2, 'counted']])
    assert.equal((await level('CSV-1'))['on_hand'], 12)
  })

  it('are told what is no such file', async () => {
    const files = ['', 'sku;warehouse_id\nCSV-1;main', 'sku,units\nCSV-1,3', 'PK\u0003\u0004']
    for (const file of files) {
      const answer = await bring('/stock/import', file)
      assert.ok(['file.unreadable', 'request.invalid'].includes(answer.problem.code), answer.text)
    }
    const json = await send('POST', '/stock/import', { body: {} })
    assert.deepEqual([json.status, json.problem.code], [415, 'request.unsupported_media_type'])
  })

  it('bring suppliers and their prices, made or changed by their names', async () => {
    const head = 'supplier,email,currency,supplier_lead_time_days,sku,unit_cost,pack_size,minimum_quantity'
    const file = [
      head,
      'Furrow,orders@furrow.example,EUR,9,CSV-1,4.50,6,12',
      'Furrow,orders@furrow.example,EUR,9,CSV-2,0.99,,',
      'Tokyo,t@tokyo.example,JPY,21,CSV-1,700,10,10',
    ].join('\n')

    const tried = await bring('/suppliers/import?dry_run=true', file)
    assert.deepEqual(tried.body, { dry_run: true, rows: 3, changed: 3 })
    assert.deepEqual(((await send('GET', '/suppliers')).body as { data: unknown[] }).data, [])

    assert.equal((await bring('/suppliers/import', file)).status, 200)
    const exported = await send('GET', '/suppliers/export')
    assert.ok(
      exported.text.includes('Furrow,orders@furrow.example,EUR,9,true,CSV-1,,4.50,6,12,,100'),
      exported.text,
    )
    assert.ok(exported.text.includes('Tokyo,t@tokyo.example,JPY,21,true,CSV-1,,700,10,10,,100'))
    assert.deepEqual((await bring('/suppliers/import', exported.text)).body, {
      dry_run: false,
      rows: 3,
      changed: 0,
    })

    const broken = await bring(
      '/suppliers/import',
      [
        head,
        'Furrow,orders@furrow.example,EUR,9,CSV-1,5.00,6,12',
        'Furrow,other@furrow.example,EUR,9,CSV-2,1.001,0,',
        'Furrow,no address,USD,9,NOBODY,,,',
        'Tokyo,t@tokyo.example,JPY,21,CSV-2,7.5,,',
      ].join('\n'),
    )
    assert.deepEqual([broken.status, broken.problem.code], [422, 'file.refused'])
    assert.deepEqual(errorsOf(broken), [
      [3, 'unit_cost'],
      [3, 'pack_size'],
      [4, 'email'],
      [4, 'unit_cost'],
      [5, 'unit_cost'],
    ])
    const quarrel = await bring(
      '/suppliers/import',
      [
        head,
        'Furrow,orders@furrow.example,EUR,9,CSV-1,5.00,6,12',
        'furrow,other@furrow.example,EUR,9,CSV-2,1.00,,',
        'Tokyo,t@tokyo.example,EUR,21,NOBODY,7.50,,',
      ].join('\n'),
    )
    assert.deepEqual(errorsOf(quarrel), [
      [3, 'email'],
      [4, 'sku'],
    ])
    assert.ok((await send('GET', '/suppliers/export')).text.includes('CSV-1,,4.50,6,12'))
  })
})
