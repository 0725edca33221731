import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection, ScheduleOverlapPolicy } from '@temporalio/client'
import { readLocalSettings } from '../../dev/settings.ts'
import { freePort } from '../../dev/supervisor/ports.ts'
import { signalGroup } from '../../dev/supervisor/processes.ts'
import { readRoll } from '../../dev/supervisor/roll.ts'
import { temporalCli } from '../../dev/temporal/pins.ts'
import { findProgram } from '../../dev/temporal/programs.ts'
import { temporalPart } from '../../dev/temporal/server.ts'
import { checkStock, ensure, ensureSchedules } from '../../workers/schedules.ts'
import { reconcileSchedule } from '../../workflows/reconcile-contract.ts'
import { stockCheckSchedule } from '../../workflows/stock-contract.ts'
import { aStockConfig } from '../support/factories.ts'
import { temporaryFolder, testSupervisor } from '../support/fake-parts.ts'
import { aNamespace } from '../support/namespaces.ts'
import { until } from '../support/stripe.ts'

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

  /** A Temporal server of the test's own, which can stand still while time goes on. */
  async function aServer(t: TestContext) {
    const { folder, remove } = temporaryFolder()
    const settings = readLocalSettings(process.env)
    const program = await findProgram({
      ...{ program: temporalCli, configured: settings.TEMPORAL_CLI, cacheFolder: settings.XDG_CACHE_HOME },
      ...{ path: process.env.PATH ?? '', say: () => {} },
    })
    const port = await freePort()
    const supervisor = testSupervisor({ folder })
    await supervisor.start(temporalPart({ program, port, databaseFile: join(folder, 'temporal.db') }))
    const connection = await Connection.connect({ address: `127.0.0.1:${port}` })
    t.after(async () => {
      await connection.close()
      await supervisor.stop()
      remove()
    })
    const [{ mark }] = readRoll(folder) as [ReturnType<typeof readRoll>[number]]
    return {
      client: new Client({ connection }),
      stop: () => assert.ok(signalGroup(mark.pid, 'SIGSTOP')),
      goOn: () => assert.ok(signalGroup(mark.pid, 'SIGCONT')),
    }
  }

  it('that was missed several times is made up for once', async (t) => {
    const { client, stop, goOn } = await aServer(t)
    // A day of this test is a second; nothing else about the schedule is changed.
    const handle = client.schedule.getHandle(stockCheckSchedule)
    const plan = async (firstAt: Date): Promise<void> => {
      const daily = { intervals: [{ every: 1_000 }], startAt: firstAt }
      await ensure(client.schedule, { ...checkStock(aStockConfig), spec: daily })
      // It answers only when it has looked at the clock with this plan.
      assert.deepEqual((await handle.describe()).info.recentActions, [])
    }
    const begun = Date.now()
    await plan(new Date(begun + 60 * 60_000))
    // As long again and more, on a machine however busy.
    const needed = 1_500 + 3 * (Date.now() - begun)
    const firstAt = new Date(Math.ceil((Date.now() + needed) / 1_000) * 1_000)
    await plan(firstAt)
    stop()
    assert.ok(Date.now() < firstAt.getTime(), 'the server stood still too late to miss anything')
    await sleep(firstAt.getTime() + 2_500 - Date.now())
    const backAt = Date.now()
    goOn()

    let { info } = await handle.describe()
    while (info.recentActions.length === 0 || info.numActionsSkippedOverlap < 2) {
      await sleep(50)
      ;({ info } = await handle.describe())
    }
    const { recentActions, numActionsMissedCatchupWindow: tooLate, numActionsTaken: taken } = info
    assert.deepEqual([taken, tooLate, recentActions.length], [1, 0, 1])
    const [first] = recentActions
    assert.deepEqual(first?.scheduledAt, firstAt)
    assert.ok(first.takenAt.getTime() >= backAt, 'it began when the server was back')
    // Lists are brought up to date once a second.
    const listed = async (): Promise<number> =>
      (await client.workflow.count(`WorkflowType = 'checkInventory'`)).count
    await until(async () => (await listed()) > 0)
    assert.equal(await listed(), 1)
  })
})

describe('the other schedules', () => {
  it('look for parcels and compare all books, one at a time, as often as the settings say', async (t) => {
    const { client, namespace, close } = await aNamespace([
      { id: 'test', key: Buffer.alloc(32).toString('base64') },
    ])
    t.after(close)
    const { connection } = client as unknown as { connection: Connection }
    await ensureSchedules({
      ...{ connection, namespace, services: ['order', 'shipping'], trackEveryMs: 60_000 },
      ...{ stock: aStockConfig, reconcile: { everyMs: 3_600_000, days: 7 } },
    })

    for (const [id, workflowType, everyMs] of [
      ['track-shipments', 'trackShipments', 60_000],
      [reconcileSchedule, 'reconcile', 3_600_000],
    ] as const) {
      const { action, spec, policies } = await client.schedule.getHandle(id).describe()
      assert.equal(action.workflowType, workflowType)
      assert.deepEqual(
        spec.intervals?.map(({ every }) => every),
        [everyMs],
      )
      assert.equal(policies.overlap, ScheduleOverlapPolicy.SKIP)
    }
  })
})
