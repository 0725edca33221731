import assert from 'node:assert/strict'
import { test } from 'node:test'
import { briefCache } from '../../api/brief-cache.ts'

test('makes a value once for everybody who asks within its moment', async (t) => {
  t.mock.timers.enable({ apis: ['Date'] })
  const cache = briefCache<number>({ freshMs: 100, most: 10 })
  let made = 0
  const make = async (): Promise<number> => (made += 1)
  assert.deepEqual(await Promise.all([cache.get('a', make), cache.get('a', make)]), [1, 1])
  assert.equal(await cache.get('b', make), 2)
  t.mock.timers.tick(100)
  assert.equal(await cache.get('a', make), 3)
})

test('remembers no failure, and no more than it may', async () => {
  const cache = briefCache<string>({ freshMs: 60_000, most: 2 })
  await assert.rejects(cache.get('a', () => Promise.reject(new Error('down'))))
  assert.equal(await cache.get('a', async () => 'up'), 'up')
  await cache.get('b', async () => 'b')
  await cache.get('c', async () => 'c')
  assert.equal(await cache.get('a', async () => 'again'), 'again')
})
