import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { OrderId } from '../../domain/ids.ts'
import { aRefundRequest, goodRefundParts, refundIn } from '../support/cancelling.ts'
import { onEachQueue } from '../support/each-queue.ts'
import { faulty, sharedFlowWorld, refuse } from '../support/flow-world.ts'
import type { Fakes, FlowWorld } from '../support/flow-world.ts'
import { goodBooks, reconcileIn } from '../support/reconciling.ts'
import { goodReshipParts, reshipIn } from '../support/reshipping.ts'
import { downForLong, forgetful } from '../support/telling.ts'

let world: FlowWorld
before(async () => {
  world = await sharedFlowWorld()
})

describe('refund-order', () => {
  const refund = (fakes: Fakes) => refundIn(world, { fakes })
  const forward = ['openRefund', 'refundPayment', 'sendRefund'] as const

  it('promises the money in our books, answers, then gives it back and writes', async () => {
    const { calls, answer, verdict } = await refund({})

    assert.deepEqual([answer, verdict], Array(2).fill({ outcome: 'accepted', amountMinor: 500 }))
    assert.deepEqual(calls, forward)
  })

  it('answers what our books refuse with the reason, and asks nobody for money', async () => {
    const { calls, answer } = await refund({ openRefund: refuse('refund.too_large') })

    assert.ok(answer.outcome === 'refused' && answer.refusal.code === 'refund.too_large')
    assert.deepEqual(calls, ['openRefund'])
  })

  it('writes of no refund where the money had gone back in another way', async () => {
    const { calls, verdict } = await refund({
      refundPayment: async () => ({ amountMinor: 0, currency: 'EUR' }),
    })

    assert.equal(verdict?.outcome, 'accepted')
    assert.deepEqual(calls, ['openRefund', 'refundPayment'])
  })

  for (const step of forward) {
    const works = goodRefundParts()[step]
    it(`goes on when ${step} fails three times before it works`, async () => {
      const { calls, verdict } = await refund({ [step]: faulty(3, works) })

      assert.equal(verdict?.outcome, 'accepted')
      assert.deepEqual([calls.filter((name) => name === step).length, calls.at(-1)], [4, 'sendRefund'])
    })

    it(`goes on when the answer of ${step} is lost after it worked`, async () => {
      const { calls, verdict } = await refund({ [step]: forgetful(2, works) })

      assert.equal(verdict?.outcome, 'accepted')
      assert.deepEqual([calls.filter((name) => name === step).length, calls.at(-1)], [3, 'sendRefund'])
    })

    if (step === 'openRefund') continue
    it(`asks an admin to look when ${step} is refused, and does nothing that comes after it`, async () => {
      const { calls, verdict } = await refund({ [step]: refuse('service.unavailable') })

      assert.equal(verdict, null)
      assert.deepEqual(calls.slice(calls.indexOf(step)), [step, 'flagOrder'])
    })
  }

  it('asks an admin to look after a day without the provider, and keeps trying', async () => {
    const flagged: OrderId[] = []
    const works = goodRefundParts().refundPayment
    const { verdict } = await refund({
      flagOrder: async ({ orderId }: { orderId: OrderId }) => flagged.push(orderId),
      refundPayment: async () => {
        if (flagged.length === 0) throw downForLong()
        return works()
      },
    })

    assert.deepEqual([verdict?.outcome, flagged.length], ['accepted', 1])
  })

  it('sends a request back that says no reason', async () => {
    await assert.rejects(refundIn(world, { fakes: {}, request: aRefundRequest({ reason: '' }) }))
  })
})

