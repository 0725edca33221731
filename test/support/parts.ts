import type { TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApplicationFailure } from '@temporalio/common'
import { typeid } from 'typeid-js'
import { findViolations } from './violations.ts'
import type { CartId, OrderId, Sku } from '../../domain/ids.ts'
import type { RefusalCode } from '../../domain/refusals.ts'
import type { Databases, Db } from '../../store/db.ts'
import { cleanDatabase } from './clean-database.ts'

/** A migrated and empty database of the test's own, opened as all six. It ends with the test. */
export async function someDatabases(t: TestContext, { poolSize = 10 } = {}): Promise<Databases> {
  const { databases, close } = await cleanDatabase({ poolSize })
  t.after(close)
  return databases
}

/** Asserts that nothing in the books is off. Nothing is relayed in tests of activities, so the outbox is left out by default. */
export async function assertInvariants(
  databases: Databases,
  { now = new Date().toISOString(), relayedBefore = '1970-01-01T00:00:00Z' } = {},
): Promise<void> {
  assert.deepEqual(await findViolations(databases, { now, relayedBefore }), [])
}

/** Waits until somebody in this database waits for a lock. */
export async function untilSomebodyWaits(db: Db): Promise<void> {
  const waiting = db('pg_stat_activity').whereRaw(`datname = current_database() and wait_event_type = 'Lock'`)
  while ((await waiting.clone()).length === 0) await sleep(5)
}

export const anOrderId = (): OrderId => typeid('ord').toString() as OrderId
export const aCartId = (): CartId => typeid('cart').toString() as CartId

/** Puts units of a SKU into a warehouse, with their line in the journal. */
export async function stock(
  db: Db,
  {
    sku,
    onHand,
    warehouseId = 'berlin',
    rank = 10,
  }: { sku: string; onHand: number; warehouseId?: string; rank?: number },
): Promise<void> {
  await db('inventory.warehouses')
    .insert({ id: warehouseId, name: warehouseId, address: '{}', rank })
    .onConflict('id')
    .ignore()
  await db('inventory.stock_levels').insert({ sku, warehouse_id: warehouseId, on_hand: onHand })
  if (onHand === 0) return
  await db('inventory.stock_movements').insert({
    sku,
    warehouse_id: warehouseId,
    quantity: onHand,
    kind: 'received',
    actor: 'system',
    source: 'test',
    at: new Date().toISOString(),
  })
}

/** The counters of a SKU over all warehouses. */
export async function levelOf(db: Db, sku: string): Promise<{ onHand: number; reserved: number }> {
  const levels = db<{ sku: string; on_hand: number; reserved: number }>('inventory.stock_levels')
  const found = await levels.where({ sku }).select('on_hand', 'reserved')
  const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0)
  return { onHand: sum(found.map((row) => row.on_hand)), reserved: sum(found.map((row) => row.reserved)) }
}

export interface CartLine {
  sku: string
  quantity: number
  unitPriceMinor?: number
  grams?: number
}

/** A cart with these lines, as the API would have written it. */
export async function aCart(
  db: Db,
  { lines, currency = 'EUR' }: { lines: readonly CartLine[]; currency?: string },
): Promise<{ cartId: CartId; cartVersion: number }> {
  const cartId = aCartId()
  await db('orders.carts').insert({ id: cartId, currency, customer_ref: 'guest' })
  if (lines.length > 0) {
    await db('orders.cart_lines').insert(
      lines.map(({ sku, quantity, unitPriceMinor = 900, grams = 300 }) => ({
        id: typeid('cline').toString(),
        cart_id: cartId,
        sku,
        name: `A ${sku}`,
        quantity,
        unit_price_minor: unitPriceMinor,
        tax_class: 'standard',
        grams,
      })),
    )
  }
  return { cartId, cartVersion: 1 }
}

export const aSku = (text: string): Sku => text as Sku

/** Asserts that an activity refuses with this code, as workflows see it. Answers the facts. */
export async function refuses(code: RefusalCode, work: Promise<unknown>): Promise<Record<string, unknown>> {
  const failure = await work.then(
    () => assert.fail(`expected the refusal ${code}`),
    (error: unknown) => error,
  )
  assert.ok(failure instanceof ApplicationFailure, `expected the refusal ${code}, got ${String(failure)}`)
  assert.equal(failure.type, 'Refusal')
  assert.equal(failure.nonRetryable, true)
  const [data] = failure.details as [{ code: string; facts: Record<string, unknown> }]
  assert.equal(data.code, code)
  return data.facts
}
