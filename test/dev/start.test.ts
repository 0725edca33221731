import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { removeCluster } from '../../dev/postgres/cluster.ts'
import { isRunning } from '../../dev/supervisor/processes.ts'
import type { ProcessMark } from '../../dev/supervisor/processes.ts'
import { freePort } from '../../dev/supervisor/ports.ts'
import { temporaryFolder, until } from '../support/fake-parts.ts'

/** The command itself, in a folder and on ports of its own. */
describe('npm start', () => {
  const { folder, remove } = temporaryFolder()
  const env: NodeJS.ProcessEnv = { ...process.env, LOCAL_STATE: folder }
  const started = new Set<ChildProcess>()
  // When the whole run is stopped, the shop has to hear of it.
  process.once('SIGTERM', () => {
    for (const child of started) child.kill('SIGTERM')
  })
  before(async () => {
    for (const name of ['POSTGRES', 'TEMPORAL', 'TEMPORAL_UI', 'STRIPE', 'EASYPOST', 'SMTP', 'MAILBOX']) {
      env[`LOCAL_${name}_PORT`] = String(await freePort())
    }
    env.API_PORT = String(await freePort())
  })
  after(() => {
    for (const child of started) child.kill('SIGKILL')
    removeCluster(join(folder, 'postgres'))
    remove()
  })

  interface Command {
    child: ChildProcess
    said: () => string
    over: Promise<number | null>
  }
  const start = (...args: string[]): Command => run('dev/start.mjs', ...args)
  const keys = (...args: string[]): Command => run('dev/run.mjs', 'dev/keys.ts', ...args)
  function run(...args: string[]): Command {
    const child = spawn(process.execPath, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    started.add(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (more: string) => (text += more))
    }
    const over = once(child, 'close').then(([code]) => {
      started.delete(child)
      return code as number | null
    })
    return { child, said: () => text, over }
  }
  async function ready({ said, child }: Command): Promise<void> {
    await until(() => said().includes('Ready in') || child.exitCode !== null)
    assert.match(said(), /Ready in/, said())
  }
  const marks = (): { name: string; mark: ProcessMark }[] =>
    JSON.parse(readFileSync(join(folder, 'parts.json'), 'utf8')) as { name: string; mark: ProcessMark }[]
  const products = () => fetch(`http://127.0.0.1:${env.API_PORT}/v1/store/products?limit=3`)

  it('brings up a shop with products in it, and takes all of it down again', async () => {
    const shop = start()
    await ready(shop)
    const running = marks()
    const answer = await products()

    assert.equal(answer.status, 200)
    assert.equal(((await answer.json()) as { data: unknown[] }).data.length, 3)
    assert.deepEqual(running.map(({ name }) => name).sort(), [
      'api',
      'doubles',
      'postgres',
      'temporal',
      'workers',
    ])
    assert.match(shop.said(), /Admin key +ck_\S+ /)

    shop.child.kill('SIGINT')

    assert.equal(await shop.over, 0)
    assert.deepEqual(
      running.filter(({ mark }) => isRunning(mark)),
      [],
    )
  })

  it('makes keys that open what they may, and understands a wish before it looks for the shop', async () => {
    const nonsense = keys('create', '--name', 'Shelf', '--permissions', 'stock:eat')
    assert.equal(await nonsense.over, 1)
    assert.match(nonsense.said(), /There is no permission stock:eat/)
    const early = keys('list')
    assert.equal(await early.over, 1)
    assert.match(early.said(), /No shop runs out of .*npm start/)

    const shop = start()
    await ready(shop)
    const made = keys('create', '--name', 'Shelf', '--permissions', 'stock:read')
    assert.equal(await made.over, 0)
    const [secret] = made.said().split('\n')
    const id = /key_\w+/.exec(made.said())?.[0]
    assert.ok(id)
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${env.API_PORT}/v1/admin/${path}`, {
        headers: { authorization: `Bearer ${secret}` },
      })
    assert.deepEqual([(await ask('stock')).status, (await ask('orders')).status], [200, 403])

    const revoked = keys('revoke', id)
    assert.equal(await revoked.over, 0)
    const listed = keys('list')
    assert.equal(await listed.over, 0)
    assert.match(listed.said(), new RegExp(`${id}  Shelf  stock:read  revoked`))

    shop.child.kill('SIGTERM')
    assert.equal(await shop.over, 0)
  })

  it('goes on with the same shop, starts again what dies, and lets no second one in', async () => {
    const shop = start()
    await ready(shop)
    assert.match(shop.said(), /Admin key +in /)
    const api = marks().find(({ name }) => name === 'api')
    assert.ok(api)

    process.kill(api.mark.pid, 'SIGKILL')
    await until(() => shop.said().includes('api is back'))
    assert.equal((await products()).status, 200)

    const second = start()
    assert.equal(await second.over, 1)
    assert.match(second.said(), /runs out of .* already/)

    shop.child.kill('SIGTERM')
    assert.equal(await shop.over, 0)
  })

  it('says all that is wrong with the settings before it touches anything', async () => {
    rmSync(join(folder, 'version'), { force: true })
    env.HOLD_MS = 'soon'
    env.LOCAL_SMTP_PORT = 'mail'
    const shop = start('--fresh')

    assert.equal(await shop.over, 1)
    assert.match(shop.said(), /2 settings need attention[^]*LOCAL_SMTP_PORT[^]*HOLD_MS/)
    assert.ok(readFileSync(join(folder, 'secrets.json'), 'utf8'))
  })
})
