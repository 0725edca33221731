import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import type { OrderLetter } from '../../domain/notifications/letter.ts'
import { createMailer } from '../../gateways/mailer.ts'
import { aPostOffice } from '../support/doubles.ts'
import { anOrderLetter } from '../support/factories.ts'
import { anOrderId, someDatabases } from '../support/parts.ts'

const cause = 'req_1'

async function thePost(t: TestContext) {
  const { notification: db } = await someDatabases(t)
  const post = await aPostOffice(t)
  const mailer = createMailer({
    smtpUrl: post.smtpUrl,
    from: 'Cartwright <shop@example.com>',
    timeoutMs: 2_000,
  })
  t.after(() => mailer.close())
  const activities = activitiesOf.notification({
    db,
    mailer,
    shopName: 'Cartwright',
    mailDomain: 'example.com',
  })
  const mails = async (): Promise<{ subject: string; messageId: string }[]> => {
    const answer = (await (await fetch(`${post.url}/api/mails`)).json()) as {
      mails: { subject: string; messageId: string }[]
    }
    return answer.mails
  }
  const statuses = async (): Promise<string[]> => {
    const rows = await db<{ status: string }>('notifications.mails').select('status')
    return rows.map(({ status }) => status)
  }
  return { post, ...activities, mails, statuses, letter: anOrderLetter(anOrderId()) }
}

const to = (letter: OrderLetter, email: string): OrderLetter => ({
  ...letter,
  personal: { ...letter.personal, email },
})

const parcel = {
  shipmentId: 'shp_1',
  carrier: 'DHL',
  service: 'Parcel',
  trackingCode: 'EZ1000000001',
  trackingUrl: 'https://track.example/1',
  lines: [{ sku: 'MUG', quantity: 2 }],
}

describe('sendAgain', () => {
  it('sends each kind of mail again with the words of the first time, once for each time it is asked for', async (t) => {
    const { sendConfirmation, sendShipped, sendRefund, sendTooLate, sendSentAgain, sendAgain, ...post } =
      await thePost(t)
    const { letter, mails } = post
    const { orderId } = letter
    const lines = [{ name: 'Mug', quantity: 1 }]
    const refund = { amountMinor: 500, cancelled: 'nothing', lines, reason: 'a scratch' } as const
    await sendConfirmation({ letter, cause })
    await sendShipped({ orderId, parcel, cause })
    await sendRefund({ orderId, reference: 'rfd_1', refund, cause })
    await sendTooLate({ orderId, reference: 'can_1', cause })
    await sendSentAgain({ orderId, reference: 'rsp_1', lines: [{ sku: 'MUG', quantity: 2 }], cause })
    const first = await mails()
    assert.equal(first.length, 5)

    for (const [number, { messageId }] of first.entries()) {
      const again = { orderId, messageId, resendId: `rsd_${number}` as never, cause }
      await sendAgain(again)
      await sendAgain(again)
    }
    const all = await mails()
    assert.equal(all.length, 10)
    assert.equal(new Set(all.map(({ messageId }) => messageId)).size, 10)
    const subjects = all.map(({ subject }) => subject).sort()
    assert.deepEqual(subjects, [...first, ...first].map(({ subject }) => subject).sort())
  })
})

describe('sendConfirmation', () => {
  it('writes once, however often it runs', async (t) => {
    const { sendConfirmation, mails, statuses, letter } = await thePost(t)

    await sendConfirmation({ letter, cause })
    await sendConfirmation({ letter, cause })

    const sent = await mails()
    assert.deepEqual(
      sent.map(({ messageId }) => messageId),
      [`<confirmation.${letter.orderId}@example.com>`],
    )
    assert.match(sent[0]?.subject ?? '', /100001/)
    assert.deepEqual(await statuses(), ['sent'])
  })

  it('writes under the same Message-ID again when the line went dead after the mail was taken', async (t) => {
    const { post, sendConfirmation, mails, letter } = await thePost(t)
    await post.fault({ operation: 'smtp.data', kind: 'drop_after' })

    await assert.rejects(sendConfirmation({ letter, cause }))
    await sendConfirmation({ letter, cause })

    const ids = (await mails()).map(({ messageId }) => messageId)
    assert.deepEqual([...new Set(ids)], [`<confirmation.${letter.orderId}@example.com>`])
    assert.deepEqual(
      (await post.faults()).map(({ fired }) => fired),
      [1],
    )
  })

  it('tries again what was refused for the moment, and stops at what is refused for good', async (t) => {
    const { post, sendConfirmation, mails, statuses, letter } = await thePost(t)
    await post.fault({ operation: 'smtp.rcpt', kind: 'status', status: 451 })

    await assert.rejects(sendConfirmation({ letter, cause }), /451/)
    await sendConfirmation({ letter: to(letter, 'nobody@example.com'), cause })
    await sendConfirmation({ letter, cause })

    assert.deepEqual(await statuses(), ['refused'])
    assert.deepEqual(await mails(), [])
  })
})

describe('sendShipped', () => {
  it('writes once a parcel, with what is in it by name', async (t) => {
    const { sendConfirmation, sendShipped, mails, letter } = await thePost(t)
    const { orderId } = letter
    await sendConfirmation({ letter, cause })

    await sendShipped({ orderId, parcel, cause })
    await sendShipped({ orderId, parcel, cause })
    await sendShipped({ orderId, parcel: { ...parcel, shipmentId: 'shp_2' }, cause })

    const shipped = (await mails()).filter(({ messageId }) => messageId.startsWith('<shipped.'))
    assert.deepEqual(shipped.map(({ messageId }) => messageId).sort(), [
      '<shipped.shp_1@example.com>',
      '<shipped.shp_2@example.com>',
    ])
  })

  it('waits for the confirmation: who was not written to cannot be told that it left', async (t) => {
    const { sendShipped, letter } = await thePost(t)

    await assert.rejects(sendShipped({ orderId: letter.orderId, parcel, cause }), /has not been written yet/)
  })
})
