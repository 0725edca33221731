import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import type { DomainEvent } from '../../domain/events.ts'
import type { OrderId, OrderLineId } from '../../domain/ids.ts'
import type { Demand } from '../../domain/inventory.ts'
import type { Db } from '../../store/db.ts'
import { newId } from '../../store/ids.ts'
import { stockLeaves } from '../../workers/effects/stock.ts'
import {
  anOrderId,
  aSku,
  assertInvariants,
  levelOf,
  refuses,
  someDatabases,
  stock,
  untilSomebodyWaits,
} from '../support/parts.ts'

const deadline = '2036-01-01T00:00:00.000Z'
const cause = 'req_1'

const want = (sku: string, quantity: number, line = 1): Demand => ({
  lineId: `line_${line}` as OrderLineId,
  sku: aSku(sku),
  quantity,
})

async function anInventory(t: TestContext, { poolSize = 10 } = {}) {
  const databases = await someDatabases(t, { poolSize })
  const db = databases.inventory
  return { databases, db, ...activitiesOf.inventory({ db }) }
}

describe('reserveStock', () => {
  it('holds every line of an order', async (t) => {
    const { databases, db, reserveStock } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })
    await stock(db, { sku: 'TENT', onHand: 2 })

    const { allocations } = await reserveStock({
      orderId: anOrderId(),
      lines: [want('MUG', 3, 1), want('TENT', 2, 2)],
      deadline,
    })

    assert.deepEqual(
      allocations.map(({ sku, quantity, warehouseId }) => [sku, quantity, warehouseId]),
      [
        ['MUG', 3, 'berlin'],
        ['TENT', 2, 'berlin'],
      ],
    )
    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 5, reserved: 3 })
    await assertInvariants(databases)
  })

  it('holds once when it runs twice, and when it runs beside itself', async (t) => {
    const { databases, db, reserveStock } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })
    const order = { orderId: anOrderId(), lines: [want('MUG', 2)], deadline }

    const answers = await Promise.all([reserveStock(order), reserveStock(order), reserveStock(order)])
    answers.push(await reserveStock(order))

    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 5, reserved: 2 })
    await assertInvariants(databases)
  })

  it('holds nothing at all when one line is short, and says which', async (t) => {
    const { databases, db, reserveStock } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })
    await stock(db, { sku: 'TENT', onHand: 1 })

    const lines = [want('MUG', 3, 1), want('TENT', 2, 2)]
    const facts = await refuses('stock.insufficient', reserveStock({ orderId: anOrderId(), lines, deadline }))

    assert.deepEqual(facts, { shortages: [{ sku: 'TENT', wanted: 2, available: 1 }] })
    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 5, reserved: 0 })
    await assertInvariants(databases)
  })

  it('sums two lines of one SKU before it promises', async (t) => {
    const { db, reserveStock } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })

    const lines = [want('MUG', 3, 1), want('MUG', 3, 2)]
    const facts = await refuses('stock.insufficient', reserveStock({ orderId: anOrderId(), lines, deadline }))

    assert.deepEqual(facts, { shortages: [{ sku: 'MUG', wanted: 6, available: 5 }] })
  })

  it('splits a line over warehouses only when no single one has everything', async (t) => {
    const { databases, db, reserveStock } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 3, warehouseId: 'berlin', rank: 1 })
    await stock(db, { sku: 'MUG', onHand: 4, warehouseId: 'madrid', rank: 2 })

    const one = await reserveStock({ orderId: anOrderId(), lines: [want('MUG', 4)], deadline })
    const split = await reserveStock({ orderId: anOrderId(), lines: [want('MUG', 3)], deadline })

    assert.deepEqual(
      one.allocations.map((each) => [each.warehouseId, each.quantity]),
      [['madrid', 4]],
    )
    assert.deepEqual(
      split.allocations.map((each) => [each.warehouseId, each.quantity]),
      [['berlin', 3]],
    )
    await assertInvariants(databases)
  })

  it('finds the door shut when the order was let go before', async (t) => {
    const { databases, db, reserveStock, releaseStock } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })
    const orderId = anOrderId()

    await releaseStock({ orderId, cause })
    await refuses('hold.expired', reserveStock({ orderId, lines: [want('MUG', 1)], deadline }))

    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 5, reserved: 0 })
    await assertInvariants(databases)
  })

  it('plans anew when others were faster, and says so when nothing is left', async (t) => {
    const { databases, db } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 1, warehouseId: 'berlin', rank: 1 })
    await stock(db, { sku: 'MUG', onHand: 1, warehouseId: 'madrid', rank: 2 })
    const buy = (trx: Db) =>
      activitiesOf
        .inventory({ db: trx })
        .reserveStock({ orderId: anOrderId(), lines: [want('MUG', 1)], deadline })

    const faster = await db.transaction()
    await buy(faster)
    const slower = buy(db)
    await untilSomebodyWaits(db)
    await faster.commit()
    assert.deepEqual(
      (await slower).allocations.map(({ warehouseId }) => warehouseId),
      ['madrid'],
    )

    const facts = await refuses('stock.insufficient', buy(db))
    assert.deepEqual(facts['shortages'], [{ sku: 'MUG', wanted: 1, available: 0 }])
    await assertInvariants(databases)
  })

  it('sells exactly 100 units to 300 buyers who come at once', async (t) => {
    const { databases, db, reserveStock } = await anInventory(t, { poolSize: 20 })
    await stock(db, { sku: 'MUG', onHand: 60, warehouseId: 'berlin', rank: 1 })
    await stock(db, { sku: 'MUG', onHand: 40, warehouseId: 'madrid', rank: 2 })

    const buyers = Array.from({ length: 300 }, () =>
      reserveStock({ orderId: anOrderId(), lines: [want('MUG', 1)], deadline }),
    )
    const outcomes = await Promise.allSettled(buyers)

    assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 100)
    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 100, reserved: 100 })
    await assertInvariants(databases)
  })

  it('lets 60 buyers of the same two SKUs in opposite order wait for each other, never deadlock', async (t) => {
    const { databases, db, reserveStock } = await anInventory(t, { poolSize: 20 })
    await stock(db, { sku: 'MUG', onHand: 60 })
    await stock(db, { sku: 'TENT', onHand: 60 })
    const lines = [want('MUG', 1, 1), want('TENT', 1, 2)]

    await Promise.all(
      Array.from({ length: 60 }, (_, buyer) =>
        reserveStock({ orderId: anOrderId(), lines: buyer % 2 === 0 ? lines : lines.toReversed(), deadline }),
      ),
    )

    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 60, reserved: 60 })
    await assertInvariants(databases)
  })
})

