import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sku, warehouseId } from '../../domain/ids.ts'
import type { SupplierId } from '../../domain/ids.ts'
import { inPacks, mostUnits, packingFault, suggest } from '../../domain/replenishment.ts'
import type { LevelFacts, ReplenishmentPolicy, SupplierOffer } from '../../domain/replenishment.ts'

const policy: ReplenishmentPolicy = { windowDays: 28, coverDays: 28, leadTimeDays: 14 }

const anOffer = (changes: Partial<SupplierOffer> = {}): SupplierOffer => ({
  supplierId: 'sup_1' as SupplierId,
  supplierName: 'Furrow',
  packSize: 1,
  minimumQuantity: 1,
  leadTimeDays: 7,
  unitCostMinor: 500,
  currency: 'EUR',
  ...changes,
})

const aLevel = (changes: Partial<LevelFacts> = {}): LevelFacts => ({
  sku: sku('MUG'),
  warehouseId: warehouseId('hamburg'),
  onHand: 100,
  reserved: 0,
  incoming: 0,
  safetyStock: 0,
  reorderPoint: null,
  orderUpTo: null,
  replenished: true,
  sold: 0,
  knownDays: 365,
  emptyDays: 0,
  offer: anOffer(),
  ...changes,
})

const units = fc.integer({ min: 0, max: 5_000 })
const offers = fc.record({
  packSize: fc.integer({ min: 1, max: 144 }),
  minimumQuantity: fc.integer({ min: 1, max: 600 }),
  leadTimeDays: fc.integer({ min: 0, max: 120 }),
})
const levels = fc
  .record({
    onHand: units,
    reserved: units,
    incoming: units,
    safetyStock: fc.integer({ min: 0, max: 500 }),
    reorderPoint: fc.option(fc.integer({ min: 0, max: 800 })),
    orderUpToMore: fc.option(fc.integer({ min: 1, max: 2_000 })),
    sold: units,
    knownDays: fc.double({ min: 0, max: 400, noNaN: true }),
    emptyDays: fc.double({ min: 0, max: 90, noNaN: true }),
    offer: fc.option(offers),
  })
  .map(({ offer, orderUpToMore, ...level }) =>
    aLevel({
      ...level,
      reserved: Math.min(level.reserved, level.onHand),
      orderUpTo: orderUpToMore === null ? null : (level.reorderPoint ?? 0) + orderUpToMore,
      offer: offer && anOffer(offer),
    }),
  )
const policies = fc.record({
  windowDays: fc.integer({ min: 7, max: 90 }),
  coverDays: fc.integer({ min: 1, max: 90 }),
  leadTimeDays: fc.integer({ min: 1, max: 90 }),
})

