import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whenDatabaseIsThere } from '../../workers/patience.ts'

const starting = Object.assign(new Error('the database system is starting up'), { code: '57P03' })

describe('a worker that starts beside its database', () => {
  it('waits until it is there, and says so once', async () => {
    const answers = [starting, starting, 'begun']
    const heard: Error[] = []

    const begun = await whenDatabaseIsThere(
      async () => {
        const answer = answers.shift()
        if (answer instanceof Error) throw answer
        return answer
      },
      (error) => heard.push(error),
    )

    assert.equal(begun, 'begun')
    assert.deepEqual(heard, [starting])
  })

  it('does not wait for what is broken', async () => {
    const broken = Object.assign(new Error('relation "x" does not exist'), { code: '42P01' })
    await assert.rejects(
      whenDatabaseIsThere(
        async () => Promise.reject(broken),
        () => assert.fail('nothing to wait for'),
      ),
      broken,
    )
  })
})
