import { Refused } from './refused.ts'

interface Task {
  readonly uid: number
  readonly type: string
  readonly indexUid: string | null
  readonly details: unknown
  readonly enqueuedAt: string
  startedAt: string | null
  finishedAt: string | null
  error: Refused['body'] | null
}

/** Writes are tasks, worked on one after the other a moment after they were taken; a failed one says so when it is read. */
export class TaskList {
  readonly #tasks: Task[] = []
  readonly #delayMs: number
  #last: Promise<void> = Promise.resolve()

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  add(about: Pick<Task, 'type' | 'indexUid' | 'details'>, work: () => void) {
    const task: Task = {
      ...{ uid: this.#tasks.length, ...about, enqueuedAt: new Date().toISOString() },
      ...{ startedAt: null, finishedAt: null, error: null },
    }
    this.#tasks.push(task)
    this.#last = this.#last.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, this.#delayMs))
      task.startedAt = new Date().toISOString()
      try {
        work()
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        task.error = error.body
      }
      task.finishedAt = new Date().toISOString()
    })
    const { uid: taskUid, indexUid, type, enqueuedAt } = task
    return { taskUid, indexUid, status: 'enqueued', type, enqueuedAt }
  }

  read(uid: number) {
    const task = this.#tasks[uid]
    if (!task) throw new Refused('task_not_found', `Task \`${uid}\` not found.`, 404)
    return shown(task)
  }

  list({ limit = '20', statuses }: Readonly<Record<string, string>>) {
    const wanted = statuses?.split(',')
    const all = this.#tasks.map(shown).filter(({ status }) => !wanted || wanted.includes(status))
    const results = all.reverse().slice(0, Number(limit))
    return { results, total: all.length, limit: Number(limit), from: results[0]?.uid ?? null, next: null }
  }
}

function shown({ uid, type, indexUid, details, error, enqueuedAt, startedAt, finishedAt }: Task) {
  const status =
    finishedAt === null ? (startedAt === null ? 'enqueued' : 'processing') : error ? 'failed' : 'succeeded'
  const duration = finishedAt === null ? null : 'PT0.001S'
  return {
    ...{
      uid,
      batchUid: startedAt === null ? null : uid,
      indexUid,
      status,
      type,
      canceledBy: null,
      details,
      error,
    },
    ...{ duration, enqueuedAt, startedAt, finishedAt },
  }
}
