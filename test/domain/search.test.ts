import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { marks } from '../../domain/search.ts'
import { cropped, highlighted } from '../../domain/search/highlight.ts'
import { meaningsOf, teachingsOf } from '../../domain/search/meanings.ts'
import { parseQuery } from '../../domain/search/query.ts'
import { Vocabulary } from '../../domain/search/vocabulary.ts'
import { codeOf, typosAllowed, wordsOf } from '../../domain/search/words.ts'

const knowing = (...words: string[]): Vocabulary => {
  const vocabulary = new Vocabulary()
  vocabulary.add(words)
  return vocabulary
}

/** The distance by the textbook (optimal string alignment), to compare with. */
function distance(one: string, other: string): number {
  const table = Array.from({ length: one.length + 1 }, (_, row) =>
    Array.from({ length: other.length + 1 }, (__, column) => (row === 0 ? column : column === 0 ? row : 0)),
  )
  const at = (row: number, column: number): number => table[row]?.[column] ?? Infinity
  for (let row = 1; row <= one.length; row += 1) {
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1]
      let cell = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (same ? 0 : 1),
      )
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        cell = Math.min(cell, at(row - 2, column - 2) + 1)
      }
      const line = table[row]
      if (line) line[column] = cell
    }
  }
  return at(one.length, other.length)
}

/** What `near` should find, by looking at every word. */
function nearByHand(
  words: readonly string[],
  typed: string,
  budget: 1 | 2,
  prefix: boolean,
): Map<string, number> {
  const found = new Map<string, number>()
  for (const word of words) {
    const ends = prefix ? Array.from({ length: word.length + 1 }, (_, end) => word.slice(0, end)) : [word]
    const best = Math.min(...ends.map((end) => distance(end, typed)))
    const cost = word[0] === typed[0] ? best : best + 1
    if (best > 0 && cost <= budget) found.set(word, cost)
  }
  return found
}

describe('the vocabulary', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 9 })

  it('finds exactly the words within so many typos, as looking at each of them would', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { maxLength: 60 }),
        word,
        fc.constantFrom(1, 2),
        fc.boolean(),
        (words, typed, typos, prefix) => {
          const found = knowing(...words).near(typed, { typos, prefix })
          assert.deepEqual(
            new Map(found.map((near) => [near.word, near.typos])),
            new Map(
              [...nearByHand(words, typed, typos, prefix)]
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([w, t]) => [w, t]),
            ),
          )
        },
      ),
      { numRuns: 400 },
    )
  })

  it('does so for words that come in any order and at any time', () => {
    fc.assert(
      fc.property(fc.array(fc.array(word)), word, (batches, typed) => {
        const vocabulary = new Vocabulary()
        for (const batch of batches) vocabulary.add(batch)
        const again = knowing(...batches.flat().reverse())
        const asked = { typos: 2, prefix: false } as const
        assert.equal(vocabulary.size, new Set(batches.flat()).size)
        assert.deepEqual(vocabulary.near(typed, asked), again.near(typed, asked))
      }),
    )
  })

  it('counts a swap as one typo, and one at the first letter as two', () => {
    const vocabulary = knowing('chair', 'headphones')
    const near = (typed: string, typos: 1 | 2) => vocabulary.near(typed, { typos, prefix: false })
    assert.deepEqual(near('chiar', 1), [{ word: 'chair', typos: 1 }])
    assert.deepEqual(near('hcair', 1), [])
    assert.deepEqual(near('geadphones', 2), [{ word: 'headphones', typos: 2 }])
    assert.deepEqual(near('geadphnes', 2), [])
  })

  it('finds the beginning of a word that is still being typed', () => {
    const near = knowing('headphones').near('haedp', { typos: 1, prefix: true })
    assert.deepEqual(near, [{ word: 'headphones', typos: 1 }])
  })
})

describe('words', () => {
  it('are small, without accents, and forgiven as many typos as they are long', () => {
    assert.deepEqual(wordsOf('Café CRÈME, 20-cm “Chef’s” Straße'), [
      'cafe',
      'creme',
      '20',
      'cm',
      'chef',
      's',
      'strasse',
    ])
    assert.deepEqual(['lamp', 'chair', 'headphone', '123456789'].map(typosAllowed), [0, 1, 2, 0])
    assert.deepEqual(wordsOf('東京タワー mug ガラス'), [
      '東京',
      '京タ',
      'タワ',
      'ワー',
      'mug',
      'ガラ',
      'ラス',
    ])
    assert.equal(codeOf('SKU-6-A'), codeOf('sku 6a'))
  })

  it('are letters, digits and their marks, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const word of wordsOf(text)) assert.match(word, /^[\p{L}\p{M}\p{N}]{1,60}$/u)
      }),
    )
  })
})

