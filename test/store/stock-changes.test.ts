import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import { warehouseId } from '../../domain/ids.ts'
import type { OrderId, OrderLineId } from '../../domain/ids.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { RefusalCode } from '../../domain/refusals.ts'
import type { Databases } from '../../store/db.ts'
import { newId } from '../../store/ids.ts'
import { analyseLevels } from '../../store/stock-analysis.ts'
import { adjustStock, countStock, regradeStock, transferStock } from '../../store/stock-changes.ts'
import { listMovements } from '../../store/stock-journal.ts'
import { anOrderId, aSku, assertInvariants, levelOf, someDatabases, stock } from '../support/parts.ts'

const sku = aSku('MUG')
const berlin = warehouseId('berlin')
const madrid = warehouseId('madrid')

const change = () => ({
  ...{ id: newId('chg'), reason: 'a test', actor: 'key:1', cause: 'req_1' },
  ...{ at: '2026-03-01T10:00:00.000Z', sku, warehouseId: berlin },
})

async function aShelf(t: TestContext, { onHand = 10 } = {}) {
  const databases = await someDatabases(t)
  const db = databases.inventory
  await stock(db, { sku, onHand })
  return { databases, db, ...activitiesOf.inventory({ db }) }
}

const refused = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code

/** Orders in the order of their age: each wants so many. */
async function buyers(
  db: Databases['inventory'],
  quantities: readonly number[],
  reserve: ReturnType<typeof activitiesOf.inventory>['reserveStock'],
): Promise<OrderId[]> {
  const ids: OrderId[] = []
  for (const [index, quantity] of quantities.entries()) {
    const orderId = anOrderId()
    const lineId = `line_${index}` as OrderLineId
    await reserve({ orderId, lines: [{ lineId, sku, quantity }], deadline: '2036-01-01T00:00:00.000Z' })
    const at = new Date(Date.parse('2026-01-01T00:00:00Z') + index * 60_000).toISOString()
    await db('inventory.holds').where({ order_id: orderId }).update({ at })
    ids.push(orderId)
  }
  return ids
}

describe('an adjustment', () => {
  it('moves the level, signs the journal and announces what can be sold', async (t) => {
    const { databases, db } = await aShelf(t)

    await adjustStock(db, { ...change(), condition: 'sellable', quantity: -3, seen: 10 })

    assert.deepEqual(await levelOf(db, sku), { onHand: 7, reserved: 0 })
    const [line] = await listMovements(db, { sku, limit: 1 })
    assert.deepEqual(
      [line?.quantity, line?.kind, line?.reason, line?.actor],
      [-3, 'adjusted', 'a test', 'key:1'],
    )
    const events = await db<{ type: string; data: unknown }>('inventory.outbox').select('type', 'data')
    assert.deepEqual(events, [
      { type: 'Inventory Updated', data: { change: 'adjusted', levels: [{ sku, available: 7 }] } },
    ])
    await assertInvariants(databases)
  })

  it('is refused when there are not as many as its author saw, and changes nothing', async (t) => {
    const { databases, db } = await aShelf(t)

    const stale = adjustStock(db, { ...change(), condition: 'sellable', quantity: -3, seen: 12 })

    await assert.rejects(stale, refused('stock.changed'))
    assert.deepEqual(await levelOf(db, sku), { onHand: 10, reserved: 0 })
    await assertInvariants(databases)
  })

  it('lets one of two through who saw the same number', async (t) => {
    const { databases, db } = await aShelf(t)
    const both = [change(), change()].map((each) =>
      adjustStock(db, { ...each, condition: 'sellable', quantity: -3, seen: 10 }),
    )

    const outcomes = await Promise.allSettled(both)

    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    assert.deepEqual(await levelOf(db, sku), { onHand: 7, reserved: 0 })
    await assertInvariants(databases)
  })

  it('happens once, however often and however many times at once it is asked for', async (t) => {
    const { databases, db } = await aShelf(t)
    const same = { ...change(), condition: 'sellable', quantity: 5 } as const

    await Promise.all([adjustStock(db, same), adjustStock(db, same), adjustStock(db, same)])
    await adjustStock(db, same)

    assert.deepEqual(await levelOf(db, sku), { onHand: 15, reserved: 0 })
    await assertInvariants(databases)
  })

  it('never takes what is promised to an order', async (t) => {
    const { databases, db, reserveStock } = await aShelf(t)
    await buyers(db, [8], reserveStock)

    const greedy = adjustStock(db, { ...change(), condition: 'sellable', quantity: -3 })

    await assert.rejects(greedy, refused('stock.insufficient'))
    await assertInvariants(databases)
  })

  it('of a SKU that the warehouse does not keep is refused', async (t) => {
    const { db } = await aShelf(t)

    const nowhere = adjustStock(db, { ...change(), warehouseId: madrid, condition: 'sellable', quantity: 3 })

    await assert.rejects(nowhere, refused('stock.level_not_found'))
  })
})

