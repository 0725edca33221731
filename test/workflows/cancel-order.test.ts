import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { OrderId } from '../../domain/ids.ts'
import { aCancelRequest, begun, cancelIn, goodCancelParts, left, recalled } from '../support/cancelling.ts'
import { onEachQueue } from '../support/each-queue.ts'
import { faulty, refuse } from '../support/flow-world.ts'
import type { Fakes } from '../support/flow-world.ts'
import { downForLong, forgetful } from '../support/telling.ts'
import type { Told } from '../support/telling.ts'
import type { CancelStanding } from '../../workflows/cancel-contract.ts'

const forward = [
  'beginCancellation',
  'recallParcels',
  'announceCancellation',
  'refundPayment',
  'releaseCancelled',
  'finishCancellation',
  'sendRefund',
]

onEachQueue('cancel-order', ({ taskQueue, world }) => {
  const cancel = (fakes: Fakes): Promise<Told<CancelStanding>> => cancelIn(world(), { fakes, taskQueue })

  it('takes the parcels back, then gives the money back, then frees the goods, then writes', async () => {
    const { calls, answer, verdict } = await cancel({})

    assert.deepEqual(answer, { outcome: 'accepted' })
    assert.deepEqual(verdict, { outcome: 'cancelled' })
    assert.deepEqual(calls, forward)
  })

  it('gives back the rest of a whole order, and the share of a part', async () => {
    const asked: unknown[] = []
    const refundPayment = async ({ amountMinor }: { amountMinor: unknown }): Promise<unknown> => {
      asked.push(amountMinor)
      return { amountMinor: 1000, currency: 'EUR' }
    }
    await cancel({ refundPayment })
    await cancel({
      refundPayment,
      beginCancellation: async () => ({ ...begun, whole: false, amountMinor: 900 }),
    })

    assert.deepEqual(asked, ['rest', 900])
  })

  it('buys a label for what still goes', async () => {
    const labelled: unknown[] = []
    const { calls } = await cancel({
      beginCancellation: async () => ({ ...begun, whole: false }),
      recallParcels: async () => ({ ...recalled, replacements: ['shp_2', 'shp_3'] }),
      labelParcel: async ({ shipmentId }: { shipmentId: string }) => labelled.push(shipmentId),
    })

    assert.deepEqual(labelled.sort(), ['shp_2', 'shp_3'])
    assert.ok(calls.includes('sendRefund'))
  })

  it('asks an admin to look when the label of what still goes is refused', async () => {
    const { calls, verdict } = await cancel({
      recallParcels: async () => ({ ...recalled, replacements: ['shp_2'] }),
      labelParcel: refuse('shipping.label_refused'),
    })

    assert.equal(verdict?.outcome, 'cancelled')
    assert.ok(calls.includes('flagOrder') && calls.includes('sendRefund'))
  })

  it('loses to a carrier that has the parcel: the order goes on, and its customer is told', async () => {
    const { calls, answer, verdict } = await cancel({ recallParcels: async () => left })

    assert.deepEqual(answer, { outcome: 'accepted' })
    assert.equal(verdict?.outcome, 'refused')
    assert.deepEqual(calls, ['beginCancellation', 'recallParcels', 'loseCancellation', 'sendTooLate'])
  })

  it('answers what cannot be cancelled with the reason, and touches nothing', async () => {
    const { calls, answer } = await cancel({ beginCancellation: refuse('order.not_cancellable') })

    assert.ok(answer.outcome === 'refused' && answer.refusal.code === 'order.not_cancellable')
    assert.deepEqual(calls, ['beginCancellation'])
  })

  it('answers what is cancelled already as the first time', async () => {
    const { calls, answer } = await cancel({ beginCancellation: async () => ({ outcome: 'already' }) })

    assert.deepEqual(answer, { outcome: 'already' })
    assert.deepEqual(calls, ['beginCancellation'])
  })

  it('waits for the workflow that places an unpaid order to let it go', async () => {
    let looks = 0
    const { answer } = await cancel({
      beginCancellation: async () => ({ outcome: (looks += 1) < 4 ? 'unpaid' : 'already' }),
    })

    assert.deepEqual([looks, answer], [4, { outcome: 'already' }])
  })

  it('goes on with the paid order when the payment was faster than its being let go', async () => {
    let looks = 0
    const { calls, verdict } = await cancel({
      beginCancellation: async () => ((looks += 1) < 3 ? { outcome: 'unpaid' } : begun),
    })

    assert.equal(verdict?.outcome, 'cancelled')
    assert.deepEqual(calls.slice(2), forward)
  })

  // Every step that a cancellation calls, by the story in which it does; what a refusal of the first one means stands above.
  const part = {
    beginCancellation: async () => ({ ...begun, whole: false }),
    recallParcels: async () => ({ ...recalled, replacements: ['shp_2'] }),
  }
  const lost = { recallParcels: async () => left }
  const stories = [
    ...forward.map((step) => ({ step, fakes: {}, ends: 'cancelled' })),
    { step: 'labelParcel', fakes: part, ends: 'cancelled' },
    { step: 'loseCancellation', fakes: lost, ends: 'refused' },
    { step: 'sendTooLate', fakes: lost, ends: 'refused' },
  ] as const
  for (const { step, fakes, ends } of stories) {
    const works = goodCancelParts()[step as keyof ReturnType<typeof goodCancelParts>]
    it(`goes on when ${step} fails three times before it works`, async () => {
      const { calls, verdict } = await cancel({ ...fakes, [step]: faulty(3, works) })

      assert.equal(verdict?.outcome, ends)
      assert.equal(calls.filter((name) => name === step).length, 4)
      assert.ok(calls.includes(ends === 'cancelled' ? 'sendRefund' : 'sendTooLate'))
    })

    it(`goes on when the answer of ${step} is lost after it worked`, async () => {
      const { calls, verdict } = await cancel({ ...fakes, [step]: forgetful(2, works) })

      assert.equal(verdict?.outcome, ends)
      assert.equal(calls.filter((name) => name === step).length, 3)
      assert.ok(calls.includes(ends === 'cancelled' ? 'sendRefund' : 'sendTooLate'))
    })

    if (step === 'beginCancellation' || step === 'labelParcel') continue
    it(`asks an admin to look when ${step} is refused, and does nothing that comes after it`, async () => {
      const { calls, answer, verdict } = await cancel({ ...fakes, [step]: refuse('service.unavailable') })

      assert.deepEqual([answer, verdict], [{ outcome: 'accepted' }, null])
      assert.deepEqual(calls.slice(calls.indexOf(step)), [step, 'flagOrder'])
    })
  }

  for (const step of ['recallParcels', 'refundPayment'] as const) {
    it(`asks an admin to look after a day without ${step}, and keeps trying`, async () => {
      const flagged: unknown[] = []
      const begin = Date.now()
      const works = goodCancelParts()[step]
      const startedAt = await world().env.currentTimeMs()
      const { calls, verdict } = await cancel({
        flagOrder: async ({ orderId }: { orderId: OrderId }) => flagged.push(orderId),
        [step]: async () => {
          if (flagged.length === 0) throw downForLong()
          return works()
        },
      })

      assert.equal(verdict?.outcome, 'cancelled')
      assert.equal(flagged.length, 1)
      assert.ok((await world().env.currentTimeMs()) - startedAt > 23 * 3_600_000)
      assert.ok(calls.lastIndexOf(step) > calls.indexOf('flagOrder'))
      assert.ok(Date.now() - begin < 60_000)
    })
  }

  it('is not stopped by an operator who cancels the workflow', async () => {
    let going = (): void => {}
    const gone = new Promise<void>((resolve) => (going = resolve))
    const { verdict, calls } = await cancelIn(world(), {
      taskQueue,
      fakes: {
        refundPayment: async () => {
          await gone
          return { amountMinor: 2390, currency: 'EUR' }
        },
      },
      then: async (handle) => {
        await handle.cancel()
        going()
      },
    })

    assert.equal(verdict?.outcome, 'cancelled')
    assert.equal(calls.at(-1), 'sendRefund')
  })

  it('sends a request back that names no order', async () => {
    await assert.rejects(
      cancelIn(world(), { fakes: {}, taskQueue, request: aCancelRequest({ orderId: '' as OrderId }) }),
    )
  })
})
