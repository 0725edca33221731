import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { rows } from '../../store/db.ts'
import { aKey, openApi } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'
import { broken } from '../support/broken-product-files.ts'
import { aProductFile } from '../support/product-csv.ts'
import { settler } from '../support/settle.ts'

let api: TestApi
let keeper: Readonly<Record<string, string>>

before(async () => {
  api = await openApi()
  keeper = { authorization: `Bearer ${await aKey(api.databases, ['catalog:read', 'catalog:write'])}` }
  await api.databases.inventory('inventory.warehouses').insert([
    { id: 'berlin', name: 'Berlin', address: '{}', rank: 1 },
    { id: 'lyon', name: 'Lyon', address: '{}', rank: 2 },
  ])
})
after(() => api.close())

type News = { type: string } & Record<string, unknown>

async function send(
  file: string | Buffer,
  query = '',
): Promise<{ status: number; text: string; news: News[] }> {
  const reply = await api.app.inject({
    method: 'POST',
    url: `/v1/admin/products/import?${query}`,
    headers: { ...keeper, 'content-type': 'text/csv' },
    payload: file,
  })
  const lines = reply.statusCode === 200 ? reply.payload.trim().split('\n') : []
  return {
    status: reply.statusCode,
    text: reply.payload,
    news: lines.map((line) => JSON.parse(line) as News),
  }
}

/** Imports what is no file to refuse, and answers the last line, with what was wrong. */
async function imported(file: string | Buffer, query = ''): Promise<{ done: News; errors: News[] }> {
  const { status, text, news } = await send(file, query)
  assert.equal(status, 200, text)
  const done = news.at(-1)
  assert.ok(done?.type === 'done', text)
  return { done, errors: news.filter(({ type }) => type === 'error') }
}

const countsOf = ({ created, changed, unchanged, refused, errors }: News) => ({
  ...{ created, changed, unchanged, refused, errors },
})

async function exported(): Promise<string> {
  const reply = await api.app.inject({ url: '/v1/admin/products/export', headers: keeper })
  assert.equal(reply.statusCode, 200, reply.payload)
  assert.match(String(reply.headers['content-type']), /^text\/csv/)
  return reply.payload
}

interface AdminProduct {
  slug: string
  title: string
  status: string
  brand?: string
  category?: string
  description: string
  description_html?: string
  options: string[]
  tags: string[]
  images: { url: string; alt: string }[]
  variants: { sku: string; choices: string[]; grams: number; prices: object[]; barcode?: string }[]
}

async function product(slug: string): Promise<AdminProduct> {
  const [found] = await rows<{ id: string }>(
    api.databases.catalog,
    `select id from catalog.products where slug = :slug`,
    { slug },
  )
  const reply = await api.ask({ url: `/v1/admin/products/${found?.id ?? 'none'}`, headers: keeper })
  assert.equal(reply.status, 200, reply.text)
  return reply.body as AdminProduct
}

const header =
  'Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,' +
  'Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Image Alt Text,Status'

const shirt = [
  'shirt,Linen shirt,"<p>Light,\r\n""breathing"".</p><script>alert(1)</script>",Norrland,Clothing > Shirts,Shirt,"linen, Summer",' +
    'TRUE,Size,S,SHIRT-S,210,3,49.90,59.90,https://cdn.example/1.jpg,Front,active',
  'shirt,,,,,,,,,M,SHIRT-M,220.0,4,49.90,,https://cdn.example/2.jpg,Back,',
  'shirt,,,,,,,,,,,,,,,https://cdn.example/3.jpg,,',
]
const mug = 'mug,Mug,Plain & simple,,,,,TRUE,Title,Default Title,MUG-1,300,,9,0.00,,,active'

