import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { typeid } from 'typeid-js'
import type { OrderId, RefundId } from '../../domain/ids.ts'
import { pictureOf } from '../../domain/payment-books.ts'
import { rows } from '../../store/db.ts'
import { readOrder } from '../../store/orders.ts'
import { readJournal, readPayment } from '../../store/payments.ts'
import { cause, theShop } from '../support/paid-orders.ts'
import { assertInvariants, stock } from '../support/parts.ts'

type When = 'before our call is made again' | 'while our call is under way' | 'after our call'
type Shop = Awaited<ReturnType<typeof theShop>>

/**
 * Gives 500 back, with the provider's webhooks (five at once, as it may repeat them) at that moment. `comesBack`: the bank has sent the
 * money back by the time they are looked into.
 */
async function refunded(t: TestContext, { when, comesBack }: { when: When; comesBack: boolean }) {
  const news: { tell?: (providerRefundId: string) => Promise<void> } = {}
  const shop = await theShop(t, {
    around: (real) => ({
      ...real,
      refund: async (asked) => {
        const answer = await real.refund(asked)
        if (answer.outcome !== 'refused') await news.tell?.(answer.providerRefundId)
        return answer
      },
    }),
  })
  await stock(shop.inventory, { sku: 'MUG', onHand: 10 })
  const { orderId, pay } = await shop.authorized(1)
  await pay()
  const refund = {
    ...{ refundId: typeid('rfd').toString() as RefundId, orderId, amountMinor: 500, reason: 'why not' },
    ...{ cancellationId: null, lines: null, askedBy: null, cause },
  }
  const tell = async (objectId: string): Promise<void> => {
    delete news.tell
    if (comesBack) await shop.double.send(`refunds/${objectId}/fail`, {})
    const told = { orderId, topic: 'refund', objectId, orphaned: false, cause: 'evt_1' } as const
    await Promise.all(Array.from({ length: 5 }, () => shop.orders.bookProviderNews(told)))
  }

  if (when === 'while our call is under way') news.tell = tell
  if (when === 'before our call is made again') {
    // The provider made it, and its answer never came.
    await shop.double.fault({ operation: 'refunds.create', kind: 'drop_after' })
    await shop.orders.refundPayment(refund).catch(() => {})
    await tell(await madeId(shop))
  }
  await shop.orders.refundPayment(refund)
  if (when === 'after our call') await tell(await madeId(shop))
  await shop.orders.refundPayment(refund)
  return { ...shop, orderId }
}

async function madeId({ double }: Shop): Promise<string> {
  const [made] = await double.deeds('refunds.create')
  return made?.id ?? ''
}

async function processed({ db }: Shop, orderId: OrderId): Promise<number> {
  const events = await rows(
    db,
    `select 1 from payments.outbox where subject = :orderId and type = 'Refund Processed'`,
    { orderId },
  )
  return events.length
}

const kindsOf = async ({ db }: Shop, orderId: OrderId): Promise<string[]> =>
  (await readJournal(db, orderId)).map(({ kind, amountMinor }) => `${kind} ${amountMinor}`).slice(2)

describe('webhooks of a refund', () => {
  for (const when of [
    'before our call is made again',
    'while our call is under way',
    'after our call',
  ] as const) {
    it(`that come ${when} lead to one refund, booked once`, async (t) => {
      const shop = await refunded(t, { when, comesBack: false })
      const { db, databases, double, orderId } = shop

      assert.equal((await double.deeds('refunds.create')).length, 1)
      assert.equal((await readPayment(db, orderId))?.refundedMinor, 500)
      assert.deepEqual(await kindsOf(shop, orderId), ['refunded 500'])
      assert.equal(await processed(shop, orderId), 1)
      assert.equal((await readOrder(db, orderId))?.needsAttention, false)
      await assertInvariants(databases)
    })

    it(`that come ${when} and say that it failed re-open the case, and the journal adds up`, async (t) => {
      const shop = await refunded(t, { when, comesBack: true })
      const { db, databases, double, orderId } = shop

      assert.equal((await double.deeds('refunds.create')).length, 1)
      assert.equal((await readPayment(db, orderId))?.refundedMinor, 0)
      assert.deepEqual(await kindsOf(shop, orderId), ['refunded 500', 'refund_failed 500'])
      const { state, refundedMinor } = pictureOf(await readJournal(db, orderId))
      assert.deepEqual([state, refundedMinor], ['captured', 0])
      assert.equal((await readOrder(db, orderId))?.needsAttention, true)
      await assertInvariants(databases)
    })
  }
})