describe('a query', () => {
  const parse = (text: string) => parseQuery(text, new Set(['the', 'of']))
  const plain = (...words: string[]) =>
    words.map((word, index) => ({ kind: 'word', word, prefix: index === words.length - 1 }))

  it('is read as it is meant', () => {
    assert.deepEqual(parse('the Lamp of desk').terms, plain('lamp', 'desk'))
    assert.deepEqual(parse('the of').terms, plain('the', 'of'))
    assert.deepEqual(parse('lamp ').terms, [{ kind: 'word', word: 'lamp', prefix: false }])
    assert.deepEqual(parse('lamp of').terms, [{ kind: 'word', word: 'lamp', prefix: false }])
    assert.deepEqual(parse('"floor lamp" red').terms, [
      { kind: 'phrase', words: ['floor', 'lamp'] },
      ...plain('red'),
    ])
    assert.deepEqual(parse('"floor lamp').terms, [{ kind: 'phrase', words: ['floor', 'lamp'] }])
    assert.deepEqual(parse('lamp -red -"big one" sku-6').without, [['red'], ['big', 'one']])
    assert.equal(parse('SKU-6-A').code, 'sku6a')
  })

  it('is never more than ten terms of letters and digits, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        const { terms, without } = parse(text)
        assert.ok(terms.length <= 10 && without.length <= 10)
        for (const term of terms) {
          for (const word of term.kind === 'word' ? [term.word] : term.words)
            assert.match(word, /^[\p{L}\p{M}\p{N}]+$/u)
        }
      }),
    )
  })

  it('means synonyms, words that were split or joined, and words a typo away', () => {
    const teachings = teachingsOf({ synonyms: { couch: ['sofa', 'love seat'] }, stopWords: [] })
    const vocabulary = knowing('note', 'book', 'headphones', 'chair', 'chain')
    const meanings = (text: string) => meaningsOf(parseQuery(text, new Set()), { vocabulary, teachings })
    assert.deepEqual(meanings('couch ')[0]?.exact, [['couch'], ['sofa'], ['love', 'seat']])
    assert.deepEqual(meanings('notebook ')[0]?.oneTypo, [['note', 'book']])
    assert.deepEqual(
      meanings('head phones ').map(({ oneTypo }) => oneTypo),
      [[['headphones']], [['headphones']]],
    )
    assert.deepEqual(meanings('chair ')[0]?.oneTypo, [['chain']])
  })
})

describe('a highlight', () => {
  const meanings = (text: string, ...known: string[]) =>
    meaningsOf(parseQuery(text, new Set()), {
      vocabulary: knowing(...known),
      teachings: teachingsOf({ synonyms: {}, stopWords: [] }),
    })
  const shown = (text: string): string => text.replaceAll(marks.begin, '[').replaceAll(marks.end, ']')

  it('marks what was found, and of an unfinished word its beginning', () => {
    assert.equal(shown(highlighted('Café Crème Mug', meanings('creme'))), 'Café [Crème] Mug')
    assert.equal(shown(highlighted('Headphones', meanings('head'))), '[Head]phones')
    assert.equal(shown(highlighted('Office chair', meanings('chiar', 'chair'))), 'Office [chair]')
    assert.equal(shown(highlighted('<b>Lamp</b>', meanings('lamp'))), '<b>[Lamp]</b>')
  })

  it('shows the part of a long text where something was found', () => {
    const text = `${'word '.repeat(100)}needle ${'more '.repeat(100)}`
    const part = shown(cropped(text, meanings('needle')))
    assert.match(part, /^…word .*\[needle\].* more…$/)
    assert.equal(part.match(/\w+/g)?.length, 30)
    assert.equal(shown(cropped('Short text.', meanings('none'))), 'Short text.')
  })

  it('changes nothing of a text but the marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, query) => {
        const without = text.replaceAll(marks.begin, '').replaceAll(marks.end, '')
        const marked = highlighted(text, meanings(query))
        assert.equal(marked.replaceAll(marks.begin, '').replaceAll(marks.end, ''), without)
      }),
    )
  })
})