describe('a product file', () => {
  it('is imported: several rows for a handle, pictures, brand, categories, clean HTML, line breaks of Windows in quotes', async () => {
    const { done, errors } = await imported(`\ufeff${[header, ...shirt, mug].join('\r\n')}\r\n`)
    assert.deepEqual(errors, [])
    assert.deepEqual(countsOf(done), { created: 2, changed: 0, unchanged: 0, refused: 0, errors: 0 })
    const { variants, ...rest } = await product('shirt')
    assert.deepEqual(rest.description_html, '<p>Light,\n"breathing".</p>')
    assert.equal(rest.description, 'Light,\n"breathing".')
    assert.deepEqual([rest.brand, rest.category, rest.status], ['norrland', 'shirts', 'published'])
    assert.deepEqual([rest.options, rest.tags], [['Size'], ['Summer', 'linen']])
    assert.deepEqual(
      rest.images.map(({ url, alt }) => [url, alt]),
      [
        ['https://cdn.example/1.jpg', 'Front'],
        ['https://cdn.example/2.jpg', 'Back'],
        ['https://cdn.example/3.jpg', ''],
      ],
    )
    assert.deepEqual(
      variants.map(({ sku, choices, grams, prices }) => ({ sku, choices, grams, prices })),
      [
        {
          sku: 'SHIRT-S',
          choices: ['S'],
          grams: 210,
          prices: [{ currency: 'EUR', amount: 4990, compare_at: 5990 }],
        },
        { sku: 'SHIRT-M', choices: ['M'], grams: 220, prices: [{ currency: 'EUR', amount: 4990 }] },
      ],
    )
    assert.deepEqual((await product('mug')).options, [])
    assert.equal((await product('mug')).description, 'Plain & simple')
  })

  it('brings its units to the inventory, once, in the warehouse that is preferred or named', async () => {
    const settle = settler(api.databases)
    await settle()
    const kept = async (sku: string): Promise<[string, number][]> => {
      const found = await rows<{ home: string; units: number }>(
        api.databases.inventory,
        `select warehouse_id as home, on_hand as units from inventory.stock_levels where sku = :sku`,
        { sku },
      )
      return found.map(({ home, units }) => [home, units])
    }
    assert.deepEqual(await kept('SHIRT-S'), [['berlin', 3]])
    assert.deepEqual(await kept('MUG-1'), [['berlin', 0]])
    const available = await api.databases.catalog('catalog.variants').where({ available: true }).pluck('sku')
    assert.deepEqual(available.sort(), ['SHIRT-M', 'SHIRT-S'])

    const { done } = await imported([header, ...shirt].join('\n').replaceAll(',3,49.90', ',99,49.90'))
    assert.equal(
      done['quantities_left'],
      2,
      'the stock of what is sold already is for the warehouse to count',
    )
    const lyon = await imported(
      `${header}\n${mug.replaceAll('mug', 'cup').replace('MUG-1,300,,', 'CUP-1,300,7,')}`,
      'warehouse=lyon',
    )
    assert.equal(lyon.done['created'], 1)
    await settle()
    assert.deepEqual(await kept('SHIRT-S'), [['berlin', 3]])
    assert.deepEqual(await kept('CUP-1'), [['lyon', 7]])
    assert.equal((await send(header, 'warehouse=nowhere')).status, 400)
  })

  it('changes nothing the second time', async () => {
    const { done } = await imported([header, ...shirt, mug].join('\n'))
    assert.deepEqual(countsOf(done), { created: 0, changed: 0, unchanged: 2, refused: 0, errors: 0 })
  })

  it('leaves alone what it has no column for, and variants that it does not name', async () => {
    const { done } = await imported('Handle,Variant SKU,Variant Price\nshirt,SHIRT-M,44.00')
    assert.deepEqual(countsOf(done), { created: 0, changed: 1, unchanged: 0, refused: 0, errors: 0 })
    const { title, variants, images } = await product('shirt')
    assert.deepEqual([title, variants.length, images.length], ['Linen shirt', 2, 3])
    assert.deepEqual(variants[1]?.prices, [{ currency: 'EUR', amount: 4400 }])
    await imported([header, ...shirt].join('\n'))
  })

  it('is only tried by a dry run, which tells the same', async () => {
    const before = await rows(api.databases.catalog, `select count(*) from catalog.changes`)
    const file = aProductFile({ count: 20, from: 500 })
    const dry = await imported(file, 'dry_run=true')
    assert.deepEqual(countsOf(dry.done), { created: 20, changed: 0, unchanged: 0, refused: 0, errors: 0 })
    assert.deepEqual(await rows(api.databases.catalog, `select count(*) from catalog.changes`), before)
  })

  it('tells row and column of what is wrong, and imports the rest; or stops, when told to', async () => {
    const bad = mug.replaceAll('mug', 'bad-mug').replace('MUG-1', 'BAD-1').replace(',9,', ',nine,')
    const good = mug.replaceAll('mug', 'good-mug').replace('MUG-1', 'GOOD-1')
    const stopped = await imported([header, bad, good].join('\n'), 'on_error=stop')
    assert.deepEqual([stopped.done['stopped'], stopped.done['created']], [true, 0])
    const { done, errors } = await imported([header, bad, good].join('\n'))
    assert.equal(done['created'], 1)
    const [first] = errors
    assert.deepEqual([first?.['line'], first?.['column'], first?.['handle']], [2, 'Variant Price', 'bad-mug'])
  })

  it('comes out again as it went in: an export imports, and changes nothing', async () => {
    await imported(aProductFile({ count: 25, from: 1_000 }))
    await settler(api.databases)()
    const file = await exported()
    const { done, errors } = await imported(file)
    assert.deepEqual(errors, [])
    assert.deepEqual([done['created'], done['changed'], done['refused']], [0, 0, 0])
    assert.ok(Number(done['unchanged']) > 25)
    assert.equal(await exported(), file)
    const elsewhere = await openApi()
    const key = {
      authorization: `Bearer ${await aKey(elsewhere.databases, ['*'])}`,
      'content-type': 'text/csv',
    }
    await elsewhere.databases.inventory('inventory.warehouses').insert({ id: 'a', name: 'A', address: '{}' })
    await elsewhere.app.inject({
      method: 'POST',
      url: '/v1/admin/products/import',
      headers: key,
      payload: file,
    })
    await settler(elsewhere.databases)()
    const again = await elsewhere.app.inject({ url: '/v1/admin/products/export', headers: key })
    await elsewhere.close()
    assert.deepEqual(again.payload.split('\n').sort(), file.split('\n').sort())
  })

  it('takes many batches of products, and the same file again changes nothing', async () => {
    const file = aProductFile({ count: 600, from: 100_000 })
    const { done, errors } = await imported(file)
    assert.deepEqual([errors.length, done['created']], [0, 600])
    assert.equal((await imported(file)).done['unchanged'], 600)
  })
})

describe('a broken file', () => {
  it('is one of at least 25', () => assert.ok(broken.length >= 25, `${broken.length}`))

  for (const { name, file, says } of broken) {
    it(`is answered clearly: ${name}`, async () => {
      const { status, text, news } = await send(file)
      assert.ok(status === 200 || status === 422, text)
      const told =
        status === 422
          ? text
          : news
              .filter(({ type }) => type !== 'started')
              .map((each) => JSON.stringify(each))
              .join('\n')
      assert.match(told, says)
      if (status === 200) assert.equal(news.at(-1)?.type, 'done', text)
    })
  }

  it('needs a key that may write, and is no JSON', async () => {
    const url = '/v1/admin/products/import'
    const payload = header
    assert.equal(
      (await api.app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'text/csv' } }))
        .statusCode,
      401,
    )
    const json = await api.ask({ method: 'POST', url, body: {}, headers: keeper })
    assert.ok(json.status >= 400 && json.status < 500, json.text)
  })
})
