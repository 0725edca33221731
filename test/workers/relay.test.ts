import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { ApplicationFailure } from '@temporalio/common'
import { pino } from 'pino'
import type { DomainEvent } from '../../domain/events.ts'
import type { Db } from '../../store/db.ts'
import { replayDelivery } from '../../store/deliveries.ts'
import { announce } from '../../store/outbox.ts'
import { isNotYet, NotYet } from '../../workers/effects/effect.ts'
import type { Reaction } from '../../workers/effects/effect.ts'
import { relayFailed, relayNew } from '../../workers/relay.ts'
import type { RelaySettings } from '../../workers/relay.ts'
import { taker } from '../../workers/take-events.ts'
import { someDatabases } from '../support/parts.ts'

const log = pino({ level: 'silent' })

/** A relay of the shipping outbox with these listeners; each writes what it heard into a table of the test's own. */
async function aRelay(
  t: TestContext,
  listeners: Record<string, (event: DomainEvent) => void | Promise<void>>,
) {
  const databases = await someDatabases(t)
  const db = databases.shipping
  await db.raw('create table public.heard (consumer text, event_id text, subject text, number integer)')
  const reactions = Object.entries(listeners).map(([consumer, listen]): Reaction => {
    const write = async (trx: Db, event: DomainEvent): Promise<void> => {
      const { number } = event.data as { number: number }
      await trx('public.heard').insert({ consumer, event_id: event.id, subject: event.subject, number })
      await listen(event)
    }
    return { consumer, service: 'order', inbox: 'orders', on: { 'Shipment Ready': { write } } }
  })
  const take = taker({
    databases,
    reactions,
    deeds: { mails: undefined as never, search: undefined as never },
  })
  const settings: RelaySettings = {
    db,
    schema: 'shipping',
    reactions,
    deliver: ({ consumer }, events) => take({ consumer, events }),
    pollMs: 10,
    log,
  }
  const say = async (subject: string, ...numbers: number[]): Promise<void> => {
    const at = new Date().toISOString()
    const events = numbers.map((number) => ({
      type: 'Shipment Ready' as const,
      subject,
      at,
      cause: 'test',
      data: { number },
    }))
    await announce(db, { schema: 'shipping', events })
  }
  const heard = async (consumer: string): Promise<[string, number][]> => {
    const rows = (await db('public.heard').where({ consumer }).orderBy(['subject', 'number'])) as {
      subject: string
      number: number
    }[]
    return rows.map(({ subject, number }) => [subject, number])
  }
  /** Makes every delivery that waits due at once, as time would. */
  const later = async (): Promise<void> => {
    await db('shipping.failed_deliveries').whereNotNull('next_at').update({ next_at: '2000-01-01T00:00:00Z' })
  }
  return { db, databases, settings, take, say, heard, later }
}

