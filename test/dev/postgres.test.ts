import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { ensureDatabase, postgresCluster, removeCluster } from '../../dev/postgres/cluster.ts'
import { outsideHome } from '../../dev/postgres/binaries.ts'
import { freePort } from '../../dev/supervisor/ports.ts'
import type { Supervisor } from '../../dev/supervisor/supervisor.ts'
import { temporaryFolder, testSupervisor } from '../support/fake-parts.ts'

describe('the built-in Postgres', () => {
  const { folder, remove } = temporaryFolder()
  const wishes = { folder: join(folder, 'postgres'), password: 'only-for-this-test' }
  let supervisor: Supervisor
  before(() => {
    supervisor = testSupervisor({ folder })
  })
  after(async () => {
    await supervisor.stop()
    removeCluster(wishes.folder)
    remove()
  })

  async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query<Row>(sql)).rows
    } finally {
      await client.end()
    }
  }

  it('keeps what was committed when it is killed', async () => {
    const cluster = await postgresCluster({ ...wishes, port: await freePort() })
    await supervisor.start(cluster.part)
    await ensureDatabase({ cluster, name: 'shop' })
    const url = cluster.url('shop')
    await ask(url, 'create table kept (word text); ')
    await ask(url, `insert into kept values ('yes')`)
    const [settings] = await ask<{ fsync: string; commit: string }>(
      url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
    )
    assert.deepEqual(settings, { fsync: 'on', commit: 'on' })

    supervisor.kill()
    await supervisor.stop()
    supervisor = testSupervisor({ folder })
    const again = await postgresCluster({ ...wishes, port: await freePort() })
    await supervisor.start(again.part)

    assert.deepEqual(await ask(again.url('shop'), 'select word from kept'), [{ word: 'yes' }])
  })

  it('lets nobody in without the password', async () => {
    const cluster = await postgresCluster({ ...wishes, port: await freePort() })
    const stranger = testSupervisor({ folder })
    await supervisor.stop()
    await stranger.start(cluster.part)

    await assert.rejects(ask(cluster.url('shop').replace(wishes.password, 'guess'), 'select 1'), /password/)
    await stranger.stop()
  })

  it('says at once what to do when the password is not the one that it was made with', async () => {
    const cluster = await postgresCluster({ ...wishes, password: 'another', port: await freePort() })

    await assert.rejects(
      testSupervisor({ folder }).start(cluster.part),
      /does not take the password[^]*--fresh/,
    )
  })

  it('does not touch data of another version, and says what to do', async () => {
    await supervisor.stop()
    writeFileSync(join(outsideHome(wishes.folder) ?? wishes.folder, 'PG_VERSION'), '15\n')

    await assert.rejects(
      postgresCluster({ ...wishes, port: 1 }),
      /written by Postgres 15, and this is Postgres 18[^]*--fresh/,
    )
  })
})
