import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { rows } from '../../store/db.ts'
import { aKey, openApi } from '../support/api.ts'
import type { Ask, Reply, TestApi } from '../support/api.ts'

let api: TestApi
let keeper: Readonly<Record<string, string>>

before(async () => {
  api = await openApi()
  keeper = { authorization: `Bearer ${await aKey(api.databases, ['*'])}` }
})
after(() => api.close())

const asKeeper = (ask: Ask): Promise<Reply> => api.ask({ ...ask, headers: { ...keeper, ...ask.headers } })
const anyVersion = { 'if-match': '*' }

async function aCategory(name: string, parent: string | null = null): Promise<string> {
  const reply = await asKeeper({ method: 'POST', url: '/v1/admin/categories', body: { name, parent } })
  assert.equal(reply.status, 201, reply.text)
  return (reply.body as { slug: string }).slug
}

const move = (slug: string, parent: string | null, position?: number): Promise<Reply> =>
  asKeeper({
    method: 'POST',
    url: `/v1/admin/categories/${encodeURIComponent(slug)}/move`,
    headers: anyVersion,
    body: { parent, ...(position !== undefined && { position }) },
  })

interface Tree {
  slug: string
  name: string
  products: number
  children: Tree[]
}
const names = (tree: Tree[]): unknown[] =>
  tree.map(({ slug, children }) => (children.length === 0 ? slug : [slug, names(children)]))

async function forest(): Promise<Tree[]> {
  // The tree that customers see may be a second old.
  const categories = await rows<{ slug: string; name: string; parent: string | null }>(
    api.databases.catalog,
    'select slug, name, parent_slug as parent from catalog.categories order by position, slug',
  )
  const below = (parent: string | null): Tree[] =>
    categories
      .filter((each) => each.parent === parent)
      .map(({ slug, name }) => ({ slug, name, products: 0, children: below(slug) }))
  return below(null)
}

describe('categories', () => {
  it('hang where they are hung, in their order', async () => {
    const home = await aCategory('Home & Living')
    assert.equal(home, 'home-and-living')
    for (const name of ['Lamps', 'Chairs', 'Déco']) await aCategory(name, home)
    assert.deepEqual(names(await forest()), [[home, ['lamps', 'chairs', 'deco']]])
    await move('deco', home, 0)
    assert.deepEqual(names(await forest()), [[home, ['deco', 'lamps', 'chairs']]])
    await move('chairs', 'lamps')
    assert.deepEqual(names(await forest()), [[home, ['deco', ['lamps', ['chairs']]]]])
  })

  it('never lie below themselves', async () => {
    for (const parent of ['lamps', 'chairs']) {
      const refused = await move('lamps', parent)
      assert.equal(refused.problem.code, 'category.below_itself')
    }
    assert.equal((await move('lamps', 'nowhere')).problem.code, 'category.unknown')
    // Nor does the database let them, whoever writes into it.
    await assert.rejects(
      rows(
        api.databases.catalog,
        `update catalog.categories set parent_slug = 'chairs' where slug = 'home-and-living'`,
      ),
      { constraint: 'a_category_is_never_below_itself' },
    )
  })

  it('make no circle when two are hung below each other at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, other] = [await aCategory(`One ${round}`), await aCategory(`Other ${round}`)]
      const replies = await Promise.all([move(one, other), move(other, one)])
      assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409])
    }
  })

  it('stay a tree whatever is moved where', async () => {
    const slugs = await Promise.all(['A', 'B', 'C', 'D', 'E'].map((name) => aCategory(`Leaf ${name}`)))
    const place = fc.record({
      slug: fc.constantFrom(...slugs),
      parent: fc.option(fc.constantFrom(...slugs)),
      position: fc.option(fc.nat(7), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 8 }), async (moves) => {
        for (const { slug, parent, position } of moves) await move(slug, parent, position)
        const reached = JSON.stringify(await forest())
        for (const slug of slugs) assert.ok(reached.includes(`"${slug}"`), slug)
      }),
      { numRuns: 15 },
    )
  })

  it('are not hung deeper than anybody looks', async () => {
    let parent: string | null = null
    for (let depth = 1; depth <= 10; depth += 1) parent = await aCategory(`Depth ${depth}`, parent)
    const tooDeep = await asKeeper({
      method: 'POST',
      url: '/v1/admin/categories',
      body: { name: 'Depth 11', parent },
    })
    assert.equal(tooDeep.problem.code, 'category.too_deep')
    assert.equal((await move('home-and-living', 'depth-9')).problem.code, 'category.too_deep')
  })

  it('take their products along when they are renamed, and their old address leads on', async () => {
    const { catalog } = api.databases
    await catalog('catalog.products').insert({
      ...{ id: 'prod_1', slug: 'x', title: 'X', description: '', status: 'published' },
      category_slug: 'lamps',
    })
    const renamed = await asKeeper({
      method: 'PATCH',
      url: '/v1/admin/categories/lamps',
      headers: anyVersion,
      body: { name: 'Lights', slug: 'lights' },
    })
    assert.equal(renamed.status, 200, renamed.text)
    const listed = await api.ask({ url: '/v1/store/products?category=home-and-living' })
    assert.deepEqual(
      (listed.body as { data: { category: string }[] }).data.map(({ category }) => category),
      ['lights'],
    )
    const old = await api.ask({ url: '/v1/store/categories/lamps' })
    assert.deepEqual([old.status, old.headers.location], [301, '/v1/store/categories/lights'])
    const present = await api.ask({ url: '/v1/store/categories/lights' })
    assert.deepEqual(present.body, {
      slug: 'lights',
      name: 'Lights',
      path: [
        { slug: 'home-and-living', name: 'Home & Living' },
        { slug: 'lights', name: 'Lights' },
      ],
      children: [{ slug: 'chairs', name: 'Chairs' }],
    })
  })

  it('are shown with how many products are for sale in and below them', async () => {
    const { body } = await api.ask({ url: '/v1/store/categories' })
    const home = (body as { data: Tree[] }).data.find(({ slug }) => slug === 'home-and-living')
    assert.equal(home?.products, 1)
  })

  it('stay as long as something is in them', async () => {
    const remove = (slug: string) =>
      asKeeper({ method: 'DELETE', url: `/v1/admin/categories/${slug}`, headers: anyVersion })
    assert.equal((await remove('lights')).problem.code, 'category.in_use')
    assert.equal((await remove('deco')).status, 204)
    assert.equal((await remove('deco')).status, 404)
  })

  it('have names that tell siblings apart, and versions', async () => {
    const twin = await asKeeper({
      method: 'POST',
      url: '/v1/admin/categories',
      body: { name: 'LIGHTS', slug: 'other-lights', parent: 'home-and-living' },
    })
    assert.equal(twin.problem.code, 'category.taken')
    const slug = await asKeeper({ method: 'POST', url: '/v1/admin/categories', body: { name: 'Lights' } })
    assert.equal(slug.problem.code, 'category.taken')
    const nameless = await asKeeper({ method: 'POST', url: '/v1/admin/categories', body: { name: '!!!' } })
    assert.equal(nameless.status, 400)
    const stale = await asKeeper({
      method: 'PATCH',
      url: '/v1/admin/categories/lights',
      headers: { 'if-match': '"1"' },
      body: { name: 'Lamps' },
    })
    assert.equal(stale.status, 412)
  })
})