describe('a count', () => {
  it('sets what is there, and says so in the journal', async (t) => {
    const { databases, db } = await aShelf(t)

    const { taken } = await countStock(db, { ...change(), counted: 13 })

    assert.deepEqual(taken, [])
    assert.deepEqual(await levelOf(db, sku), { onHand: 13, reserved: 0 })
    await assertInvariants(databases)
  })

  it('takes the newest orders’ goods away when fewer are there than were promised, and announces each', async (t) => {
    const { databases, db, reserveStock } = await aShelf(t)
    const [, second, third] = await buyers(db, [4, 3, 2], reserveStock)

    const { taken } = await countStock(db, { ...change(), counted: 5 })

    assert.deepEqual(
      taken.map(({ orderId, quantity }) => [orderId, quantity]),
      [
        [third, 2],
        [second, 3],
      ],
    )
    assert.deepEqual(await levelOf(db, sku), { onHand: 5, reserved: 4 })
    const told = await db<{ type: string; subject: string }>('inventory.outbox')
      .where({ type: 'Reservation Taken' })
      .select('subject')
    assert.deepEqual(told.map(({ subject }) => subject).sort(), [second, third].sort())
    assert.deepEqual(await databases.inventory('inventory.reservations').where({ status: 'taken' }).count(), [
      { count: 2 },
    ])
  })

  it('of nothing at all takes everybody’s goods away', async (t) => {
    const { db, reserveStock } = await aShelf(t)
    await buyers(db, [4, 3], reserveStock)

    await countStock(db, { ...change(), counted: 0 })

    assert.deepEqual(await levelOf(db, sku), { onHand: 0, reserved: 0 })
  })

  it('takes once, however often it is asked for', async (t) => {
    const { db, reserveStock } = await aShelf(t)
    await buyers(db, [4, 3, 2], reserveStock)
    const count = { ...change(), counted: 5 }

    await Promise.all([countStock(db, count), countStock(db, count)])
    await countStock(db, count)

    assert.deepEqual(await levelOf(db, sku), { onHand: 5, reserved: 4 })
    assert.equal((await db('inventory.outbox').where({ type: 'Reservation Taken' })).length, 2)
  })

  it('never deadlocks with reserves, commits and releases of the same SKU', async (t) => {
    const { db, reserveStock, commitStock, releaseStock } = await aShelf(t, { onHand: 60 })
    const orders = await buyers(
      db,
      Array.from({ length: 20 }, () => 2),
      reserveStock,
    )
    const cause = 'req_2'

    await Promise.all([
      ...orders.slice(0, 10).map((orderId) => commitStock({ orderId, cause })),
      ...orders.slice(10).map((orderId) => releaseStock({ orderId, cause })),
      ...[30, 20, 12].map((counted) => countStock(db, { ...change(), counted })),
    ])

    const { onHand, reserved } = await levelOf(db, sku)
    assert.ok([30, 20, 12].includes(onHand) && reserved <= onHand, `${reserved} of ${onHand}`)
  })
})

