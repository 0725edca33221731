import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sku, warehouseId } from '../../domain/ids.ts'
import { currencies } from '../../domain/money.ts'
import { levelCells, levelColumns, readLevel } from '../../domain/stock-files/levels.ts'
import { offerCells, offerColumns, readOffer } from '../../domain/stock-files/offers.ts'

const lineOf = (columns: readonly string[], cells: readonly string[]) => ({
  line: 2,
  cells: Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])),
})

const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ,"-]{0,20}[A-Za-z0-9]$/)
const units = fc.integer({ min: 0, max: 1_000_000 })

describe('a file of stock', () => {
  it('reads back what it wrote of any level, and changes no number of units by it', () => {
    const level = fc.record({
      ...{ sku: word.map(sku), warehouseId: word.map(warehouseId), onHand: units, reserved: units },
      ...{ incoming: units, safetyStock: units, reorderPoint: fc.option(units), replenished: fc.boolean() },
      orderUpTo: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
    })
    fc.assert(
      fc.property(level, (written) => {
        const read = readLevel(lineOf(levelColumns, levelCells(written)))
        assert.ok('row' in read)
        const { sku: code, warehouseId: place, onHand: seen } = written
        const { safetyStock, reorderPoint, orderUpTo, replenished } = written
        const settings = { safetyStock, reorderPoint, orderUpTo, replenished }
        assert.deepEqual(read.row, {
          line: 2,
          sku: code,
          warehouseId: place,
          counted: null,
          seen,
          ...settings,
        })
      }),
    )
  })

  it('reads back any supplier and what he sells, to the last unit of his currency', () => {
    const small = fc.integer({ min: 1, max: 700 })
    const offer = fc.record({
      supplier: fc.record({
        ...{
          name: word,
          currency: fc.constantFrom(...currencies),
          leadTimeDays: small,
          active: fc.boolean(),
        },
        email: fc.constant('orders@furrow.example'),
      }),
      item: fc.option(
        fc.record({
          ...{ sku: word.map(sku), supplierSku: fc.option(word), unitCostMinor: units, packSize: small },
          ...{ minimumQuantity: small, leadTimeDays: fc.option(small), rank: small },
        }),
      ),
    })
    fc.assert(
      fc.property(offer, (written) => {
        const read = readOffer(lineOf(offerColumns, offerCells(written)))
        assert.ok('row' in read)
        const { line, ...row } = read.row
        // Objects out of the generator have no prototype.
        assert.deepEqual([line, row], [2, JSON.parse(JSON.stringify(written))])
      }),
    )
  })

  it('leaves alone what it has no column for, and empties what it has a blank cell for', () => {
    const read = readLevel({ line: 7, cells: { sku: 'A', warehouse_id: 'main', reorder_point: '' } })
    assert.ok('row' in read)
    const { safetyStock, reorderPoint, orderUpTo, counted } = read.row
    assert.deepEqual([safetyStock, reorderPoint, orderUpTo, counted], [undefined, null, undefined, null])
  })

  it('tells everything that is wrong with a row, each by its column', () => {
    const cells = {
      sku: '',
      warehouse_id: 'main',
      counted: '-1',
      safety_stock: '2000000',
      replenished: 'maybe',
    }
    const read = readLevel({ line: 7, cells })
    assert.ok('flaws' in read)
    assert.deepEqual(
      read.flaws.map(({ line, column }) => [line, column]),
      [
        [7, 'sku'],
        [7, 'counted'],
        [7, 'safety_stock'],
        [7, 'replenished'],
      ],
    )
  })
})