describe('brands', () => {
  const url = '/v1/admin/brands'

  it('are made, renamed with their products, and removed when nobody has them', async () => {
    const made = await asKeeper({ method: 'POST', url, body: { name: 'Barista & Co' } })
    assert.deepEqual(made.body, { slug: 'barista-and-co', name: 'Barista & Co', version: 1 })
    assert.equal((await asKeeper({ method: 'POST', url, body: { name: 'BARISTA & CO' } })).status, 409)
    await api.databases
      .catalog('catalog.products')
      .where({ id: 'prod_1' })
      .update({ brand_slug: 'barista-and-co' })
    const change = { method: 'PATCH', url: `${url}/barista-and-co`, headers: { 'if-match': '"1"' } } as const
    assert.equal((await asKeeper({ ...change, body: { name: 'Barista', slug: 'barista' } })).status, 200)
    const shown = await api.ask({ url: '/v1/store/products/x' })
    assert.equal((shown.body as { brand: string }).brand, 'Barista')

    const remove = { method: 'DELETE', url: `${url}/barista`, headers: anyVersion } as const
    assert.equal((await asKeeper(remove)).problem.code, 'brand.in_use')
    await api.databases.catalog('catalog.products').where({ id: 'prod_1' }).update({ brand_slug: null })
    assert.equal((await asKeeper(remove)).status, 204)
  })

  it('are listed in the order of their slugs', async () => {
    for (const name of ['Zeta', 'Äther']) await asKeeper({ method: 'POST', url, body: { name } })
    const { body } = await api.ask({ url: '/v1/store/brands?limit=1' })
    const first = body as { data: { slug: string }[]; page: { next_cursor: string } }
    assert.equal(first.data[0]?.slug, 'ather')
    const next = await api.ask({ url: `/v1/store/brands?cursor=${first.page.next_cursor}` })
    assert.deepEqual(
      (next.body as typeof first).data.map(({ slug }) => slug),
      ['zeta'],
    )
    assert.equal((await api.ask({ url: '/v1/store/brands?cursor=broken' })).status, 400)
  })
})