describe('a transfer', () => {
  it('takes from one warehouse what it gives to the other', async (t) => {
    const { databases, db } = await aShelf(t)
    await stock(db, { sku: 'TENT', onHand: 1, warehouseId: 'madrid' })

    await transferStock(db, { ...change(), from: berlin, to: madrid, quantity: 4 })

    const levels = await db<{ warehouse_id: string; on_hand: number; sku: string }>('inventory.stock_levels')
      .where({ sku })
      .orderBy('warehouse_id')
      .select('warehouse_id', 'on_hand')
    assert.deepEqual(levels, [
      { warehouse_id: 'berlin', on_hand: 6 },
      { warehouse_id: 'madrid', on_hand: 4 },
    ])
    await assertInvariants(databases)
  })

  it('in both directions at once waits, and never deadlocks', async (t) => {
    const { databases, db } = await aShelf(t, { onHand: 50 })
    await stock(db, { sku, onHand: 50, warehouseId: 'madrid' })

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        transferStock(db, {
          ...change(),
          ...(index % 2 === 0 ? { from: berlin, to: madrid } : { from: madrid, to: berlin }),
          quantity: 1,
        }),
      ),
    )

    assert.deepEqual(await levelOf(db, sku), { onHand: 100, reserved: 0 })
    await assertInvariants(databases)
  })

  it('to a warehouse that is not there is refused, and so is more than is free', async (t) => {
    const { databases, db } = await aShelf(t)
    await stock(db, { sku: 'TENT', onHand: 1, warehouseId: 'madrid' })

    const nowhere = transferStock(db, { ...change(), from: berlin, to: warehouseId('atlantis'), quantity: 1 })
    const tooMuch = transferStock(db, { ...change(), from: berlin, to: madrid, quantity: 11 })

    await assert.rejects(nowhere, refused('warehouse.unknown'))
    await assert.rejects(tooMuch, refused('stock.insufficient'))
    await assertInvariants(databases)
  })
})

describe('units in quarantine', () => {
  it('are not for sale, and come back whole', async (t) => {
    const { databases, db } = await aShelf(t)

    await regradeStock(db, { ...change(), from: 'sellable', to: 'quarantined', quantity: 4 })
    assert.deepEqual(await levelOf(db, sku), { onHand: 6, reserved: 0 })
    await regradeStock(db, { ...change(), from: 'quarantined', to: 'sellable', quantity: 3 })
    await regradeStock(db, { ...change(), from: 'quarantined', to: 'damaged', quantity: 1 })

    assert.deepEqual(await levelOf(db, sku), { onHand: 9, reserved: 0 })
    await assertInvariants(databases)
  })

  it('are no more than were put there', async (t) => {
    const { db } = await aShelf(t)

    const tooMany = regradeStock(db, { ...change(), from: 'damaged', to: 'sellable', quantity: 1 })

    await assert.rejects(tooMany, refused('stock.insufficient'))
  })
})

describe('the look at a level', () => {
  it('knows for how many days of the window nothing was there', async (t) => {
    const { db } = await aShelf(t, { onHand: 0 })
    const day = (before: number): string =>
      new Date(Date.parse('2026-03-31T00:00:00Z') - before * 86_400_000).toISOString()
    const looked = async (): Promise<number | undefined> => {
      const page = { after: null, limit: 1, now: day(0), windowDays: 28, sku }
      return (await analyseLevels(db, page))[0]?.emptyDays
    }
    assert.equal(await looked(), 28)
    for (const [before, quantity] of [
      [40, 10],
      [20, -10],
      [6, 5],
      [3, -5],
    ] as const) {
      const { onHand: seen } = await levelOf(db, sku)
      const at = day(before)
      await adjustStock(db, { ...change(), id: newId('chg'), at, condition: 'sellable', quantity, seen })
    }
    assert.equal(await looked(), 14 + 3)
  })

  it('ends a page where four hundred have to be started, and goes on behind them', async (t) => {
    const { db, checkLevels } = await aShelf(t)
    await db.raw(`
      insert into inventory.stock_levels (sku, warehouse_id, on_hand, reorder_point, order_up_to)
      select 'LOW-' || lpad(n::text, 3, '0'), '${berlin}', 0, 5, 20 from generate_series(1, 450) as n`)
    const policy = { windowDays: 28, coverDays: 28, leadTimeDays: 14 }
    const asked = { limit: 5_000, now: '2026-03-31T00:00:00Z', policy }

    const first = await checkLevels({ ...asked, after: null })
    const second = await checkLevels({ ...asked, after: first.next })

    assert.deepEqual([first.start.length, first.next?.sku, first.levels], [400, 'LOW-400', 400])
    assert.deepEqual([second.start.length, second.next], [50, null])
    // And the one that the shelf has.
    assert.equal(first.levels + second.levels, 451)
  })
})
