import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { productChanges, same } from '../../domain/catalog/history.ts'
import { isSlug, longestSlug, slugOf, withoutAccents } from '../../domain/catalog/slugs.ts'
import { pathTo, treeOf, wouldCircle } from '../../domain/catalog/tree.ts'
import { reasonsNotToPublish, tidyTags } from '../../domain/catalog.ts'
import type { CatalogProduct, CatalogVariant } from '../../domain/catalog.ts'
import type { ProductId, Sku } from '../../domain/ids.ts'

const variant = (sku: string, changes: Partial<CatalogVariant> = {}): CatalogVariant => ({
  ...{ sku: sku as Sku, choices: [], barcode: null, grams: 100, size: null, taxClass: 'standard' },
  prices: [{ currency: 'EUR', amountMinor: 900, compareAtMinor: null }],
  imageUrl: null,
  ...changes,
})
const product = (changes: Partial<CatalogProduct> = {}): CatalogProduct => ({
  ...{ id: 'prod_1' as ProductId, slug: 'mug', title: 'Mug', description: '', descriptionHtml: null },
  ...{ brand: null, type: '', category: null, tags: [], status: 'draft', options: [], images: [] },
  variants: [variant('MUG')],
  version: 1,
  ...changes,
})

describe('a slug', () => {
  it('is what is left of a name in an address', () => {
    const cases = {
      'Café Crème Mug': 'cafe-creme-mug',
      '  Chef’s knife, 21 cm ': 'chefs-knife-21-cm',
      'Barista & Co': 'barista-and-co',
      Straße: 'strasse',
      'Łódź–Øre': 'lodz-ore',
      'がま口 財布': 'がま口-財布',
      Кофе: 'кофе',
      '🙂🙂': '',
    }
    for (const [name, slug] of Object.entries(cases)) assert.equal(slugOf(name), slug)
  })

  it('of any name is a slug or nothing, and a slug of itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (name) => {
        const slug = slugOf(name)
        assert.ok(slug === '' || isSlug(slug), slug)
        assert.equal(slugOf(slug), slug)
        assert.ok([...slug].length <= longestSlug)
      }),
    )
  })

  it('folds accents the same whichever way they are written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.equal(withoutAccents(text.normalize('NFD')), withoutAccents(text.normalize('NFC')))
      }),
    )
  })
})

describe('what changed', () => {
  it('is told by field, and by field of each variant', () => {
    const before = product({ variants: [variant('A'), variant('B')] })
    const after = product({ title: 'Cup', variants: [variant('B', { grams: 200 }), variant('C')] })
    assert.deepEqual(productChanges(before, after), {
      title: { from: 'Mug', to: 'Cup' },
      'variants.A': { from: variant('A'), to: null },
      'variants.B.grams': { from: 100, to: 200 },
      'variants.C': { from: null, to: variant('C') },
    })
  })

  it('is nothing when nothing did, whatever the order of names in it', () => {
    const shuffled = JSON.parse(
      '{"version":9,"variants":[{"imageUrl":null,"taxClass":"standard","size":null,"prices":[{"compareAtMinor":null,"amountMinor":900,' +
        '"currency":"EUR"}],"grams":100,"barcode":null,"choices":[],"sku":"MUG"}],"images":[],"options":[],"status":"draft","tags":[],' +
        '"category":null,"type":"","brand":null,"descriptionHtml":null,"description":"","title":"Mug","slug":"mug","id":"prod_1"}',
    ) as CatalogProduct
    assert.deepEqual(productChanges(product(), shuffled), {})
    assert.equal(same({ a: 1 }, { a: 1, b: undefined }), false)
    assert.equal(same([1, 2], [2, 1]), false)
  })

  it('is the order too, among the variants that stay', () => {
    const [one, other] = [variant('A'), variant('B')]
    const swapped = productChanges(product({ variants: [one, other] }), product({ variants: [other, one] }))
    assert.deepEqual(swapped, { variants: { from: ['A', 'B'], to: ['B', 'A'] } })
  })
})

describe('a tree of categories', () => {
  const slugs = ['a', 'b', 'c', 'd', 'e', 'f']
  const forest = fc
    .array(fc.option(fc.nat(slugs.length - 1)), { minLength: slugs.length, maxLength: slugs.length })
    .map((parents) =>
      slugs.map((slug, index) => {
        const parent = parents[index] ?? null
        return {
          slug,
          name: slug,
          version: 1,
          parent: parent !== null && parent < index ? (slugs[parent] ?? null) : null,
        }
      }),
    )

  it('has every category in it once', () => {
    fc.assert(
      fc.property(forest, (categories) => {
        const all = JSON.stringify(treeOf(categories))
        for (const { slug } of categories) assert.equal(all.split(`"slug":"${slug}"`).length, 2)
      }),
    )
  })

  it('knows which move would make a circle: exactly those to the category itself or below it', () => {
    fc.assert(
      fc.property(
        forest,
        fc.constantFrom(...slugs),
        fc.constantFrom(...slugs),
        (categories, slug, parent) => {
          const known = new Map(categories.map((each) => [each.slug, each]))
          const below = pathTo(known, parent).some((each) => each.slug === slug)
          assert.equal(wouldCircle(known, { slug, parent }), below)
          assert.equal(wouldCircle(known, { slug, parent: null }), false)
        },
      ),
    )
  })
})

describe('a product', () => {
  it('is for sale with a title, a variant, and a price for each', () => {
    assert.deepEqual(reasonsNotToPublish(product()), [])
    assert.equal(reasonsNotToPublish(product({ title: ' ', variants: [] })).length, 2)
    const many = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((sku) => variant(sku, { prices: [] }))
    assert.deepEqual(reasonsNotToPublish(product({ variants: many })), [
      'There is no price for A, B, C, D, E and 2 more.',
    ])
  })

  it('keeps each tag once, in the order of the alphabet', () => {
    assert.deepEqual(tidyTags([' b ', 'A', '', 'a', 'B']), ['A', 'b'])
  })
})