describe('the rule of replenishment', () => {
  it('never suggests what is already coming: what is ordered counts as if it were there', () => {
    fc.assert(
      fc.property(levels, policies, (level, rule) => {
        const { low, quantity } = suggest(level, rule)
        if (!low) return
        const ordered = suggest({ ...level, incoming: level.incoming + quantity }, rule)
        assert.equal(ordered.low, false, ordered.because.join(' '))
        assert.equal(ordered.quantity, 0)
      }),
    )
  })

  it('treats a unit on its way like one on the shelf', () => {
    fc.assert(
      fc.property(levels, policies, units, (level, rule, more) => {
        const coming = suggest({ ...level, incoming: level.incoming + more }, rule)
        const there = suggest({ ...level, onHand: level.onHand + more }, rule)
        assert.equal(coming.quantity, there.quantity)
      }),
    )
  })

  it('never suggests more because more is there', () => {
    fc.assert(
      fc.property(levels, policies, units, (level, rule, more) => {
        const before = suggest(level, rule).quantity
        assert.ok(suggest({ ...level, incoming: level.incoming + more }, rule).quantity <= before)
      }),
    )
  })

  it('never suggests less because more was sold', () => {
    fc.assert(
      fc.property(levels, policies, units, (level, rule, more) => {
        const before = suggest(level, rule).quantity
        assert.ok(suggest({ ...level, sold: level.sold + more }, rule).quantity >= before)
      }),
    )
  })

  it('never suggests less because it could not be sold for longer', () => {
    fc.assert(
      fc.property(levels, policies, fc.double({ min: 0, max: 60, noNaN: true }), (level, rule, more) => {
        const before = suggest(level, rule).quantity
        assert.ok(suggest({ ...level, emptyDays: level.emptyDays + more }, rule).quantity >= before)
      }),
    )
  })

  it('never suggests less for more safety', () => {
    fc.assert(
      fc.property(levels, policies, units, (level, rule, more) => {
        const before = suggest(level, rule).quantity
        assert.ok(suggest({ ...level, safetyStock: level.safetyStock + more }, rule).quantity >= before)
      }),
    )
  })

  it('respects pack sizes and minimum orders', () => {
    fc.assert(
      fc.property(levels, policies, (level, rule) => {
        const { quantity, low } = suggest(level, rule)
        assert.equal(quantity > 0, low)
        assert.ok(quantity <= mostUnits)
        if (!low || !level.offer) return
        assert.equal(quantity % level.offer.packSize, 0)
        assert.ok(quantity >= level.offer.minimumQuantity)
        assert.equal(packingFault(quantity, level.offer), null)
      }),
    )
  })

  it('orders no pack more than it needs', () => {
    fc.assert(
      fc.property(offers, fc.integer({ min: 1, max: 10_000 }), (packing, wanted) => {
        const quantity = inPacks(wanted, packing)
        assert.ok(quantity - packing.packSize < Math.max(wanted, packing.minimumQuantity))
      }),
    )
  })

  it('brings the level above its reorder point', () => {
    fc.assert(
      fc.property(levels, policies, (level, rule) => {
        const { low, quantity, position, reorderPoint } = suggest(level, rule)
        if (low) assert.ok(position + quantity > reorderPoint)
      }),
    )
  })

  it('has an order last until the next one can be there, however far away its supplier is', () => {
    fc.assert(
      fc.property(levels, policies, (level, rule) => {
        const { low, quantity, position, leadTimeDays } = suggest({ ...level, orderUpTo: null }, rule)
        if (!low || level.reorderPoint !== null) return
        const days = Math.min(rule.windowDays, Math.max(7, Math.floor(level.knownDays)))
        const perDay = level.sold / Math.max(7, days - level.emptyDays)
        // It is ordered, comes a lead time later, and the next one a lead time after that.
        const left = position + quantity - 2 * leadTimeDays * perDay
        assert.ok(left >= level.safetyStock - 1e-6, `${left} are left of ${level.safetyStock}`)
      }),
    )
  })

  it('explains itself in whole sentences, whatever the numbers', () => {
    fc.assert(
      fc.property(levels, policies, (level, rule) => {
        const { because, quantity } = suggest(level, rule)
        for (const sentence of because) assert.match(sentence, /^[A-Z0-9].*\.$/)
        assert.doesNotMatch(because.join(' '), /NaN|undefined|null|Infinity/)
        if (quantity > 0) assert.ok(because.at(-1)?.includes(`order ${quantity}`))
      }),
    )
  })
})

describe('a suggestion', () => {
  it('covers the lead time, the safety stock and the days that an order is to last, in packs', () => {
    // Two a day: 14 in the lead time, 10 kept back; 56 to last four weeks.
    const level = aLevel({
      onHand: 20,
      reserved: 2,
      safetyStock: 10,
      sold: 56,
      offer: anOffer({ packSize: 12, minimumQuantity: 48 }),
    })

    const { because, ...suggestion } = suggest(level, policy)

    assert.deepEqual(suggestion, {
      low: true,
      quantity: 72,
      position: 18,
      reorderPoint: 24,
      orderUpTo: 80,
      leadTimeDays: 7,
    })
    assert.deepEqual(because, [
      '18 of MUG can be sold from hamburg (20 on hand, 2 promised).',
      '56 were sold in the last 28 days: 2 a day.',
      'Furrow delivers in 7 days, in which 14 are sold, and 10 are kept as safety stock: it is ordered anew at 24.',
      '18 are not more than 24: order 72 to last 28 days beyond the delivery (62 wanted, in packs of 12, at least 48).',
    ])
  })

  it('takes an empty shelf for no lack of customers', () => {
    // Two a day on the fourteen days on which there were any.
    const level = aLevel({ onHand: 0, sold: 28, emptyDays: 14 })

    const { reorderPoint, because } = suggest(level, policy)

    assert.equal(reorderPoint, 14)
    assert.equal(because[1], '28 were sold in the last 28 days, in 14 of which none were there: 2 a day.')
  })

  it('follows what an admin set, whatever is sold', () => {
    const set = aLevel({ onHand: 5, reorderPoint: 6, orderUpTo: 30, sold: 0 })

    assert.equal(suggest(set, policy).quantity, 25)
    assert.equal(suggest({ ...set, onHand: 7 }, policy).low, false)
  })

  it('says nothing of what nobody buys and nobody wants to keep', () => {
    const { low, because } = suggest(aLevel({ onHand: 0 }), policy)

    assert.equal(low, false)
    assert.equal(because.at(-1), 'Nothing asks for more of it.')
  })

  it('says nothing of what is not ordered any more', () => {
    assert.equal(suggest(aLevel({ onHand: 0, reorderPoint: 10, replenished: false }), policy).low, false)
  })

  it('names the quantities that a supplier would take', () => {
    const packing = { packSize: 12, minimumQuantity: 48 }

    assert.equal(packingFault(50, packing), 'It comes in packs of 12, at least 48: order 48 or 60.')
    assert.equal(packingFault(7, packing), 'It comes in packs of 12, at least 48: order 48.')
    assert.equal(packingFault(60, packing), null)
  })
})
