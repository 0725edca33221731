import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { seedCatalog } from '../../dev/seed.ts'
import { generatedProducts } from '../../dev/generated/catalog.ts'
import type { ProductId } from '../../domain/ids.ts'
import type { SearchDocument, SearchEngine, SearchQuery } from '../../domain/search.ts'
import { rows } from '../../store/db.ts'
import type { Databases, Db } from '../../store/db.ts'
import { createPostgresSearch } from '../../store/search.ts'
import { allDocuments } from '../../store/search/documents.ts'
import { openStore } from '../support/stores.ts'

/** What customers of the sample shop type, and what they mean. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  'hand-trowel': ['hand trowel', 'trowl', 'trowel'],
  secateurs: ['secateurs', 'secaturs', 'secateur'],
  'watering-can': ['watering can', 'wattering can', 'watering'],
  'garden-gloves': ['goatskin gloves', 'gloves', 'goatskin'],
  'seed-box': ['seed box', 'seed'],
  'carving-axe': ['carving axe', 'axe', 'carvin axe'],
  'spoon-knife-set': ['spoon carving set', 'spoon carving'],
  'tool-roll': ['waxed tool roll', 'tool roll'],
  'bird-house': ['nest box', 'nest box for tits', 'tits'],
  'forest-honey': ['honey', 'forest honey', 'forrest honey'],
  'coffee-beans': ['basecamp coffee', 'basecmap coffee', 'basecamp'],
  'oat-biscuits': ['oat biscuits', 'biscuits', 'biscutis'],
  'spice-tins': ['camp spices', 'spices', 'six camp spices'],
  'iron-pan': ['iron pan', 'forged pan', 'forged iron'],
  'chef-knife': ['chefs knife', 'chef’s knife', "chef's knife 21"],
  'bread-knife': ['bread knife', 'bread knifes', 'knife bread'],
  'cutting-board': ['end-grain board', 'end grain', 'endgrain board'],
  'coffee-grinder': ['coffee grinder', 'coffe grinder', 'grinder', 'hand grinder'],
  'pour-over-set': ['pour-over', 'pour over set', 'pourover'],
  'stoneware-bowl': ['stoneware bowl', 'stonware', 'bowl'],
  'linen-tea-towels': ['tea towels', 'linen towels', 'towels'],
  'salt-cellar': ['salt cellar', 'salt', 'cellar'],
  'wool-blanket': ['shetland blanket', 'wool blanket', 'blanket', 'blankte'],
  'linen-bedding': ['linen bedding', 'beding linen', 'bedding'],
  sheepskin: ['sheepskin', 'sheep skin', 'sheepskni'],
  'reading-lamp': ['reading lamp', 'crane lamp', 'readng lamp'],
  'storm-lantern': ['storm lantern', 'lantern', 'lantren'],
  'beeswax-candles': ['beeswax candles', 'candles', 'candels', 'beeswax'],
  'coat-hooks': ['coat hooks', 'oak hooks', 'hooks'],
  'wall-clock': ['station clock', 'clock', 'statoin clock'],
  'fogbank-rain-jacket': ['rain jacket', 'jacket', 'fogbank', 'rain jaket'],
  'tarn-fleece': ['fleece', 'tarn fleece', 'fleec'],
  'lapwing-down-vest': ['down vest', 'lapwing', 'lapwing vest'],
  'merino-base-layer': ['merino', 'base layer', 'mernio base'],
  'ridge-trousers': ['trousers', 'ridge trousers', 'trosers'],
  'trail-socks': ['trail socks', 'socks'],
  'watch-cap': ['watch cap', 'cap watch'],
  'wander-daypack': ['daypack', 'wander daypack', 'day pack', 'dayapck'],
  'long-haul-pack': ['long haul', 'long haul pack', 'haul 55'],
  'dry-sack-set': ['dry sacks', 'dry sack'],
  'harbour-tote': ['tote', 'harbour tote', 'habour tote'],
  'dome-tent-2': ['tent for two', 'skylark two'],
  'dome-tent-4': ['tent for four', 'skylark tent four'],
  'down-sleeping-bag': ['sleeping bag', 'slepping bag', 'marten'],
  'sleeping-mat': ['sleeping mat', 'feather mat'],
  'camp-stove': ['gas stove', 'stove', 'ember stove'],
  'titanium-pot': ['titanium pot', 'titanum pot', 'titanium'],
  'enamel-mug': ['enamel mug', 'mug', 'enamle'],
  'folding-chair': ['folding chair', 'foldng chair', 'chair'],
  hammock: ['hammock', 'hamock', 'two trees'],
  'head-torch': ['head torch', 'torch', 'headtorch'],
  'trekking-poles': ['trekking poles', 'treking poles', 'poles'],
  'thermos-flask': ['flask', 'night shift', 'night shift flask'],
  'water-filter': ['water filter', 'brook filter', 'filter'],
  compass: ['compass', 'compas', 'meridian'],
  'pocket-knife': ['pocket knife', 'orchard knife', 'poket knife'],
  'first-aid-kit': ['first aid', 'first aid kit', 'aid kit trail'],
  binoculars: ['binoculars', 'binoclars', 'kestrel'],
  'repair-kit': ['repair kit', 'repiar kit'],
  'tick-tool': ['tick tweezers', 'tweezers', 'tweezer'],
  'guide-alps': ['hut to hut', 'forty walks alps', 'alps'],
}
const queries = Object.entries(wanted).flatMap(([slug, texts]) => texts.map((text) => ({ slug, text })))

const plain: Omit<SearchQuery, 'text'> = {
  ...{ filters: {}, currency: 'EUR', sort: 'relevance', facets: [], offset: 0, limit: 10 },
}
let close: () => Promise<void>
let db: Db
let engine: SearchEngine

before(async () => {
  const store = await openStore()
  ;({ close, db } = store)
  const databases: Pick<Databases, 'catalog' | 'inventory'> = { catalog: db, inventory: db }
  await seedCatalog(databases)
  engine = createPostgresSearch(db)
  await engine.rebuild(allDocuments(db))
})
after(() => close())

describe('the sample shop', () => {
  it('finds what its customers mean', async (t) => {
    assert.ok(queries.length >= 100, `${queries.length} queries`)
    const known = await rows<{ id: string; slug: string }>(db, `select id, slug from catalog.products`)
    const slugs = new Map(known.map(({ id, slug }) => [id, slug]))
    const misses: string[] = []
    let first = 0
    for (const { slug, text } of queries) {
      const { hits } = await engine.search({ ...plain, text })
      const place = hits.findIndex(({ id }) => slugs.get(id) === slug)
      if (place === 0) first += 1
      else if (place > 0 && place < 3) t.diagnostic(`${text}: at place ${place + 1}`)
      else misses.push(`${text}: ${slug} ${place < 0 ? 'is not found' : `at place ${place + 1}`}`)
    }
    t.diagnostic(`first for ${first} of ${queries.length}`)
    assert.deepEqual(misses, [], 'among the first three for every query')
    assert.ok(first >= queries.length * 0.9, `first for ${first} of ${queries.length}`)
  })

  it('finds no draft and nothing that was archived', async () => {
    const [some] = await rows<{ id: ProductId; title: string }>(
      db,
      `update catalog.products set status = 'draft' where slug = 'compass' returning id, title`,
    )
    assert.ok(some)
    await engine.rebuild(allDocuments(db))
    await new Promise((resolve) => setTimeout(resolve, 300))
    const { hits } = await engine.search({ ...plain, text: some.title, limit: 100 })
    assert.ok(!hits.some(({ id }) => id === some.id))
    for await (const page of engine.stamps()) assert.ok(!page.some(({ id }) => id === some.id))
  })
})

describe('any catalog', () => {
  const generated: SearchDocument[] = [...generatedProducts({ count: 1_000 })].map((product, number) => ({
    id: `prod_${number}` as ProductId,
    stamp: String(number),
    title: product.title,
    brand: { slug: product.brand.toLowerCase(), name: product.brand },
    categories: product.path.map((name) => ({ slug: name.toLowerCase().replaceAll(' ', '-'), name })),
    codes: product.variants.map(({ sku }) => sku),
    type: product.type,
    tags: product.tags,
    choices: product.variants.flatMap(({ choices }) => choices),
    description: product.html.replace(/<[^>]+>/g, ' '),
    prices: { EUR: product.variants[0]?.priceMinor ?? 0 },
    available: true,
    createdAt: new Date(1_700_000_000_000 + number * 1_000).toISOString(),
  }))
  const some = fc.constantFrom(...generated)

  before(async () => {
    await engine.rebuild(
      (async function* () {
        yield generated
      })(),
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
  })

  const titles = async (text: string): Promise<string[]> => {
    const { hits } = await engine.search({ ...plain, text, limit: 50 })
    return hits.map(({ id }) => generated[Number(id.slice('prod_'.length))]?.title ?? '')
  }

  it('finds a product by its exact name, first', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ title }) => {
        assert.equal((await titles(title))[0], title)
      }),
      { numRuns: 100 },
    )
  })

  it('is not kept from it by one typo in a long word: a letter wrong, missing, too many, or swapped', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    const typo = fc.record({ at: fc.nat(), letter: fc.constantFrom(...letters), kind: fc.nat(3) })
    await fc.assert(
      fc.asyncProperty(some, typo, async ({ title }, { at, letter, kind }) => {
        const words = title.split(' ')
        const long = words.findIndex((word) => word.length >= 6)
        const word = words[long]
        if (word === undefined) return
        // The first letter is never wrong: Meilisearch counts that as two typos.
        const place = 1 + (at % (word.length - 2))
        const [head, tail] = [word.slice(0, place), word.slice(place)]
        const mistyped =
          [
            `${head}${letter}${tail.slice(1)}`,
            `${head}${tail.slice(1)}`,
            `${head}${letter}${tail}`,
            `${head}${tail.charAt(1)}${tail.charAt(0)}${tail.slice(2)}`,
          ][kind] ?? word
        const text = words.map((each, index) => (index === long ? mistyped : each)).join(' ')
        assert.ok((await titles(text)).includes(title), `${text} does not find ${title}`)
      }),
      { numRuns: 150 },
    )
  })

  it('answers whatever is typed', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.string({ unit: 'grapheme', maxLength: 100 }),
    )
    await fc.assert(
      fc.asyncProperty(text, async (typed) => {
        const { hits, total } = await engine.search({ ...plain, text: typed })
        assert.ok(hits.length <= 10 && total >= hits.length)
      }),
      { numRuns: 150 },
    )
  })
})
