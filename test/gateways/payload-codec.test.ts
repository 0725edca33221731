import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { defaultPayloadConverter } from '@temporalio/common'
import type { Payload } from '@temporalio/common'
import { personalCodec } from '../../gateways/payload-codec.ts'
import { aCheckout, anOrderLetter } from '../support/factories.ts'
import { anOrderId } from '../support/parts.ts'

const aKey = (id: string) => ({ id, key: randomBytes(32).toString('base64') })
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value)
const text = ({ data }: Payload): string => Buffer.from(data ?? []).toString('latin1')

describe('the payload codec', () => {
  const old = aKey('2025')
  const now = aKey('2026')

  for (const [what, value] of [
    ['a checkout', aCheckout()],
    ['a letter to the customer', { letter: anOrderLetter(anOrderId()), cause: 'req_1' }],
    ['an address on its way to the carrier', { plan: { grams: 600 }, personal: aCheckout().personal }],
  ] as const) {
    it(`hides the customer in ${what}, and gives back what went in`, async () => {
      const codec = personalCodec([now])

      const [sealed] = await codec.encode([payload(value)])

      assert.doesNotMatch(text(sealed!), /Ada|Lovelace|example\.com|Torstr/)
      const [opened] = await codec.decode([sealed!])
      assert.deepEqual(defaultPayloadConverter.fromPayload(opened!), value)
    })
  }

  it('leaves what names nobody readable for operators', async () => {
    const value = { orderId: 'ord_1', lines: [{ sku: 'MUG', quantity: 2 }] }

    const [same] = await personalCodec([now]).encode([payload(value)])

    assert.deepEqual(same, payload(value))
  })

  it('writes the same thing differently each time', async () => {
    const [one, two] = await personalCodec([now]).encode([payload(aCheckout()), payload(aCheckout())])

    assert.notEqual(text(one!), text(two!))
  })

  it('reads what an older key wrote, and writes with the newest', async () => {
    const [sealed] = await personalCodec([old]).encode([payload({ personal: 'Ada' })])
    const both = personalCodec([now, old])

    const [opened] = await both.decode([sealed!])
    assert.deepEqual(defaultPayloadConverter.fromPayload(opened!), { personal: 'Ada' })

    const [again] = await both.encode([opened!])
    assert.equal(Buffer.from(again?.metadata?.['encryption-key-id'] ?? []).toString(), '2026')
  })

  it('says which key is missing, and refuses what was tampered with', async () => {
    const [sealed] = await personalCodec([old]).encode([payload({ personal: 'Ada' })])

    await assert.rejects(personalCodec([now]).decode([sealed!]), /key "2025".*PAYLOAD_KEYS/)
    sealed!.data![sealed!.data!.length - 1]! ^= 1
    await assert.rejects(personalCodec([old]).decode([sealed!]))
  })
})
