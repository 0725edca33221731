import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { ApplicationFailure } from '@temporalio/common'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { activitiesOf } from '../../activities/index.ts'
import { inventoryActivities } from '../../activities/inventory.ts'
import { orderActivities } from '../../activities/orders.ts'
import type { OrderId, OrderLineId } from '../../domain/ids.ts'
import { allocate } from '../../domain/inventory.ts'
import type { StockLevel } from '../../domain/inventory.ts'
import { Refusal } from '../../domain/refusals.ts'
import { createStripeGateway } from '../../gateways/stripe.ts'
import type { PaymentGateway } from '../../gateways/stripe.ts'
import { rows } from '../../store/db.ts'
import type { Databases, Db } from '../../store/db.ts'
import { letGo } from '../../workflows/contract.ts'
import { alteredCode } from '../support/altered-bundle.ts'
import type { Alteration } from '../support/altered-bundle.ts'
import { assertOneIntentEach } from '../support/books.ts'
import { flowWorldOn } from '../support/flow-world.ts'
import { timeSkippingServer } from '../support/skipping-server.ts'
import { aCart, anOrderId, assertInvariants, aSku, someDatabases, stock } from '../support/parts.ts'
import { goodParts, place } from '../support/placing.ts'
import { aStripe } from '../support/stripe.ts'

/** What the check says that something is wrong; null when it says nothing. */
async function complaintOf(check: Promise<void>): Promise<string | null> {
  return check.then(
    () => null,
    (error: unknown) => {
      assert.ok(error instanceof assert.AssertionError, String(error))
      return `${error.message}\n${JSON.stringify(error.actual)}`
    },
  )
}

const deadline = '2099-01-01T00:00:00Z'
const cause = 'req_1'

/**
 * Bugs that somebody could make, each planted beside the part as it is: the checks on which all other tests of accidents and races rely
 * have to see the difference.
 */
