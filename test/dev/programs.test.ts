import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { temporalCli } from '../../dev/temporal/pins.ts'
import type { Program } from '../../dev/temporal/pins.ts'
import { findProgram, isOlder } from '../../dev/temporal/programs.ts'
import { temporaryFolder } from '../support/fake-parts.ts'

describe('the search for the programs of Temporal', () => {
  let folder: string, remove: () => void, said: string[]
  beforeEach(() => {
    ;({ folder, remove } = temporaryFolder())
    said = []
  })
  afterEach(() => remove())

  /** A program that nobody offers for download, so that a search that gets that far ends at once. */
  const unknown: Program = { ...temporalCli, sha256: {} }
  const search = (given: { configured?: string; path?: string; program?: Program }) =>
    findProgram({
      program: given.program ?? unknown,
      configured: given.configured,
      cacheFolder: join(folder, 'cache'),
      path: given.path ?? '',
      say: (line) => said.push(line),
    })

  function programThatSays(text: string, name = 'bin'): string {
    const bin = join(folder, name)
    mkdirSync(bin)
    writeFileSync(join(bin, 'temporal'), `#!/bin/sh\necho "${text}"\n`)
    chmodSync(join(bin, 'temporal'), 0o755)
    return bin
  }

  it('takes the one that is configured, whatever else there is', async () => {
    const bin = programThatSays('temporal version 0.1.0')

    assert.equal(await search({ configured: join(bin, 'temporal') }), join(bin, 'temporal'))
  })

  it('does not go on behind a configured path that is wrong, but says so', async () => {
    await assert.rejects(
      search({ configured: '/nowhere/temporal' }),
      /TEMPORAL_CLI names \/nowhere\/temporal/,
    )
  })

  it('takes the one on the PATH when it is new enough', async () => {
    const bin = programThatSays('temporal version 1.10.0 (Server 1.33.0, UI 2.60.0)')

    assert.equal(await search({ path: `/nowhere:${bin}` }), join(bin, 'temporal'))
  })

  it('passes by an older one on the PATH, and says so', async () => {
    const path = programThatSays('temporal version 1.8.2')

    await assert.rejects(search({ path }))
    assert.match(said[0] ?? '', /is version 1\.8\.2, and 1\.9\.1 or later is needed/)
  })

  it('takes the one in the cache before it downloads any', async () => {
    const hash = 'a'.repeat(64)
    const program = { ...unknown, sha256: { [`${process.platform}-${process.arch}`]: hash } }
    const cached = join(folder, 'cache', `temporal-1.9.1-${hash.slice(0, 12)}`)
    mkdirSync(join(folder, 'cache'))
    writeFileSync(cached, '')

    assert.equal(await search({ program }), cached)
  })

  it('names every way out when there is none', async () => {
    await assert.rejects(search({}), (error: Error) => {
      for (const way of ['TEMPORAL_CLI', 'PATH', 'online', 'pip']) assert.ok(error.message.includes(way))
      return true
    })
  })
})

describe('versions', () => {
  it('are compared by number, not by letter', () => {
    assert.ok(isOlder('1.9.1', '1.10.0'))
    assert.ok(isOlder('1.9.1', '2.0.0'))
    assert.ok(!isOlder('1.10.0', '1.9.1'))
    assert.ok(!isOlder('1.9.1', '1.9.1'))
    assert.ok(!isOlder('2.0.0', '1.9.1'))
  })
})
