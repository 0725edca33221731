import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Order } from '../../domain/orders.ts'
import { Refusal } from '../../domain/refusals.ts'
import { planReship } from '../../domain/reships.ts'
import type { ParcelLine } from '../../domain/reships.ts'
import { resellableUnits } from '../../domain/restocks.ts'
import type { MoneyBack } from '../../domain/restocks.ts'

/** As much of an order as these rules read: one line of five. */
const anOrder = (line: { cancelledQuantity?: number; refundedQuantity?: number } = {}): Order =>
  ({
    id: 'ord_1',
    lines: [
      { lineId: 'line_1', quantity: 5, grams: 300, cancelledQuantity: 0, refundedQuantity: 0, ...line },
    ],
  }) as unknown as Order
const inParcel = (quantity: number): ParcelLine[] => [
  { lineId: 'line_1' as never, sku: 'MUG' as never, quantity },
]

describe('planReship', () => {
  it('sends never more than was in the parcel, whatever is asked for one after the other', () => {
    const asked = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 8 })
    fc.assert(
      fc.property(asked, fc.nat(5), fc.nat(3), (quantities, parcel, refundedQuantity) => {
        const order = anOrder({ refundedQuantity })
        const before: { lineId: string; quantity: number }[] = []
        for (const quantity of quantities) {
          try {
            const wanted = [{ lineId: 'line_1', quantity }]
            before.push(...planReship(order, { inParcel: inParcel(parcel), before, wanted }))
          } catch (error) {
            assert.ok(error instanceof Refusal)
          }
        }
        const sent = before.reduce((sum, each) => sum + each.quantity, 0)
        assert.ok(sent <= Math.min(parcel, 5 - refundedQuantity))
      }),
    )
  })

  it('sums a line that is named twice, and takes all that is left when nothing is named', () => {
    const twice = [1, 2].map((quantity) => ({ lineId: 'line_1', quantity }))
    const plan = (wanted: typeof twice | null) =>
      planReship(anOrder(), { inParcel: inParcel(4), before: [], wanted }).map(({ quantity }) => quantity)

    assert.deepEqual([plan(twice), plan(null)], [[3], [4]])
  })
})

describe('resellableUnits', () => {
  const refund = (changes: Partial<MoneyBack['refunds'][number]>): MoneyBack['refunds'][number] => ({
    ...{ amountMinor: 1000, status: 'succeeded', cancellationId: null },
    lines: [{ lineId: 'line_1', quantity: 2 }],
    ...changes,
  })
  const units = (money: Partial<MoneyBack>): number =>
    resellableUnits(anOrder(), 'line_1', { capturedMinor: 5000, refunds: [], sentAgain: [], ...money })

  it('counts units whose money the provider gives back, and those that were sent again', () => {
    assert.equal(units({}), 0)
    assert.equal(units({ refunds: [refund({})] }), 2)
    assert.equal(units({ refunds: [refund({ status: 'pending' })] }), 2)
    assert.equal(units({ sentAgain: [{ lineId: 'line_1', quantity: 1 }] }), 1)
  })

  it('counts neither what is only promised or failed, nor what was cancelled and never left, nor mere amounts', () => {
    assert.equal(units({ refunds: [refund({ status: 'asked' }), refund({ status: 'failed' })] }), 0)
    assert.equal(units({ refunds: [refund({ cancellationId: 'can_1' })] }), 0)
    assert.equal(units({ refunds: [refund({ lines: null })] }), 0)
  })

  it('counts all of them once all of the money is back', () => {
    assert.equal(units({ refunds: [refund({ amountMinor: 5000, lines: null })] }), 5)
    assert.equal(units({ capturedMinor: 0 }), 5)
  })
})