describe('a planted bug is found:', () => {
  let server: TestWorkflowEnvironment
  before(async () => {
    server = await timeSkippingServer()
  })
  after(() => server?.teardown())

  it('stock that is read, thought about, and written', async (t) => {
    type Reserve = ReturnType<typeof inventoryActivities>['reserveStock']
    const race = async (partOf: (db: Db) => Reserve): Promise<{ complaint: string | null; sold: number }> => {
      const databases = await someDatabases(t, { poolSize: 20 })
      const db = databases.inventory
      await stock(db, { sku: 'HOT', onHand: 10 })
      const reserve = partOf(db)
      const buyers = Array.from({ length: 30 }, () =>
        reserve({
          orderId: anOrderId(),
          lines: [{ lineId: 'line_1' as OrderLineId, sku: aSku('HOT'), quantity: 1 }],
          deadline,
        }),
      )
      const outcomes = await Promise.allSettled(buyers)
      const sold = outcomes.filter(({ status }) => status === 'fulfilled').length
      return { complaint: await complaintOf(assertInvariants(databases)), sold }
    }

    assert.deepEqual(await race((db) => inventoryActivities({ db }).reserveStock), {
      complaint: null,
      sold: 10,
    })
    const { complaint, sold } = await race(readThenWrite)
    assert.match(complaint ?? 'nothing', /I3/)
    assert.ok(sold > 10, 'no two of them met: the race proves nothing')
  })

  it('an undo that is registered after its step', async (t) => {
    const late: Alteration = [
      /(undo\(\(\)\s*=>\S+\.inventory\.releaseStock\([^;]*;)(\s*const \[\{ allocations \}, rate\] = await Promise\.all\([^;]*;)/g,
      '$2$1',
    ]
    // The stock is held, the answer is lost, and nobody can ask again.
    const answerLost = (real: Real): Real => ({
      ...real,
      reserveStock: async (input) => {
        await real.reserveStock(input)
        throw ApplicationFailure.nonRetryable('the line went dead')
      },
    })
    assert.equal(await told(t, server, { alterations: [], plant: answerLost }), null)
    assert.match((await told(t, server, { alterations: [late], plant: answerLost })) ?? 'nothing', /I5/)
  })

  it('a hold that nobody lets go', async (t) => {
    const never: Alteration = [/undo\(\(\)\s*=>\S+\.inventory\.releaseStock\([^;]*;/g, '']
    assert.equal(await told(t, server, { alterations: [] }), null)
    assert.match((await told(t, server, { alterations: [never] })) ?? 'nothing', /I5/)
  })

  it('a new key for each time that something is tried again', async (t) => {
    const pay = async (partOf: (stripe: PaymentGateway) => PaymentGateway): Promise<string | null> => {
      const { order: db } = await someDatabases(t)
      const double = await aStripe(t)
      const stripe = createStripeGateway({ apiKey: double.apiKey, baseUrl: double.url, timeoutMs: 2_000 })
      // The payment is made over there, and whoever had it made dies before he has written down its name.
      let died = 0
      const dying: PaymentGateway = {
        ...stripe,
        createIntent: async (input) => {
          const made = await stripe.createIntent(input)
          if ((died += 1) === 1) throw new Error('the worker died')
          return made
        },
      }
      const { authorizePayment } = activitiesOf.order({ db, stripe: partOf(dying), orderUrl: String })
      const asked = {
        orderId: anOrderId(),
        total: { amount: 2390, currency: 'EUR' },
        attempt: 1,
        paymentMethod: 'pm_card_visa',
        returnUrl: 'http://localhost/back',
        cause,
      } as const
      await assert.rejects(authorizePayment(asked), /the worker died/)
      await authorizePayment(asked)
      const { intents } = await stripe.listIntents({ createdAfter: new Date(0).toISOString() })
      return complaintOf(assertOneIntentEach(db, intents))
    }

    assert.equal(await pay((stripe) => stripe), null)
    let tries = 0
    const newKeys = (stripe: PaymentGateway): PaymentGateway => ({
      ...stripe,
      createIntent: (input) => stripe.createIntent({ ...input, idempotencyKey: `try ${(tries += 1)}` }),
    })
    assert.match((await pay(newKeys)) ?? 'nothing', /one payment at the provider for each order/)
  })

  it('a change whose announcement is lost', async (t) => {
    const open = async (partOf: (db: Db) => Pick<Real, 'openOrder'>): Promise<string | null> => {
      const databases = await someDatabases(t)
      const orderId = anOrderId()
      const { cartId, cartVersion } = await aCart(databases.order, { lines: [{ sku: 'MUG', quantity: 1 }] })
      await partOf(databases.order).openOrder({ ...anOpening(orderId), cartId, cartVersion })
      return complaintOf(assertInvariants(databases))
    }
    const real = (db: Db) => orderActivities({ db, orderUrl: String })
    const forgetful = (db: Db): Pick<Real, 'openOrder'> => ({
      openOrder: async (input) => {
        const opened = await real(db).openOrder(input)
        await db('orders.outbox').where({ subject: input.orderId, type: 'Order Placed' }).delete()
        return opened
      },
    })

    assert.equal(await open(real), null)
    assert.match((await open(forgetful)) ?? 'nothing', /I14.*Order Placed was never announced/s)
  })
})

const anOpening = (orderId: OrderId) =>
  ({
    orderId,
    customerRef: 'guest',
    currency: 'EUR',
    personal: {
      email: 'ada@example.com',
      shipTo: { name: 'Ada', line1: 'Torstraße 1', city: 'Berlin', postalCode: '10119', country: 'DE' },
      billTo: null,
    },
    rate: null,
    expectedTotalMinor: null,
    placedAt: new Date().toISOString(),
    expiresAt: deadline,
    cause,
  }) as const

/** `reserveStock` as a beginner writes it: what is free is read without a lock, and the new counter is written over the old one. */
function readThenWrite(db: Db): ReturnType<typeof inventoryActivities>['reserveStock'] {
  return async ({ orderId, lines, deadline }) => {
    const sku = aSku('HOT')
    const [level] = await rows<StockLevel>(
      db,
      `select warehouse_id as "warehouseId", on_hand as "onHand", reserved from inventory.stock_levels`,
    )
    assert.ok(level)
    const plan = allocate(lines, [{ ...level, sku }])
    if (!plan.enough) throw new Refusal('stock.insufficient', 'There is not enough in stock.', {})
    await db.transaction(async (trx) => {
      await trx('inventory.holds').insert({ order_id: orderId, status: 'held', deadline })
      await trx('inventory.reservations').insert(
        plan.allocations.map((each) => ({
          order_id: orderId,
          line_id: each.lineId,
          sku,
          warehouse_id: each.warehouseId,
          quantity: each.quantity,
          status: 'held',
        })),
      )
      await trx('inventory.stock_levels').update({ reserved: level.reserved + 1 })
    })
    return { allocations: [...plan.allocations] }
  }
}

/** The parts of a story that only touch Postgres, as they are. */
type Real = ReturnType<typeof orderActivities> & ReturnType<typeof inventoryActivities>

/**
 * Places an order that is never paid, on a server that skips time, with real orders and real stock; answers what the check of all books
 * says in the end.
 */
async function told(
  t: TestContext,
  server: TestWorkflowEnvironment,
  {
    alterations,
    plant = (real) => real,
  }: { alterations: readonly Alteration[]; plant?: (real: Real) => Real },
): Promise<string | null> {
  const databases = await someDatabases(t)
  await stock(databases.inventory, { sku: 'MUG', onHand: 5 })
  const { cartId, cartVersion } = await aCart(databases.order, { lines: [{ sku: 'MUG', quantity: 2 }] })
  const world = await flowWorldOn(server, { code: await alteredCode(alterations) })
  try {
    const { openOrder, priceOrder, abandonOrder, reserveStock, releaseStock } = plant(realParts(databases))
    await place(world, {
      fakes: { ...goodParts(), openOrder, priceOrder, abandonOrder, reserveStock, releaseStock },
      request: { cartId, cartVersion },
      then: async ({ handle }) => {
        const running = await handle.describe()
        if (running.status.name === 'RUNNING') await handle.signal(letGo, { actor: 'customer', reason: 'no' })
      },
    })
    return await complaintOf(assertInvariants(databases))
  } finally {
    await world.close()
  }
}

/** As workers have them: a refusal comes out as a workflow can read it. */
function realParts({ order, inventory }: Databases): Real {
  return {
    ...activitiesOf.order({ db: order, orderUrl: String, stripe: undefined as never }),
    ...activitiesOf.inventory({ db: inventory }),
  }
}
