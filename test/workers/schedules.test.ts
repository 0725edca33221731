import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ScheduleOverlapPolicy } from '@temporalio/client'
import type { Connection } from '@temporalio/client'
import { ensureSchedules } from '../../workers/schedules.ts'
import { stockCheckSchedule } from '../../workflows/stock-contract.ts'
import { aStockConfig } from '../support/factories.ts'
import { aNamespace } from '../support/namespaces.ts'

const dayMs = 24 * 60 * 60 * 1000

describe('the daily check', () => {
  it('runs at its hour where the shop is, one at a time, and stays paused when its settings change', async (t) => {
    const { client, namespace, close } = await aNamespace([
      { id: 'test', key: Buffer.alloc(32).toString('base64') },
    ])
    t.after(close)
    const { connection } = client as unknown as { connection: Connection }
    const check = { ...aStockConfig.check, timeZone: 'Europe/Berlin' }
    const plan = {
      connection,
      namespace,
      services: ['inventory'] as const,
      trackEveryMs: 1_000,
      reconcile: { everyMs: 3_600_000, days: 1 },
    }
    await ensureSchedules({ ...plan, stock: { ...aStockConfig, check } })

    const handle = client.schedule.getHandle(stockCheckSchedule)
    const { info, policies } = await handle.describe()
    const inBerlin = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' })
    assert.deepEqual([...new Set(info.nextActionTimes.map((time) => inBerlin.format(time)))], ['03:00'])
    assert.deepEqual([policies.overlap, policies.catchupWindow], [ScheduleOverlapPolicy.SKIP, 3 * dayMs])

    await handle.pause('inventory day')
    await ensureSchedules({ ...plan, stock: { ...aStockConfig, check: { ...check, hour: 5 } } })

    const changed = await handle.describe()
    assert.deepEqual([changed.state.paused, changed.state.note], [true, 'inventory day'])
    assert.equal(inBerlin.format(changed.info.nextActionTimes[0]), '05:00')
  })
})
