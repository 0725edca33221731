import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Advice } from '../../dev/supervisor/advice.ts'
import { ownerOf, takeFolder } from '../../dev/supervisor/lock.ts'
import { isRunning, markOf } from '../../dev/supervisor/processes.ts'
import type { ProcessMark } from '../../dev/supervisor/processes.ts'
import { clearLeftovers, openRoll } from '../../dev/supervisor/roll.ts'
import { openState } from '../../dev/state.ts'
import { temporaryFolder, until } from '../support/fake-parts.ts'

describe('what a killed supervisor leaves behind', () => {
  let folder: string, remove: () => void
  beforeEach(() => ({ folder, remove } = temporaryFolder()))
  afterEach(() => remove())

  const stopping = { signal: 'SIGTERM', graceMs: 20_000, stopOrder: 1 } as const
  const noneOutside = { fresh: false, emptyOutside: () => {} }

  /** A supervisor with two parts in a process of its own, killed as soon as they run. */
  async function killedSupervisor(): Promise<ProcessMark[]> {
    const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
    const script = `
      import { Supervisor } from ${at('../../dev/supervisor/supervisor.ts')}
      import { takeFolder } from ${at('../../dev/supervisor/lock.ts')}
      import { fakePart } from ${at('../support/fake-parts.ts')}
      takeFolder('${folder}')
      const supervisor = new Supervisor({ folder: '${folder}', say: () => {} })
      await Promise.all([supervisor.start(fakePart('one')), supervisor.start(fakePart('two'))])
      process.kill(process.pid, 'SIGKILL')`
    const tsx = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script]
    const child = spawn(process.execPath, tsx, { stdio: 'inherit' })
    await once(child, 'exit')
    const roll = JSON.parse(readFileSync(join(folder, 'parts.json'), 'utf8')) as { mark: ProcessMark }[]
    return roll.map(({ mark }) => mark)
  }

  it('is stopped by the next start', async () => {
    const left = await killedSupervisor()
    assert.deepEqual(left.map(isRunning), [true, true])

    const state = await openState({ folder, ...noneOutside })
    state.release()

    assert.deepEqual([...state.cleared].sort(), ['one', 'two'])
    assert.deepEqual(left.map(isRunning), [false, false])
  })

  it('is told from a process that was given the same id since', async () => {
    const stranger = spawn('sleep', ['600'])
    await once(stranger, 'spawn')
    const mark = markOf(stranger.pid ?? 0)
    assert.ok(mark)
    openRoll(folder).enter({ name: 'old', mark: { ...mark, startedAt: 'before' }, stopping })

    assert.deepEqual(await clearLeftovers(folder), [])

    assert.ok(isRunning(mark))
    stranger.kill()
    await once(stranger, 'exit')
  })

  it('does not stand in the way when its roll was torn in the middle', async () => {
    writeFileSync(join(folder, 'parts.json'), '[{"name": "o')

    assert.deepEqual(await clearLeftovers(folder), [])
  })

  it('includes the lock, which a dead owner holds no longer', async () => {
    await killedSupervisor()
    assert.ok(ownerOf(folder))

    const state = await openState({ folder, ...noneOutside })

    assert.equal(ownerOf(folder)?.pid, process.pid)
    state.release()
    assert.equal(ownerOf(folder), undefined)
  })
})

describe('the state folder', () => {
  let folder: string, remove: () => void
  beforeEach(() => ({ folder, remove } = temporaryFolder()))
  afterEach(() => remove())

  const open = (fresh = false) => openState({ folder, fresh, emptyOutside: () => {} })

  it('belongs to one shop at a time', async () => {
    const { release } = await open()

    await assert.rejects(open(), (error: Error) => {
      assert.ok(error instanceof Advice)
      assert.match(error.message, new RegExp(`runs out of .* already \\(process ${process.pid}\\)`))
      return true
    })
    release()
    ;(await open()).release()
  })

  it('keeps what it was given, readable by its owner only, until it is emptied', async () => {
    const first = await open()
    assert.equal(
      first.kept('secret', () => 'one'),
      'one',
    )
    assert.equal(
      first.kept('secret', () => 'two'),
      'one',
    )
    first.release()

    const fresh = await open(true)
    assert.equal(
      fresh.kept('secret', () => 'two'),
      'two',
    )
    fresh.release()
  })

  it('of another version is refused, with what to do about it', async () => {
    writeFileSync(join(folder, 'version'), '0')

    await assert.rejects(open(), /another version[^]*npm start -- --fresh/)
    ;(await open(true)).release()
  })

  it('lets two that start at once not both have it', async () => {
    const lock = takeFolder(folder)
    assert.throws(() => takeFolder(folder))
    lock.release()
    await until(() => ownerOf(folder) === undefined)
  })
})
