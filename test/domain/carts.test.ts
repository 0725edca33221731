import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typeid } from 'typeid-js'
import {
  availabilityOfLine,
  maxCartLines,
  maxLineQuantity,
  quotedParcel,
  refuseUnlessOrderable,
  sameAddress,
  withAddress,
  withOffers,
  withoutLine,
  withQuantity,
  withUnits,
} from '../../domain/carts.ts'
import type { Cart, CartLine, Offer, Shelf } from '../../domain/carts.ts'
import { holdsCardNumber } from '../../domain/cards.ts'
import type { CartId, CartLineId } from '../../domain/ids.ts'
import { sku } from '../../domain/ids.ts'
import { Refusal } from '../../domain/refusals.ts'
import { anAddress } from '../support/factories.ts'

const mug = sku('MUG')
const offer: Offer = { sku: mug, name: 'Mug – Blue', unitPriceMinor: 900, taxClass: 'standard', grams: 350 }
const lineId = (): CartLineId => typeid('cline').toString() as CartLineId

function shelf(units: number, offers: readonly Offer[] = [offer]): Shelf {
  return {
    offers: new Map(offers.map((one) => [one.sku, one])),
    available: new Map(offers.map((one) => [one.sku, units])),
  }
}

function cart(lines: readonly CartLine[] = []): Cart {
  return {
    id: typeid('cart').toString() as CartId,
    currency: 'EUR',
    customerRef: 'guest',
    status: 'open',
    version: 1,
    shipTo: null,
    lines,
  }
}

const line = (quantity: number): CartLine => ({ ...offer, lineId: lineId(), quantity })

const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

test('adds units of a SKU to the line that it has', () => {
  const first = withUnits(cart(), { lineId: lineId(), sku: mug, quantity: 2, shelf: shelf(10) })
  const second = withUnits(first, { lineId: lineId(), sku: mug, quantity: 3, shelf: shelf(10) })
  assert.equal(second.lines.length, 1)
  assert.equal(second.lines[0]?.quantity, 5)
  assert.equal(second.lines[0]?.lineId, first.lines[0]?.lineId)
})

test('refuses more than can be promised, counting what is in the cart', () => {
  const some = cart([line(4)])
  const add = () => withUnits(some, { lineId: lineId(), sku: mug, quantity: 2, shelf: shelf(5) })
  assert.throws(add, (error: unknown) => {
    assert.ok(error instanceof Refusal)
    assert.equal(error.code, 'stock.insufficient')
    assert.deepEqual(error.facts, { shortages: [{ sku: mug, wanted: 6, available: 5 }] })
    return true
  })
})

test('lets a customer take fewer even when less is left than that', () => {
  const some = cart([line(9)])
  const fewer = withQuantity(some, { lineId: some.lines[0]!.lineId, quantity: 5, shelf: shelf(1) })
  assert.equal(fewer.lines[0]?.quantity, 5)
})

test('takes no more different things than a cart holds, and no larger line than a row', () => {
  const many = Array.from({ length: maxCartLines }, (_, index) => ({ ...line(1), sku: sku(`S${index}`) }))
  const add = () => withUnits(cart(many), { lineId: lineId(), sku: mug, quantity: 1, shelf: shelf(5) })
  assert.throws(add, refusal('cart.too_many_lines'))
  const huge = () =>
    withUnits(cart([line(maxLineQuantity)]), { lineId: lineId(), sku: mug, quantity: 1, shelf: shelf(1e6) })
  assert.throws(huge, refusal('stock.insufficient'))
})

test('refuses what is not sold, and a line that is not there', () => {
  const none = { lineId: lineId(), sku: mug, quantity: 1, shelf: shelf(5, []) }
  assert.throws(() => withUnits(cart(), none), refusal('sku.unknown'))
  assert.throws(() => withoutLine(cart(), lineId()), refusal('cart.line_not_found'))
  assert.throws(
    () => withQuantity(cart([line(1)]), { lineId: lineId(), quantity: 2, shelf: shelf(5) }),
    refusal('cart.line_not_found'),
  )
})

test('takes today’s price, and is the same cart when nothing changed', () => {
  const some = cart([line(1)])
  assert.equal(withOffers(some, shelf(5).offers), some)
  const dearer = withOffers(some, shelf(5, [{ ...offer, unitPriceMinor: 950 }]).offers)
  assert.equal(dearer.lines[0]?.unitPriceMinor, 950)
  assert.equal(dearer.lines[0]?.quantity, 1)
})

test('keeps a line that is no longer sold, says so, and lets nobody order it', () => {
  const some = withOffers(cart([line(1)]), new Map())
  assert.equal(some.lines.length, 1)
  assert.deepEqual(availabilityOfLine(some.lines[0]!, shelf(5, [])), { word: 'discontinued', units: 0 })
  assert.throws(() => refuseUnlessOrderable(some, new Map()), refusal('sku.unknown'))
})

test('says how much of a line there is', () => {
  const words = [0, 1, 2, 3].map((units) => availabilityOfLine(line(2), shelf(units)).word)
  assert.deepEqual(words, ['out_of_stock', 'insufficient', 'in_stock', 'in_stock'])
})

test('lets nobody order a cart that is empty or ordered', () => {
  assert.throws(() => refuseUnlessOrderable(cart(), new Map()), refusal('cart.empty'))
  const ordered: Cart = { ...cart([line(1)]), status: 'ordered' }
  assert.throws(() => refuseUnlessOrderable(ordered, shelf(5).offers), refusal('cart.closed'))
})

test('is the same cart when the address is the one that it has', () => {
  const some = withAddress(cart(), anAddress())
  assert.equal(withAddress(some, anAddress()), some)
  assert.notEqual(withAddress(some, anAddress({ city: 'Potsdam' })), some)
  assert.ok(sameAddress(null, null))
  assert.ok(!sameAddress(null, anAddress()))
})

test('names a parcel by what changes its price, and by nothing else', () => {
  const [one, two] = [line(1), { ...line(2), sku: sku('CAP') }]
  const parcel = { lines: [one, two], currency: 'EUR', shipTo: anAddress() } as const
  const name = quotedParcel(parcel)
  assert.equal(quotedParcel({ ...parcel, lines: [two, one] }), name)
  assert.equal(quotedParcel({ ...parcel, shipTo: anAddress({ name: 'Grace', phone: '1' }) }), name)
  assert.notEqual(quotedParcel({ ...parcel, shipTo: anAddress({ postalCode: '1' }) }), name)
  assert.notEqual(quotedParcel({ ...parcel, currency: 'USD' }), name)
  assert.notEqual(quotedParcel({ ...parcel, lines: [{ ...one, quantity: 2 }, two] }), name)
})

test('finds card numbers in free text, and leaves other numbers alone', () => {
  for (const text of ['my card 4242 4242 4242 4242, thanks', '378282246310005', 'x4242-4242-4242-4242']) {
    assert.ok(holdsCardNumber(text), text)
  }
  for (const text of ['order 100001', '4242 4242 4242 4241', 'Torstraße 1, 10119 Berlin', '+49 30 1234567']) {
    assert.ok(!holdsCardNumber(text), text)
  }
})