onEachQueue('reship-order', ({ taskQueue, world }) => {
  const again = (fakes: Fakes) => reshipIn(world(), { fakes, taskQueue })
  const deciding = [
    ...(['readLostParcel', 'openReship', 'reserveStock', 'commitStock'] as const),
    ...(['registerReship', 'confirmReship'] as const),
  ] as const
  const forward = [...deciding, 'labelParcel', 'sendSentAgain'] as const

  it('claims the units, takes others from stock, promises them, then buys the label and writes', async () => {
    const { calls, answer, verdict } = await again({})

    assert.deepEqual([answer, verdict], Array(2).fill({ outcome: 'accepted', shipments: ['shp_2'] }))
    assert.deepEqual([...calls].slice(0, 6), deciding)
    assert.deepEqual(calls.slice(6).sort(), ['labelParcel', 'sendSentAgain'])
  })

  for (const [step, undone] of [
    ['readLostParcel', []],
    ['openReship', ['dropReship']],
    ['reserveStock', ['releaseStock', 'dropReship']],
    ['commitStock', ['releaseStock', 'dropReship']],
    ['registerReship', ['releaseStock', 'dropReship']],
    ['confirmReship', ['releaseStock', 'dropReship']],
  ] as const) {
    it(`leaves nothing behind when ${step} is refused`, async () => {
      const { calls, answer } = await again({ [step]: refuse('stock.insufficient') })

      assert.ok(answer.outcome === 'refused' && answer.refusal.code === 'stock.insufficient')
      assert.deepEqual(calls.slice(calls.indexOf(step) + 1), undone)
    })
  }

  it('asks an admin to look when its label is refused, and writes all the same', async () => {
    const { calls, verdict } = await again({ labelParcel: refuse('shipping.label_refused') })

    assert.equal(verdict?.outcome, 'accepted')
    assert.ok(calls.includes('flagOrder') && calls.includes('sendSentAgain'))
    assert.ok(!calls.includes('releaseStock'))
  })

  for (const step of forward) {
    const works = goodReshipParts()[step]
    it(`goes on when ${step} fails, and when its answer is lost`, async () => {
      const { calls, verdict } = await again({ [step]: faulty(1, forgetful(1, works)) })

      assert.equal(verdict?.outcome, 'accepted')
      assert.equal(calls.filter((name) => name === step).length, 3)
      assert.ok(!calls.includes('releaseStock'))
    })
  }
})

describe('reconcile', () => {
  const off = { invariant: 'I11', subject: 'pi_1', detail: '5 here, 6 there' } as const
  const twice = [off, { ...off, detail: 'nobody knows its order' }]
  const other = { invariant: 'I6', subject: 'ord_1', detail: 'not captured' } as const

  it('files nothing when nothing is off, after one look', async () => {
    const { calls, answer, filed } = await reconcileIn(world, {})

    assert.deepEqual([answer.violations, filed], [[], [[]]])
    assert.equal(calls.filter((name) => name === 'judgeProvider').length, 1)
  })

  it('counts what it found as it is kept: once for each invariant and subject', async () => {
    const { answer, filed } = await reconcileIn(world, {
      judgeProvider: async () => ({ violations: twice, payments: 7 }),
      judgeOrderBooks: async () => [other],
    })

    assert.equal(answer.violations.length, 2)
    assert.deepEqual(filed, [answer.violations])
    assert.match(JSON.stringify(answer.violations), /5 here, 6 there; nobody knows its order/)
  })

  it('takes what only the first look finds for something that was under way', async () => {
    let looks = 0
    const { answer } = await reconcileIn(world, {
      judgeProvider: async () => ({ violations: (looks += 1) === 1 ? twice : [other], payments: 7 }),
    })

    assert.deepEqual([looks, answer.violations], [2, []])
  })

  it('looks at all orders, page by page, and compares each page with what is reserved', async () => {
    const pages = [
      { violations: [], orders: [{ orderId: 'ord_1' }], last: 'ord_1' },
      { violations: [], orders: [{ orderId: 'ord_2' }], last: null },
    ]
    const { answer, calls } = await reconcileIn(world, { judgeOrders: async () => pages.shift() })

    assert.equal(answer.orders, 2)
    assert.equal(calls.filter((name) => name === 'judgeReservations').length, 2)
  })

  for (const [step, works] of Object.entries(goodBooks())) {
    it(`goes on when ${step} fails, and when its answer is lost`, async () => {
      const { answer, calls } = await reconcileIn(world, { [step]: faulty(1, forgetful(1, works)) })

      assert.deepEqual(answer.violations, [])
      assert.equal(calls.filter((name) => name === step).length, 3)
    })
  }
})
