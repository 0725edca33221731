import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { freshDatabase } from './database.ts'

describe('a database of a test', () => {
  it('is migrated, empty, and nobody else’s', async () => {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()])
    const [first, second] = [one, two].map(({ url }) => new pg.Client({ connectionString: url }))
    assert.ok(first && second)
    await Promise.all([first.connect(), second.connect()])

    await first.query(`insert into catalog.categories (slug, name) values ('boots', 'Boots')`)
    const { rows } = await second.query('select slug from catalog.categories')

    assert.deepEqual(rows, [])
    await Promise.all([first.end(), second.end()])
    await Promise.all([one.drop(), two.drop()])
  })
})