describe('the relay', () => {
  it('carries each event to each listener once', async (t) => {
    const { settings, say, heard } = await aRelay(t, { a: () => {}, b: () => {} })
    await say('ord_1', 1, 2)
    await say('ord_2', 1)

    assert.equal(await relayNew(settings), 3)
    assert.equal(await relayNew(settings), 0)

    const all = [
      ['ord_1', 1],
      ['ord_1', 2],
      ['ord_2', 1],
    ]
    assert.deepEqual(await heard('a'), all)
    assert.deepEqual(await heard('b'), all)
  })

  it('has one effect though four relays run at once and one of them dies before it can say so', async (t) => {
    const { db, settings, say, heard } = await aRelay(t, { a: () => {} })
    await say('ord_1', 1, 2, 3)
    await relayNew(settings)
    // What a relay leaves behind that died after its listeners had answered: the events look as if nobody had relayed them.
    await db('shipping.outbox').update({ relayed_at: null, leased_until: '2000-01-01T00:00:00Z' })

    await Promise.all([relayNew(settings), relayNew(settings), relayNew(settings), relayNew(settings)])

    assert.equal((await heard('a')).length, 3)
  })

  it('lets the others go on while one listener fails, and delivers to it later', async (t) => {
    let down = true
    const { settings, say, heard, later } = await aRelay(t, {
      good: () => {},
      bad: () => {
        if (down) throw new Error('out of order')
      },
    })
    await say('ord_1', 1)
    await relayNew(settings)
    assert.deepEqual(await heard('good'), [['ord_1', 1]])
    assert.deepEqual(await heard('bad'), [])

    await later()
    await relayFailed(settings)
    assert.deepEqual(await heard('bad'), [])

    down = false
    await later()
    await relayFailed(settings)
    assert.deepEqual(await heard('bad'), [['ord_1', 1]])
    await later()
    assert.equal(await relayFailed(settings), 0)
  })

  it('never lets an event overtake an earlier one of its subject; other subjects pass', async (t) => {
    let poison = true
    const order: string[] = []
    const { settings, say, heard, later } = await aRelay(t, {
      a: ({ subject, data }) => {
        const { number } = data as { number: number }
        if (poison && subject === 'ord_1' && number === 1) throw new Error('not yet')
        order.push(`${subject}/${number}`)
      },
    })
    await say('ord_1', 1)
    await relayNew(settings)
    await say('ord_1', 2, 3)
    await say('ord_2', 1)
    await relayNew(settings)
    assert.deepEqual(await heard('a'), [['ord_2', 1]])

    poison = false
    await later()
    await relayFailed(settings)
    assert.deepEqual(order, ['ord_2/1', 'ord_1/1', 'ord_1/2', 'ord_1/3'])
  })

  it('parks an event that its listener can never take, with the reason', async (t) => {
    const { db, settings, say, later } = await aRelay(t, {
      bad: () => {
        throw new Error('I cannot read this')
      },
    })
    await say('ord_1', 1)
    await relayNew(settings)
    for (let run = 0; run < 40; run += 1) {
      await later()
      if ((await relayFailed(settings)) === 0) break
    }

    interface Parked {
      parked_at: string | null
      last_error: string
      attempts: number
    }
    const [parked] = await db<Parked>('shipping.failed_deliveries').select()
    assert.notEqual(parked?.parked_at, null)
    assert.equal(parked?.last_error, 'I cannot read this')
    assert.equal(parked?.attempts, 30)
  })

  it('never parks what only has to wait, nor what comes after it, however long that takes', async (t) => {
    let settled = false
    const { db, settings, say, heard, later } = await aRelay(t, {
      patient: ({ data }) => {
        if (!settled && (data as { number: number }).number === 1) throw new NotYet('the refund is not made')
      },
    })
    await say('ord_1', 1, 2)
    await relayNew(settings)
    for (let run = 0; run < 40; run += 1) {
      await later()
      assert.equal(await relayFailed(settings), 2)
    }
    const waiting = await db<{ attempts: number; parked_at: string | null }>('shipping.failed_deliveries')
    assert.deepEqual(
      waiting.map(({ attempts, parked_at: parkedAt }) => [attempts, parkedAt]),
      [
        [1, null],
        [1, null],
      ],
    )

    settled = true
    await later()
    await relayFailed(settings)
    assert.deepEqual(await heard('patient'), [
      ['ord_1', 1],
      ['ord_1', 2],
    ])
  })

  it('knows who only has to wait when a service elsewhere says so', () => {
    const cause = ApplicationFailure.create({ type: 'NotYet', message: 'not yet' })
    assert.ok(isNotYet(new Error('the activity failed', { cause })))
    assert.ok(!isNotYet(new Error('the activity failed', { cause: new Error('out of order') })))
  })

  it('delivers a parked event when an admin replays it, with one effect, while others passed it meanwhile', async (t) => {
    let broken = true
    const { db, settings, say, heard, later } = await aRelay(t, {
      bad: ({ data }) => {
        if (broken && (data as { number: number }).number === 1) throw new Error('I cannot read this')
      },
    })
    await say('ord_1', 1)
    await relayNew(settings)
    while ((await relayFailed(settings)) > 0) await later()
    await db('shipping.failed_deliveries').update({ next_at: null, parked_at: '2026-01-01T00:00:00Z' })
    await say('ord_1', 2)
    await relayNew(settings)
    assert.deepEqual(await heard('bad'), [['ord_1', 2]])

    broken = false
    const [{ event_id: eventId } = { event_id: '' }] = await db<{ event_id: string }>(
      'shipping.failed_deliveries',
    )
    const now = new Date().toISOString()
    const asked = { schema: 'shipping', eventId, listener: 'bad', now } as const
    for (let time = 0; time < 2; time += 1) {
      await replayDelivery(db, asked)
      await relayFailed(settings)
    }

    assert.deepEqual(await heard('bad'), [
      ['ord_1', 1],
      ['ord_1', 2],
    ])
    assert.equal((await db('shipping.failed_deliveries')).length, 0)
  })

  it('does all of a batch or none of it when the listener fails in the middle', async (t) => {
    const { db, settings, take, say } = await aRelay(t, {
      a: ({ data }) => {
        if ((data as { number: number }).number === 3) throw new Error('in the middle')
      },
    })
    await say('ord_1', 1, 2, 3)
    const events = (await db('shipping.outbox').orderBy('position')) as {
      event_id: string
      subject: string
      data: object
    }[]
    const batch = events.map(({ event_id: id, subject, data }) => ({
      id: id as DomainEvent['id'],
      type: 'Shipment Ready' as const,
      subject,
      at: '',
      cause: '',
      data: data as DomainEvent['data'],
    }))

    await assert.rejects(take({ consumer: 'a', events: batch }), /in the middle/)

    assert.equal((await db('public.heard')).length, 0)
    assert.equal((await db('orders.inbox')).length, 0)
    assert.ok(settings)
  })
})
