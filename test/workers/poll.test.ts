import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { poll } from '../../workers/poll.ts'
import { until } from '../support/fake-parts.ts'

const silent = (): void => {}

describe('a loop that polls', () => {
  it('goes on at once while there is more, and pauses when there is not', async () => {
    let rounds = 0
    const loop = poll({
      work: async () => ({ more: (rounds += 1) < 5 }),
      pollMs: 60_000,
      onTrouble: silent,
    })
    await until(() => rounds === 5)
    await loop.stop()

    assert.equal(rounds, 5)
  })

  it('says once that its work fails, and goes on when it works again', async () => {
    let rounds = 0
    const troubles: unknown[] = []
    const loop = poll({
      work: async () => {
        rounds += 1
        if (rounds <= 3 || rounds === 5) throw new Error(`trouble ${rounds}`)
        return { more: false }
      },
      pollMs: 1,
      onTrouble: (error) => troubles.push((error as Error).message),
    })
    await until(() => rounds > 6)
    await loop.stop()

    assert.deepEqual(troubles, ['trouble 1', 'trouble 5'])
  })

  it('lets the work that is under way end before it says that it has stopped', async () => {
    let ended = false
    const loop = poll({
      work: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        ended = true
        return { more: true }
      },
      pollMs: 1,
      onTrouble: silent,
    })
    await loop.stop()

    assert.equal(ended, true)
  })
})
