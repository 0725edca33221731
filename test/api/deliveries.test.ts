import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Grant } from '../../domain/permissions.ts'
import { announce, noteFailure } from '../../store/outbox.ts'
import type { Announcing } from '../../store/outbox.ts'
import { aKey, openApi } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'

let api: TestApi
before(async () => {
  api = await openApi()
})
after(() => api?.close())

interface Listed {
  data: { event_id: string; listener: string; subject: string; state: string; attempts: number }[]
  page: { has_more: boolean; next_cursor?: string }
}

const owners = { orders: 'order', shipping: 'shipping', inventory: 'inventory' } as const

/** An event that a listener could not take. Answers the id of the event. */
async function failed(
  schema: keyof typeof owners & Announcing,
  { subject, at, listener, parked }: { subject: string; at: string; listener: string; parked: boolean },
): Promise<string> {
  const db = api.databases[owners[schema]]
  const event = { type: 'Shipment Ready', subject, at, cause: 'test', data: { orderId: subject } } as const
  await announce(db, { schema, events: [event] })
  const [row] = (await db(`${schema}.outbox`).where({ subject })) as { event_id: string }[]
  const eventId = row?.event_id ?? ''
  const nextAt = parked ? null : '2026-01-02T00:00:00.000Z'
  await noteFailure(db, {
    schema,
    eventId,
    consumer: listener,
    error: 'I cannot read this',
    nextAt,
    at,
    counts: true,
  })
  return eventId
}

const as = async (grant: Grant) => ({ authorization: `Bearer ${await aKey(api.databases, [grant])}` })

async function list(query = ''): Promise<Listed> {
  const headers = await as('deliveries:read')
  return (await api.ask({ url: `/v1/admin/deliveries${query}`, headers })).body as Listed
}

describe('what listeners could not take, for admins', () => {
  let parked = ''
  before(async () => {
    const at = (day: number): string => `2026-01-0${day}T00:00:00.000Z`
    await failed('orders', { subject: 'ord_1', at: at(1), listener: 'catalog.availability', parked: false })
    parked = await failed('shipping', {
      subject: 'ord_2',
      at: at(2),
      listener: 'orders.parcels',
      parked: true,
    })
    await failed('inventory', { subject: 'ord_3', at: at(3), listener: 'orders.stock-taken', parked: false })
  })

  it('is listed newest first, of all services, by state, page by page', async () => {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const { data, page } = await list(`?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`)
      seen.push(...data.map(({ subject }) => subject))
      cursor = page.next_cursor
    } while (cursor !== undefined)

    assert.deepEqual(seen, ['ord_3', 'ord_2', 'ord_1'])
    assert.deepEqual((await list('?state=parked')).data, [
      {
        event_id: parked,
        listener: 'orders.parcels',
        type: 'Shipment Ready',
        subject: 'ord_2',
        announced_at: '2026-01-02T00:00:00.000Z',
        state: 'parked',
        attempts: 1,
        parked_at: '2026-01-02T00:00:00.000Z',
        last_error: 'I cannot read this',
      },
    ])
    assert.deepEqual(
      (await list('?state=waiting')).data.map(({ state }) => state),
      ['waiting', 'waiting'],
    )
  })

  it('takes no cursor and no state that it did not name', async () => {
    const headers = await as('deliveries:read')
    for (const query of ['?cursor=bm9uc2Vuc2U', '?state=lost', '?limit=0']) {
      const reply = await api.ask({ url: `/v1/admin/deliveries${query}`, headers })
      assert.equal(reply.problem.code, 'request.invalid', query)
    }
  })

  it('is tried again when an admin says so, and answers a repeat with the same bytes', async () => {
    const headers = { ...(await as('deliveries:replay')), 'idempotency-key': 'again' }
    const url = `/v1/admin/deliveries/${parked}/orders.parcels/replay`
    const first = await api.ask({ method: 'POST', url, headers })
    assert.equal(first.status, 202)
    const { state, attempts } = first.body as Listed['data'][number]
    assert.deepEqual([state, attempts], ['waiting', 1])
    assert.equal((await api.ask({ method: 'POST', url, headers })).text, first.text)
    assert.deepEqual((await list('?state=parked')).data, [])
  })

  it('is for those who may see it, and names what it does not know', async () => {
    const url = `/v1/admin/deliveries/${parked}/orders.parcels/replay`
    const reader = { ...(await as('deliveries:read')), 'idempotency-key': 'k' }
    assert.equal((await api.ask({ method: 'POST', url, headers: reader })).problem.code, 'auth.forbidden')
    assert.equal((await api.ask({ url: '/v1/admin/deliveries' })).problem.code, 'auth.required')

    const may = await as('deliveries:replay')
    for (const unknown of [url.replace('orders.parcels', 'nobody'), url.replace(parked, 'evt_unknown')]) {
      const headers = { ...may, 'idempotency-key': unknown }
      const reply = await api.ask({ method: 'POST', url: unknown, headers })
      assert.deepEqual([reply.status, reply.problem.code], [404, 'delivery.not_found'])
    }
  })
})
