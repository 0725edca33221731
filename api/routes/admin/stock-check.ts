import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Static } from 'typebox'
import type { CheckSchedule } from '../../../gateways/flows/stock.ts'
import { newId } from '../../../store/ids.ts'
import { listStockChecks } from '../../../store/stock-checks.ts'
import type { StockCheck } from '../../../store/stock-checks.ts'
import { emptyBodies } from '../../plugins/empty-bodies.ts'
import { once } from '../../plugins/idempotency.ts'
import { Problem, retryAfter } from '../../problems.ts'
import { idempotencyHeaders } from '../../schemas/common.ts'
import { PauseNote, StockCheckPlan, Triggered } from '../../schemas/purchasing.ts'
import type { Services } from '../../services.ts'

const tags = ['admin: purchasing']
const url = '/stock-check'
const shownRuns = 20
const writing = { permission: 'purchasing:write', problems: ['service.unavailable'] } as const

/** The daily check: when it runs next, what the last runs found, and the buttons beside it. */
export const adminStockCheckRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { flows, databases } = services

  app.get(
    url,
    {
      config: { permission: 'purchasing:read', problems: ['service.unavailable'] },
      schema: {
        ...{ operationId: 'adminReadStockCheck', tags, summary: 'The daily check: next and recent runs' },
        response: { 200: StockCheckPlan.ref },
      },
    },
    async () => plan(),
  )

  app.post(
    `${url}/trigger`,
    {
      config: writing,
      preValidation: emptyBodies,
      schema: {
        ...{
          operationId: 'adminTriggerStockCheck',
          tags,
          summary: 'Runs the check now, unless it is running',
        },
        ...{ headers: idempotencyHeaders, response: { 202: Triggered.ref } },
      },
    },
    async (request, reply) =>
      once({ db: databases.accounts, request, reply, mint: () => newId('chg') }, async () => {
        if (!(await flows.stock.triggerCheck())) throw noSchedule()
        return { status: 202, body: { triggered: true }, keep: true }
      }),
  )

  for (const verb of ['pause', 'resume'] as const) {
    app.post(
      `${url}/${verb}`,
      {
        config: writing,
        preValidation: emptyBodies,
        schema: {
          operationId: `admin${verb === 'pause' ? 'Pause' : 'Resume'}StockCheck`,
          summary: verb === 'pause' ? 'Runs it no more, until it is resumed' : 'Runs it every day again',
          ...{ tags, body: PauseNote.ref, response: { 200: StockCheckPlan.ref } },
        },
      },
      async ({ body, caller }) => {
        const note = body.note ?? `${verb}d by ${caller ?? 'an admin'}`
        const done =
          verb === 'pause' ? await flows.stock.pauseCheck(note) : await flows.stock.resumeCheck(note)
        if (!done) throw noSchedule()
        return plan()
      },
    )
  }

  async function plan(): Promise<Static<typeof StockCheckPlan.schema>> {
    const [schedule, checks] = await Promise.all([
      flows.stock.readCheckSchedule(),
      listStockChecks(databases.inventory, shownRuns),
    ])
    if (!schedule) throw noSchedule()
    return planView({ schedule, checks })
  }
}

/** What the schedule started and what the runs wrote down, as one list: Temporal forgets its runs, and knows those under way. */
function planView({
  schedule,
  checks,
}: {
  schedule: CheckSchedule
  checks: readonly StockCheck[]
}): Static<typeof StockCheckPlan.schema> {
  const due = new Map(schedule.recent.map((run) => [run.runId, run]))
  const unfinished = schedule.recent
    .filter(({ runId }) => !checks.some(({ id }) => id === runId))
    .toReversed()
  return {
    paused: schedule.paused,
    ...(schedule.note !== null && { note: schedule.note }),
    ...(schedule.timeZone !== null && { time_zone: schedule.timeZone }),
    next_runs: [...schedule.next],
    running: [...schedule.running],
    recent_runs: [
      ...unfinished.map(({ scheduledAt, takenAt }) => ({ scheduled_at: scheduledAt, started_at: takenAt })),
      ...checks.map(({ id, workflowId, startedAt, finishedAt, levels, low, started, waiting }) => {
        const scheduledAt = due.get(id)?.scheduledAt
        return {
          workflow_id: workflowId,
          ...(scheduledAt !== undefined && { scheduled_at: scheduledAt }),
          ...{ started_at: startedAt, finished_at: finishedAt, found: { levels, low, started, waiting } },
        }
      }),
    ],
  }
}

const noSchedule = (): Problem =>
  new Problem(
    'service.unavailable',
    'The daily check is not set up yet: start a worker of the inventory service.',
    {
      headers: retryAfter(10_000),
    },
  )
