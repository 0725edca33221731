/**
 * `npm start`: a whole shop on one machine, under one supervisor that starts again what dies and leaves nothing behind.
 */
import { parseArgs } from 'node:util'
import { ConfigError } from '../config.ts'
import type { Form } from './apart.ts'
import { makePlan } from './plan.ts'
import type { Plan } from './plan.ts'
import { print } from './report.ts'
import { startShop } from './shop.ts'
import { Advice, wordsFor } from './supervisor/advice.ts'
import { showLogs } from './supervisor/logs.ts'
import { Stopped, Supervisor } from './supervisor/supervisor.ts'
import { welcome } from './welcome.ts'

const usage = `npm start -- [options]
  --apart           five worker processes, each service's data in a database of its own
  --fresh           empty the state folder first: no orders, a new catalog, new keys
  --verbose         show the logs of all parts
  --new-admin-key   make another admin key and show it`

try {
  const wishes = wordsFor(usage, () => wishesOf(process.argv.slice(2)))
  const plan = await makePlan({ env: process.env, fresh: wishes.fresh, form: wishes.form })
  await runShop({ plan, ...wishes })
} catch (error) {
  explain(error)
  process.exitCode = 1
}
// A download that nobody waits for any more must not hold up the end.
process.exit()

async function runShop({ plan, ...wishes }: { plan: Plan } & ReturnType<typeof wishesOf>): Promise<void> {
  const begin = performance.now()
  const { state } = plan
  const supervisor = new Supervisor({ folder: state.folder, say: (line) => print(`  ${clock()} ${line}`) })
  const over = stopOnSignals(supervisor)
  const quiet = wishes.verbose ? showLogs(state.path('logs'), print) : () => {}
  if (state.cleared.length > 0)
    print(`  Stopped what an earlier start had left running: ${state.cleared.join(', ')}`)
  try {
    const prepared = await Promise.race([
      startShop({ plan, supervisor, newAdminKey: wishes.newAdminKey }),
      over,
    ])
    if (prepared === undefined) return
    print(
      `\n  Ready in ${((performance.now() - begin) / 1000).toFixed(1)} s\n\n${welcome({ plan, prepared })}\n`,
    )
    await over
  } catch (error) {
    if (!(error instanceof Stopped)) {
      explain(error)
      process.exitCode = 1
    }
    await supervisor.stop()
  } finally {
    quiet()
    state.release()
  }
}

/**
 * The first signal stops everything in order, a second one kills what is left. Parts are process groups of their own, so a Ctrl-C
 * in the terminal reaches none of them directly. Resolves once everything is stopped.
 */
function stopOnSignals(supervisor: Supervisor): Promise<void> {
  return new Promise((resolve, reject) => {
    let begin: number | undefined
    const stop = (): void => {
      if (begin !== undefined) {
        // A Ctrl-C reaches us twice when npm runs us: from the terminal, and handed on by npm.
        if (performance.now() - begin > 1000) supervisor.kill()
        return
      }
      print('\n  Stopping …')
      begin = performance.now()
      const since = begin
      supervisor.stop().then(() => {
        print(`  Stopped in ${((performance.now() - since) / 1000).toFixed(1)} s`)
        resolve()
      }, reject)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
    // Whatever ends this process takes the parts with it.
    process.on('exit', () => supervisor.kill())
  })
}

function wishesOf(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      apart: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      'new-admin-key': { type: 'boolean', default: false },
    },
  })
  const form: Form = values.apart ? 'apart' : 'together'
  return { form, fresh: values.fresh, verbose: values.verbose, newAdminKey: values['new-admin-key'] }
}

function explain(error: unknown): void {
  const known = error instanceof Advice || error instanceof ConfigError
  console.error(known ? `\n${error.message}` : error)
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8)
}