describe('releaseStock', () => {
  it('gives back what was held, once, however often it runs', async (t) => {
    const { databases, db, reserveStock, releaseStock } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })
    const orderId = anOrderId()
    await reserveStock({ orderId, lines: [want('MUG', 2)], deadline })

    await Promise.all([releaseStock({ orderId, cause }), releaseStock({ orderId, cause })])
    await releaseStock({ orderId, cause })

    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 5, reserved: 0 })
    await assertInvariants(databases)
  })

  it('never deadlocks with reserves of the same SKUs', async (t) => {
    const { databases, db, reserveStock, releaseStock } = await anInventory(t, { poolSize: 20 })
    await stock(db, { sku: 'MUG', onHand: 80 })
    await stock(db, { sku: 'TENT', onHand: 80 })
    const lines = [want('TENT', 1, 1), want('MUG', 1, 2)]
    const first = Array.from({ length: 30 }, () => anOrderId())
    await Promise.all(first.map((orderId) => reserveStock({ orderId, lines, deadline })))

    await Promise.all([
      ...first.map((orderId) => releaseStock({ orderId, cause })),
      ...first.map(() => reserveStock({ orderId: anOrderId(), lines: lines.toReversed(), deadline })),
    ])

    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 80, reserved: 30 })
    await assertInvariants(databases)
  })
})

