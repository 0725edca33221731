import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { Client, Connection, ScheduleOverlapPolicy } from '@temporalio/client'
import { readLocalSettings } from '../../dev/settings.ts'
import { freePort } from '../../dev/supervisor/ports.ts'
import { temporalCli } from '../../dev/temporal/pins.ts'
import { findProgram } from '../../dev/temporal/programs.ts'
import { temporalPart } from '../../dev/temporal/server.ts'
import { checkStock, ensure, ensureSchedules } from '../../workers/schedules.ts'
import { stockCheckSchedule } from '../../workflows/stock-contract.ts'
import { aStockConfig } from '../support/factories.ts'
import { temporaryFolder, testSupervisor } from '../support/fake-parts.ts'
import { aNamespace } from '../support/namespaces.ts'

const dayMs = 24 * 60 * 60 * 1000

describe('the daily check', () => {
  it('runs at its hour where the shop is, winter and summer, skips while one runs, and catches up', async (t) => {
    const { client, namespace, close } = await aNamespace([
      { id: 'test', key: Buffer.alloc(32).toString('base64') },
    ])
    t.after(close)
    const { connection } = client as unknown as { connection: Connection }
    const check = { ...aStockConfig.check, timeZone: 'Europe/Berlin' }
    const plan = { connection, namespace, services: ['inventory'] as const, trackEveryMs: 1_000 }
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

  /** A Temporal server of the test's own, which can be down for a while and come back on the same data. */
  async function aServer(t: TestContext) {
    const { folder, remove } = temporaryFolder()
    const settings = readLocalSettings(process.env)
    const program = await findProgram({
      ...{ program: temporalCli, configured: settings.TEMPORAL_CLI, cacheFolder: settings.XDG_CACHE_HOME },
      ...{ path: process.env.PATH ?? '', say: () => {} },
    })
    const port = await freePort()
    const part = temporalPart({ program, port, databaseFile: join(folder, 'temporal.db') })
    const start = async () => {
      const supervisor = testSupervisor({ folder })
      await supervisor.start(part)
      const connection = await Connection.connect({ address: `127.0.0.1:${port}` })
      const stop = async (): Promise<void> => {
        await connection.close()
        // As a machine that loses its power: nothing is said to anybody.
        supervisor.kill()
      }
      return { client: new Client({ connection }), stop }
    }
    t.after(remove)
    return start
  }

  it('that was missed several times is made up for once', async (t) => {
    const start = await aServer(t)
    const before = await start()
    // A day of this test is a second; nothing else about the schedule is changed.
    const firstAt = new Date(Date.now() + 2_500)
    const plan = { ...checkStock(aStockConfig), spec: { intervals: [{ every: 1_000 }], startAt: firstAt } }
    await ensure(before.client.schedule, plan)
    await before.stop()
    assert.ok(Date.now() < firstAt.getTime(), 'the server went down too late to miss anything')
    await sleep(firstAt.getTime() + 4_000 - Date.now())

    const back = await start()
    const backAt = Date.now()
    t.after(back.stop)
    const handle = back.client.schedule.getHandle(stockCheckSchedule)
    let seen = await handle.describe()
    while (seen.info.recentActions.length === 0 || seen.info.numActionsSkippedOverlap < 2) {
      await sleep(50)
      seen = await handle.describe()
    }

    const { recentActions, numActionsMissedCatchupWindow: tooLate, numActionsTaken: taken } = seen.info
    assert.deepEqual([taken, tooLate, recentActions.length], [1, 0, 1])
    assert.ok(
      recentActions[0]!.scheduledAt.getTime() < backAt - 2_000,
      'it made up for what was missed first',
    )
    const running = await back.client.workflow.count(`WorkflowType = 'checkInventory'`)
    assert.equal(running.count, 1)
  })
})
