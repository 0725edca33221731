import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { aProduct, openApi } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'
import { createPostgresSearch } from '../../store/search.ts'
import { allDocuments } from '../../store/search/documents.ts'

let api: TestApi

before(async () => {
  api = await openApi()
  await aProduct(api.databases, { sku: 'LAMP-1', title: 'Desk lamp' })
  await createPostgresSearch(api.databases.catalog).rebuild(allDocuments(api.databases.catalog))
})
after(() => api.close())

/** Half of a surrogate pair cannot stand in an address. */
const wellFormed = (value: string): string => Buffer.from(value).toString()
const text = (value: string): string => encodeURIComponent(value)
const cursor = (value: string): string => Buffer.from(value).toString('base64url')

/** What is refused, and the parameter that the answer names. */
const refused: Readonly<Record<string, [query: string, pointer: string]>> = {
  'an unknown filter': ['colour=red', '#/colour'],
  'a misspelt one': ['catgory=lamps', '#/catgory'],
  'a page that is huge': ['limit=100000', '#/limit'],
  'a page of nothing': ['limit=0', '#/limit'],
  'a page below nothing': ['limit=-1', '#/limit'],
  'a page that is no number': ['limit=many', '#/limit'],
  'a page of a fraction': ['limit=1.5', '#/limit'],
  'a cursor that is none': ['cursor=%00%ff', '#/cursor'],
  'a cursor of another list': [`cursor=${cursor('prod_01h455vb4pex5vsknk084sn02q')}`, '#/cursor'],
  'a cursor with SQL in it': [`cursor=${cursor('1; drop table catalog.products')}`, '#/cursor'],
  'a cursor before the beginning': [`cursor=${cursor('-20')}`, '#/cursor'],
  'a cursor beyond what anybody looks at': [`cursor=${cursor('10000')}`, '#/cursor'],
  'a cursor that is larger than a number': [`cursor=${cursor('9'.repeat(30))}`, '#/cursor'],
  'a sort that there is not': ['sort=price', '#/sort'],
  'a facet that there is not': ['facets=category,colour', '#/facets'],
  'a currency that there is not': ['currency=XXX', '#/currency'],
  'a price that is none': ['price_min=cheap', '#/price_min'],
  'a price below nothing': ['price_min=-1', '#/price_min'],
  'prices the wrong way round': ['price_min=200&price_max=100', '#/price_min'],
  'neither available nor not': ['available=maybe', '#/available'],
  'SQL in place of a category': [`category=${text("lamps' or '1'='1")}`, '#/category'],
  'a zero byte in a filter': ['brand=lumo%00', '#/brand'],
  'a tag with a line break': [`tag=${text('a\nb')}`, '#/tag'],
  'a query of 10,000 characters': [`q=${'lamp '.repeat(2_000)}`, '#/q'],
  'a query given twice': ['q=lamp&q=desk', '#/q'],
}

describe('a search that cannot be meant', () => {
  for (const [name, [query, pointer]] of Object.entries(refused)) {
    it(`is refused, and told why: ${name}`, async () => {
      const reply = await api.ask({ url: `/v1/store/search?${query}` })
      assert.equal(reply.status, 400, reply.text)
      const { errors } = reply.problem as unknown as { errors: { pointer: string }[] }
      assert.ok(
        errors.some((error) => error.pointer === pointer),
        reply.text,
      )
    })
  }
})

const odd: readonly string[] = [
  "'; drop table catalog.products; --",
  '" or 1=1 --',
  '%_%\\',
  '<script>alert(1)</script>',
  '&lt;b&gt; &amp;',
  '😀👩‍👩‍👧‍👦🇩🇪',
  'lamp 😀 desk',
  '\u0000lamp\u0000',
  '\ud800',
  'e\u0301'.repeat(100),
  '\u202elamp\u202c',
  '日本語ランプ',
  'مصباح',
  '"""""',
  '-',
  '- - -',
  '-lamp',
  '"desk lamp',
  'a'.repeat(500),
  'a b c d e f g h i j k l m n o p q r s t u v w x y z',
  '( ) [ ] { } * + ? . ^ $ | /',
  '   ',
]

describe('a search for anything', () => {
  for (const typed of odd) {
    it(`has a sane answer: ${JSON.stringify(typed.slice(0, 40))}`, async () => {
      const reply = await api.ask({ url: `/v1/store/search?q=${text(wellFormed(typed))}&facets=category` })
      assert.equal(reply.status, 200, reply.text)
      const { data } = reply.body as { data: { highlight: { title: string } }[] }
      for (const { highlight } of data) assert.doesNotMatch(highlight.title, /<(?!\/?em>)/)
    })
  }

  it('leaves the catalog as it was', async () => {
    const reply = await api.ask({ url: '/v1/store/search?q=lamp' })
    assert.equal((reply.body as { total: number }).total, 1)
  })
})
