import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Cart, CartLine } from '../../domain/carts.ts'
import { sku } from '../../domain/ids.ts'
import { createCart, readCart, saveCart } from '../../store/carts.ts'
import type { Db } from '../../store/db.ts'
import { newId } from '../../store/ids.ts'
import { fingerprintOf, readQuote, readQuotes, saveQuotes } from '../../store/quotes.ts'
import { anAddress, aRate } from '../support/factories.ts'
import { openStore } from '../support/stores.ts'

let db: Db
let close: () => Promise<void>

before(async () => {
  ;({ db, close } = await openStore())
})
after(() => close())

function aLine(text: string, changes: Partial<CartLine> = {}): CartLine {
  const offer = { sku: sku(text), name: text, unitPriceMinor: 900, taxClass: 'standard', grams: 350 } as const
  return { lineId: newId('cline'), quantity: 1, ...offer, ...changes }
}

const aCart = (): Promise<Cart> =>
  createCart(db, { cartId: newId('cart'), currency: 'EUR', customerRef: 'guest' })

test('reads what was made, and nothing for an id that nobody has', async () => {
  const cart = await aCart()
  assert.deepEqual(await readCart(db, cart.id), cart)
  assert.equal(await readCart(db, newId('cart')), null)
})

test('writes lines, changes them and takes them out, raising the version each time', async () => {
  const empty = await aCart()
  const [mug, cap] = [aLine('MUG'), aLine('CAP', { unitPriceMinor: 9_007_199_254_740_991 })]
  const two = { ...empty, shipTo: anAddress(), lines: [mug, cap] }
  assert.equal(await saveCart(db, { before: empty, after: two }), 2)
  const read = await readCart(db, empty.id)
  assert.deepEqual(read, {
    ...two,
    version: 2,
    lines: [...two.lines].sort((a, b) => (a.lineId < b.lineId ? -1 : 1)),
  })

  const one = { ...two, version: 2, lines: [{ ...mug, quantity: 7, name: 'Mug – Red' }] }
  assert.equal(await saveCart(db, { before: { ...two, version: 2 }, after: one }), 3)
  assert.deepEqual(await readCart(db, empty.id), { ...one, version: 3 })
})

test('loses to whoever was faster, and then writes nothing at all', async () => {
  const empty = await aCart()
  const after = { ...empty, lines: [aLine('MUG')] }
  assert.equal(await saveCart(db, { before: empty, after }), 2)
  assert.equal(await saveCart(db, { before: empty, after: { ...empty, lines: [aLine('CAP')] } }), null)
  assert.deepEqual(
    (await readCart(db, empty.id))?.lines.map((line) => line.sku),
    ['MUG'],
  )
})

test('lets one of twenty simultaneous changes win', async () => {
  const empty = await aCart()
  const changes = Array.from({ length: 20 }, (_, index) => ({ ...empty, lines: [aLine(`SKU-${index}`)] }))
  const versions = await Promise.all(changes.map((after) => saveCart(db, { before: empty, after })))
  assert.equal(versions.filter((version) => version === 2).length, 1)
  assert.equal(versions.filter((version) => version === null).length, 19)
  assert.equal((await readCart(db, empty.id))?.lines.length, 1)
})

test('changes nothing in a cart that was ordered', async () => {
  const cart = await aCart()
  await db('orders.carts').where({ id: cart.id }).update({ status: 'ordered' })
  assert.equal(await saveCart(db, { before: cart, after: { ...cart, lines: [aLine('MUG')] } }), null)
})

test('finds a shown rate for this cart and parcel only, and not after it expired', async () => {
  const cartId = newId('cart')
  const fingerprint = fingerprintOf('this parcel')
  const expiresAt = '2030-01-01T00:15:00.000Z'
  const [cheap, dear] = [
    { id: newId('rate'), rate: aRate({ amountMinor: 500 }), expiresAt },
    { id: newId('rate'), rate: aRate({ amountMinor: 1500, service: 'Express' }), expiresAt },
  ]
  await saveQuotes(db, { cartId, fingerprint, quotes: [dear, cheap] })
  assert.deepEqual(await readQuotes(db, { cartId, fingerprint, until: '2030-01-01T00:10:00Z' }), [
    cheap,
    dear,
  ])
  assert.deepEqual(await readQuotes(db, { cartId, fingerprint, until: expiresAt }), [])

  const asked = { quoteId: cheap.id, cartId, fingerprint, now: '2030-01-01T00:14:59Z' }
  assert.deepEqual(await readQuote(db, asked), cheap)
  assert.equal(await readQuote(db, { ...asked, now: expiresAt }), null)
  assert.equal(await readQuote(db, { ...asked, cartId: newId('cart') }), null)
  assert.equal(await readQuote(db, { ...asked, fingerprint: fingerprintOf('another') }), null)
})
