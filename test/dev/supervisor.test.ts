import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Advice } from '../../dev/supervisor/advice.ts'
import { isRunning, markOf } from '../../dev/supervisor/processes.ts'
import type { ProcessMark } from '../../dev/supervisor/processes.ts'
import type { Supervisor } from '../../dev/supervisor/supervisor.ts'
import { fakePart, temporaryFolder, testSupervisor, until } from '../support/fake-parts.ts'

describe('the supervisor', () => {
  let folder: string, remove: () => void, supervisor: Supervisor, said: string[]

  beforeEach(() => {
    ;({ folder, remove } = temporaryFolder())
    said = []
    supervisor = testSupervisor({
      folder,
      say: (line) => said.push(line),
      patience: { readyMs: 20_000, pauseMs: 1, longestMs: 50 },
    })
  })
  afterEach(async () => {
    await supervisor.stop()
    remove()
  })

  const onRoll = (): { name: string; mark: ProcessMark }[] =>
    JSON.parse(readFileSync(join(folder, 'parts.json'), 'utf8')) as { name: string; mark: ProcessMark }[]
  const markOfPart = (name: string): ProcessMark => {
    const entry = onRoll().find((part) => part.name === name)
    assert.ok(entry)
    return entry.mark
  }
  const logOf = (name: string): string => readFileSync(join(folder, 'logs', `${name}.log`), 'utf8')

  it('starts a part that was killed again', async () => {
    await supervisor.start(fakePart('worker'))
    const first = markOfPart('worker')

    process.kill(first.pid, 'SIGKILL')
    await until(() => said.some((line) => line.startsWith('worker is back')))

    assert.ok(!isRunning(first))
    assert.ok(isRunning(markOfPart('worker')))
    assert.match(said[0] ?? '', /worker was ended by SIGKILL; it is started again/)
  })

  it('goes on trying with a part that cannot come back', async () => {
    await supervisor.start(fakePart('worker'))
    const broken = fakePart('other', `require('node:fs').existsSync('${folder}/broken') && process.exit(3)`)
    await supervisor.start(broken)

    writeFileSync(join(folder, 'broken'), '')
    process.kill(markOfPart('other').pid, 'SIGKILL')
    await until(() => said.filter((line) => line.includes('ended with code 3')).length >= 2)
    rmSync(join(folder, 'broken'))
    await until(() => said.some((line) => line.startsWith('other is back')))

    assert.ok(isRunning(markOfPart('worker')))
  })

  it('stops parts in their order, and whatever they had started with them', async () => {
    const tell = (name: string): string =>
      `process.on('SIGTERM', () => { require('node:fs').appendFileSync('${folder}/order', '${name} '); process.exit() })`
    const nested = `const child = require('node:child_process').spawn('sleep', ['600']); console.log('child', child.pid)`
    await supervisor.start(fakePart('database', tell('database'), { stopOrder: 3 }))
    await supervisor.start(fakePart('door', tell('door'), { stopOrder: 1 }))
    await supervisor.start(fakePart('worker', `${nested}; ${tell('worker')}`, { stopOrder: 2 }))
    const marks = onRoll().map(({ mark }) => mark)
    const child = markOf(Number(/child (\d+)/.exec(logOf('worker'))?.[1]))
    assert.ok(child)

    await supervisor.stop()

    assert.equal(readFileSync(join(folder, 'order'), 'utf8'), 'door worker database ')
    assert.deepEqual([...marks, child].filter(isRunning), [])
    assert.deepEqual(onRoll(), [])
  })

  it('kills a part that does not want to stop', async () => {
    await supervisor.start(fakePart('stubborn', `process.on('SIGTERM', () => {})`, { graceMs: 50 }))
    const mark = markOfPart('stubborn')

    await supervisor.stop()

    assert.ok(!isRunning(mark))
  })

  it('starts nothing any more once it is stopping', async () => {
    await supervisor.stop()

    await assert.rejects(supervisor.start(fakePart('late')))
    assert.ok(!existsSync(join(folder, 'parts.json')))
  })

  it('shows the end of the log of a part that does not come up', async () => {
    const failing = fakePart('broken', `console.error('the disk is full'); process.exit(7)`)

    await assert.rejects(supervisor.start(failing), (error: Error) => {
      assert.ok(error instanceof Advice)
      assert.match(error.message, /broken ended with code 7[^]*the disk is full/)
      return true
    })
  })

  it('says so when a program cannot be run at all', async () => {
    const missing = fakePart('missing')
    const part = { ...missing, command: { ...missing.command, file: '/nowhere/program' } }

    await assert.rejects(supervisor.start(part), /missing could not be run/)
  })
})
