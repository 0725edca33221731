import assert from 'node:assert/strict'
import { it } from 'node:test'
import { WithStartWorkflowOperation } from '@temporalio/client'
import { typeid } from 'typeid-js'
import type { OrderId } from '../../domain/ids.ts'
import { checkout, letGo, placeOrderId, submitPayment } from '../../workflows/contract.ts'
import type { Checkout } from '../../workflows/contract.ts'
import { mostAttempts } from '../../workflows/payment-answers.ts'
import { onEachQueue } from '../support/each-queue.ts'
import { aCheckout } from '../support/factories.ts'
import { faulty, refuse } from '../support/flow-world.ts'
import type { Fakes } from '../support/flow-world.ts'
import {
  aCard as card,
  challengeMs,
  ended,
  goodParts,
  holdMs,
  onlyHeld,
  place as placeIn,
  unpriced,
  unwound,
} from '../support/placing.ts'
import type { Placed, Told } from '../support/placing.ts'

const paid: Partial<Checkout> = { payment: card }

onEachQueue('place-order', ({ taskQueue, world }) => {
  const place = (
    fakes: Fakes,
    request: Partial<Checkout>,
    then?: (placed: Placed) => Promise<unknown>,
  ): Promise<Told> => placeIn(world(), { fakes, request, taskQueue, ...(then && { then }) })

  it('confirms an order that is placed and paid in one call', async () => {
    const { calls, answers, verdict } = await place({}, paid)

    assert.deepEqual(answers, [{ outcome: 'confirmed' }])
    assert.equal(verdict.outcome, 'confirmed')
    assert.deepEqual(calls.slice(0, 4), ['openOrder', 'reserveStock', 'authorizePayment', 'confirmOrder'])
    assert.deepEqual(calls.slice(4).sort(), ['buyLabel', 'commitStock', 'sendConfirmation'])
  })

  it('takes the money in a step of its own when it could not be taken at once', async () => {
    const { calls, answers } = await place({ authorizePayment: async () => onlyHeld }, paid)

    assert.deepEqual(answers, [{ outcome: 'confirmed' }])
    const payment = calls.filter((name) => /Payment|confirm/.test(name))
    assert.deepEqual(payment.slice(0, 3), ['authorizePayment', 'capturePayment', 'confirmOrder'])
  })

  it('asks for a rate beside the reserve when the customer chose none', async () => {
    const { calls } = await place({}, { ...paid, rate: null })

    assert.ok(calls.indexOf('quoteShipping') < calls.indexOf('priceOrder'))
  })

  it('answers a checkout with the order waiting, and confirms it when it is paid', async () => {
    const { answers, calls } = await place({}, {}, ({ pay }) => pay('pm_card_visa'))

    assert.deepEqual(answers.map(ended), ['pending_payment', 'confirmed'])
    assert.equal(calls.filter((name) => name === 'authorizePayment').length, 1)
  })

  it('lets a declined customer try another card, under another number', async () => {
    const attempts: number[] = []
    const declined = { outcome: 'declined', code: 'card_declined', declineCode: 'insufficient_funds' }
    const authorizePayment = async ({ attempt }: { attempt: number }): Promise<unknown> => {
      attempts.push(attempt)
      return attempt === 1 ? declined : { outcome: 'authorized', chargeId: 'ch_1', captureBefore: null }
    }
    const { answers } = await place({ authorizePayment }, paid, ({ pay }) => pay('pm_card_mastercard'))

    assert.deepEqual(answers.map(ended), ['payment.declined', 'confirmed'])
    assert.deepEqual(attempts, [1, 2])
  })

  it('lets the order go after too many cards', async () => {
    const declined = { outcome: 'declined', code: 'card_declined', declineCode: null }
    const { answers, calls, verdict } = await place(
      { authorizePayment: async () => declined },
      paid,
      async ({ pay }) => {
        for (let card = 2; card <= mostAttempts; card += 1) await pay(`pm_${card}`)
      },
    )

    assert.deepEqual([...new Set(answers.map(ended))], ['payment.declined'])
    assert.equal(ended(verdict), 'payment.too_many_attempts')
    assert.deepEqual(calls.slice(-3), unwound)
  })

  it('lets everything go when the order is not paid in time', async () => {
    const endings: string[] = []
    const abandonOrder = async ({ ending }: { ending: string }): Promise<void> => {
      endings.push(ending)
    }
    const { answers, calls, verdict } = await place({ abandonOrder }, {})

    assert.deepEqual(answers.map(ended), ['pending_payment'])
    assert.equal(ended(verdict), 'hold.expired')
    assert.deepEqual(calls.slice(-3), unwound)
    assert.deepEqual(endings, ['expired'])
  })

  it('keeps the hold for its whole time, and not longer', async () => {
    const { verdict, answers } = await place({}, {}, async ({ pay }) => {
      await world().env.sleep(holdMs - 30_000)
      await pay('pm_card_visa')
    })

    assert.equal(verdict.outcome, 'confirmed')
    assert.equal(ended(answers[1]!), 'confirmed')
  })

  it('lets everything go when the customer says goodbye', async () => {
    const { calls, verdict } = await place({}, {}, ({ orderId }) =>
      world()
        .env.client.workflow.getHandle(placeOrderId(orderId))
        .signal(letGo, { actor: 'customer', reason: 'changed my mind' }),
    )

    assert.equal(ended(verdict), 'order.closed')
    assert.deepEqual(calls.slice(-3), unwound)
  })

  it('lets everything go when an operator cancels the workflow', async () => {
    const endings: unknown[] = []
    const abandonOrder = async ({ ending, actor }: { ending: string; actor: string }): Promise<void> => {
      endings.push([ending, actor])
    }
    const { calls } = await place({ abandonOrder }, {}, ({ orderId }) =>
      world().env.client.workflow.getHandle(placeOrderId(orderId)).cancel(),
    )

    assert.deepEqual(calls.slice(-3), unwound)
    assert.deepEqual(endings, [['cancelled', 'operator']])
  })

  it('goes on to the end when an operator cancels it after the money was taken', async () => {
    let captured = (): void => {}
    const capture = new Promise<void>((resolve) => (captured = resolve))
    let cancelled = (): void => {}
    const cancel = new Promise<void>((resolve) => (cancelled = resolve))
    const orderId = typeid('ord').toString() as OrderId
    const handle = world().env.client.workflow.getHandle(placeOrderId(orderId))
    const calls = await world().play(
      {
        ...goodParts(),
        authorizePayment: async () => onlyHeld,
        capturePayment: async () => {
          captured()
          await cancel
        },
      },
      async () => {
        const startWorkflowOperation = new WithStartWorkflowOperation('placeOrder', {
          workflowId: placeOrderId(orderId),
          taskQueue,
          args: [{ orderId, holdMs, challengeMs }],
          workflowIdConflictPolicy: 'USE_EXISTING',
        })
        const asked = world().env.client.workflow.executeUpdateWithStart(checkout, {
          startWorkflowOperation,
          args: [{ ...aCheckout(), ...paid }],
        })
        await capture
        await handle.cancel()
        cancelled()
        assert.equal((await asked).outcome, 'confirmed')
        assert.deepEqual(await handle.result(), { outcome: 'confirmed' })
      },
    )
    assert.ok(calls.includes('sendConfirmation'))
    assert.ok(!calls.includes('abandonOrder'))
  })

  it('goes on though the request that began it was lost, and answers whoever repeats it', async () => {
    const orderId = typeid('ord').toString() as OrderId
    const { workflow } = world().env.client
    const wish = { updateId: 'click', content: { ...aCheckout(), ...paid } }
    let enough = (): void => {}
    const authorized = new Promise<void>((resolve) => (enough = resolve))
    const held = {
      ...goodParts(),
      authorizePayment: async () => {
        await authorized
        return goodParts().authorizePayment()
      },
    }
    const calls = await world().play(held, async () => {
      const handle = await workflow.start('placeOrder', {
        workflowId: placeOrderId(orderId),
        taskQueue,
        args: [{ orderId, holdMs, challengeMs }, wish],
      })
      // A payment may come first, and the repeat of the request asks for nothing new.
      const pay = handle.executeUpdate(submitPayment, { args: [card] })
      const repeat = handle.executeUpdate(checkout, { args: [wish.content], updateId: wish.updateId })
      enough()
      assert.deepEqual(await Promise.all([repeat, pay]), [{ outcome: 'confirmed' }, { outcome: 'confirmed' }])
      assert.deepEqual(await handle.result(), { outcome: 'confirmed' })
    })
    assert.equal(calls.filter((name) => name === 'authorizePayment').length, 1)
  })

  const forNothing = async () => ({ ...(await unpriced()), totalMinor: 0 })

  it('needs no card for an order that costs nothing', async () => {
    const { calls, answers } = await place({ openOrder: forNothing }, {})

    assert.deepEqual(answers, [{ outcome: 'confirmed' }])
    assert.ok(!calls.includes('authorizePayment') && !calls.includes('capturePayment'))
  })

  const steps = [
    'openOrder',
    'reserveStock',
    'quoteShipping',
    'priceOrder',
    'authorizePayment',
    'capturePayment',
  ] as const
  const refusals = {
    openOrder: { code: 'cart.empty', undone: ['abandonOrder'] },
    reserveStock: { code: 'stock.insufficient', undone: ['releaseStock', 'abandonOrder'] },
    quoteShipping: { code: 'shipping.no_service', undone: ['releaseStock', 'abandonOrder'] },
    priceOrder: { code: 'order.total_changed', undone: ['releaseStock', 'abandonOrder'] },
    authorizePayment: { code: 'hold.expired', undone: unwound },
    capturePayment: { code: 'payment.capture_refused', undone: unwound },
  } as const

  /** Every step is taken, the one for the money too. */
  const held = { authorizePayment: async () => onlyHeld }

  for (const step of steps) {
    const { code, undone } = refusals[step]
    it(`leaves nothing behind when ${step} is refused`, async () => {
      const { calls, answers } = await place({ ...held, [step]: refuse(code) }, { ...paid, rate: null })

      assert.deepEqual(answers.map(ended), [code])
      assert.deepEqual(calls.slice(-undone.length), undone)
      assert.ok(!calls.includes('confirmOrder'))
    })

    it(`goes on when ${step} fails twice and then works`, async () => {
      const works = goodParts()[step]
      const { answers } = await place({ ...held, [step]: faulty(2, works) }, { ...paid, rate: null })

      assert.deepEqual(answers, [{ outcome: 'confirmed' }])
    })
  }

  for (const undo of ['returnPayment', 'releaseStock', 'abandonOrder'] as const) {
    it(`tries ${undo} until it works, and undoes the rest`, async () => {
      const { calls, answers } = await place(
        { ...held, capturePayment: refuse('payment.capture_refused'), [undo]: faulty(3, async () => {}) },
        paid,
      )

      assert.deepEqual(answers.map(ended), ['payment.capture_refused'])
      assert.equal(calls.filter((name) => name === undo).length, 4)
      for (const each of unwound) assert.ok(calls.includes(each))
    })
  }

  for (const promise of ['commitStock', 'buyLabel', 'sendConfirmation'] as const) {
    it(`keeps its promises though ${promise} fails for a while`, async () => {
      const { calls, verdict } = await place({ [promise]: faulty(4, goodParts()[promise]) }, paid)

      assert.equal(verdict.outcome, 'confirmed')
      assert.equal(calls.filter((name) => name === promise).length, 5)
    })
  }

  it('never fails an order whose label is refused: an admin is asked to look', async () => {
    const { calls, verdict } = await place({ buyLabel: refuse('shipping.label_refused') }, paid)

    assert.equal(verdict.outcome, 'confirmed')
    assert.ok(calls.includes('flagOrder'))
    assert.ok(calls.includes('sendConfirmation'))
  })

  it('answers a letter that the story never reached with the verdict', async () => {
    const { answers } = await place({}, {}, async ({ orderId }) => {
      const handle = world().env.client.workflow.getHandle(placeOrderId(orderId))
      const both = await Promise.all([
        handle.executeUpdate(submitPayment, { args: [card] }),
        handle.executeUpdate(submitPayment, { args: [{ ...card, paymentMethod: 'pm_card_mastercard' }] }),
      ])
      assert.deepEqual(both.map(ended), ['confirmed', 'confirmed'])
    })

    assert.deepEqual(answers.map(ended), ['pending_payment'])
  })

  it('sends a letter back that names no payment method', async () => {
    await place({}, {}, async ({ orderId, pay }) => {
      const handle = world().env.client.workflow.getHandle(placeOrderId(orderId))
      await assert.rejects(handle.executeUpdate(submitPayment, { args: [{ ...card, paymentMethod: '' }] }))
      await pay('pm_card_visa')
    })
  })
})
