import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { isId, shipmentIdOf } from '../../domain/ids.ts'
import { typeidUnboxed } from 'typeid-js'

describe('ids', () => {
  it('knows its own ids and no others', () => {
    assert.ok(isId('ord', typeidUnboxed('ord')))
    assert.ok(isId('cline', 'cline_01h2xcejqtf2nbrexx3vqjhp41'))
    const wrong = [
      '',
      'ord_',
      'cart_01h2xcejqtf2nbrexx3vqjhp41',
      'ord_81h2xcejqtf2nbrexx3vqjhp41',
      'ord_01h2xcejqtf2nbrexx3vqjhp4',
      'ord_01h2xcejqtf2nbrexx3vqjhp411',
      'ord_01h2xcejqtf2nbrexx3vqjhpu1',
      'ord_01H2XCEJQTF2NBREXX3VQJHP41',
      'ord_01h2xcejqtf2nbrexx3vqjhp41\n',
      'ord_01h2xcejqtf2nbrexx3vqjhp41_1',
    ]
    for (const text of wrong) assert.ok(!isId('ord', text), JSON.stringify(text))
  })

  it('derives the id of a parcel from its order, and recognises it again', () => {
    const orderId = 'ord_01h2xcejqtf2nbrexx3vqjhp41'
    assert.ok(isId('ord', orderId))
    const first = shipmentIdOf(orderId, 1)
    assert.equal(first, 'shp_01h2xcejqtf2nbrexx3vqjhp41_1')
    assert.equal(shipmentIdOf(orderId, 1), first)
    assert.ok(isId('shp', first))
    assert.ok(isId('shp', shipmentIdOf(orderId, 12)))
    assert.ok(!isId('shp', `${first}x`))
    assert.ok(!isId('shp', 'shp_01h2xcejqtf2nbrexx3vqjhp41_0'))
    for (const number of [0, -1, 1.5, NaN]) assert.throws(() => shipmentIdOf(orderId, number), RangeError)
  })
})
