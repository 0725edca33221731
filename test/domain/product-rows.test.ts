import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { amountIn, amountOf, CellError, wholeNumber } from '../../domain/catalog/csv/cells.ts'
import { productColumns } from '../../domain/catalog/csv/columns.ts'
import { rowGroups } from '../../domain/catalog/csv/groups.ts'
import type { FileLine, RowGroup } from '../../domain/catalog/csv/groups.ts'
import { readProduct } from '../../domain/catalog/csv/read.ts'
import { currencies } from '../../domain/money.ts'

describe('an amount in a file', () => {
  it('is read as it was written, in every currency', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...currencies),
        fc.integer({ min: 0, max: 1_000_000_000 }),
        (currency, minor) => {
          assert.equal(amountIn(currency)(amountOf(minor, currency)), minor)
        },
      ),
    )
  })

  it('has as many decimals as its currency, and zeros behind them', () => {
    assert.deepEqual(
      ['9', '9.5', '9.50', '9.500', '0.005'].map((text) => amountIn('KWD')(text)),
      [9_000, 9_500, 9_500, 9_500, 5],
    )
    assert.equal(amountIn('JPY')('1200.00'), 1_200)
    assert.equal(amountIn('EUR')(''), null)
    for (const text of ['9.999', '1,50', '1.000,00', '-1', '1e3', '0x10', '٣', ' 1', '9'.repeat(16), '€1']) {
      assert.throws(() => amountIn('EUR')(text), CellError, text)
    }
  })

  it('is a whole number where none is bought in halves', () => {
    const grams = wholeNumber({ min: 0, max: 100 })
    assert.deepEqual(['', '7', '7.0'].map(grams), [null, 7, 7])
    for (const text of ['7.5', '101', '-1', 'seven', '1e2', '0x7'])
      assert.throws(() => grams(text), CellError, text)
  })
})

describe('the rows of a file', () => {
  const row = (line: number, handle: string): FileLine => ({ kind: 'row', line, cells: { Handle: handle } })
  async function groupsOf(lines: readonly FileLine[]): Promise<RowGroup[]> {
    const groups: RowGroup[] = []
    for await (const group of rowGroups(
      (async function* () {
        yield* lines
      })(),
    ))
      groups.push(group)
    return groups
  }

  it('are put together by their handle, and a handle that comes again is refused', async () => {
    const groups = await groupsOf([
      row(2, 'a'),
      row(3, 'a'),
      row(4, 'b'),
      row(5, 'a'),
      row(6, 'a'),
      row(7, 'c'),
    ])
    assert.deepEqual(
      groups.map(({ handle, rows, flaws }) => [handle, rows.length, flaws.map(({ line }) => line)]),
      [
        ['a', 2, []],
        ['b', 1, []],
        ['a', 0, [5]],
        ['c', 1, []],
      ],
    )
  })

  it('say nothing of what they have no column for, and nothing is what a blank cell says', () => {
    const line = 2
    const silent = readProduct([{ line, cells: { Handle: 'a', Title: 'A' } }], { own: 'EUR' })
    assert.ok(!('vendor' in silent) && !('images' in silent) && !('status' in silent))
    const blank = readProduct(
      [{ line, cells: { Handle: 'a', Title: 'A', Vendor: '', 'Image Src': '', Tags: '' } }],
      {
        own: 'EUR',
      },
    )
    assert.deepEqual([blank.vendor, blank.images, blank.tags, blank.flaws], [null, [], [], []])
  })

  it('have a column for each currency but the shop’s own, which Shopify names', () => {
    const columns = productColumns('USD')
    assert.ok(
      columns.includes('Variant Price') &&
        columns.includes('Price / EUR') &&
        !columns.includes('Price / USD'),
    )
    assert.equal(new Set(columns).size, columns.length)
  })
})