describe('extendHold', () => {
  it('puts off the end of a hold, and never brings it nearer', async (t) => {
    const { db, reserveStock, extendHold } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })
    const orderId = anOrderId()
    await reserveStock({ orderId, lines: [want('MUG', 2)], deadline: '2026-01-01T10:00:00.000Z' })
    const ends = async (): Promise<unknown> =>
      (await db<{ order_id: string; deadline: string }>('inventory.holds').where({ order_id: orderId }))[0]
        ?.deadline

    await extendHold({ orderId, deadline: '2026-01-01T10:30:00.000Z' })
    await extendHold({ orderId, deadline: '2026-01-01T10:10:00.000Z' })
    assert.equal(await ends(), '2026-01-01T10:30:00.000Z')
  })

  it('refuses when the goods were let go, or nothing was ever held', async (t) => {
    const { extendHold, releaseStock } = await anInventory(t)
    const orderId = anOrderId()

    await refuses('hold.expired', extendHold({ orderId, deadline }))
    await releaseStock({ orderId, cause })
    await refuses('hold.expired', extendHold({ orderId, deadline }))
  })
})

describe('commitStock', () => {
  it('takes the deadline away and announces the new levels once', async (t) => {
    const { databases, db, reserveStock, commitStock } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })
    const orderId = anOrderId()
    await reserveStock({ orderId, lines: [want('MUG', 2)], deadline })

    await Promise.all([commitStock({ orderId, cause }), commitStock({ orderId, cause })])
    await commitStock({ orderId, cause })

    const holds = (await db('inventory.holds').where({ order_id: orderId })) as {
      status: string
      deadline: null
    }[]
    assert.deepEqual(
      holds.map(({ status, deadline: ends }) => [status, ends]),
      [['committed', null]],
    )
    const events = (await db('inventory.outbox').where({ type: 'Inventory Updated' })) as {
      data: unknown
      cause: string
    }[]
    assert.deepEqual(
      events.map((event) => [event.data, event.cause]),
      [[{ orderId, levels: [{ sku: 'MUG', available: 3 }] }, cause]],
    )
    await assertInvariants(databases)
  })

  it('refuses when the hold was let go', async (t) => {
    const { commitStock, releaseStock } = await anInventory(t)
    const orderId = anOrderId()
    await releaseStock({ orderId, cause })

    await refuses('hold.expired', commitStock({ orderId, cause }))
  })
})

describe('a parcel that leaves', () => {
  it('waits for the units of its order that were cancelled, and takes none of them along', async (t) => {
    const { databases, db, reserveStock, commitStock, releaseCancelled } = await anInventory(t)
    await stock(db, { sku: 'MUG', onHand: 5 })
    const orderId = anOrderId()
    const { allocations } = await reserveStock({ orderId, lines: [want('MUG', 2)], deadline })
    await commitStock({ orderId, cause })
    const [{ lineId, warehouseId, sku } = assert.fail('nothing is reserved')] = allocations
    const units = [{ lineId, warehouseId, sku, quantity: 1 }]
    const leaves = (): Promise<void> => db.transaction((trx) => stockLeaves(trx, handedOver(orderId, units)))

    await assert.rejects(leaves, /still reserved/)
    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 5, reserved: 2 })
    const cancellationId = newId('can')
    await releaseCancelled({ cancellationId, orderId, units, cause })
    await leaves()

    assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 4, reserved: 0 })
    await assertInvariants(databases)
  })
})

/** The event of a parcel that has just been scanned, with these units in it. */
function handedOver(
  orderId: OrderId,
  units: readonly { lineId: OrderLineId; sku: string; warehouseId: string; quantity: number }[],
): DomainEvent {
  const [first = assert.fail('an empty parcel')] = units
  const at = new Date().toISOString()
  const data = { orderId, shipmentId: `shp_${orderId}_1`, warehouseId: first.warehouseId, lines: units }
  return { id: newId('evt'), type: 'Shipment Handed Over', subject: orderId, at, cause, data }
}
