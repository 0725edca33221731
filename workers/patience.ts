import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseGone } from '../store/gone.ts'

const pauseMs = 500

/** Does it, again and again while the database is not there: it may be starting beside us, or be started again. */
export async function whenDatabaseIsThere<T>(
  step: () => Promise<T>,
  onTrouble: (error: Error) => void,
): Promise<T> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await step()
    } catch (error) {
      if (!(error instanceof Error) || !isDatabaseGone(error)) throw error
      if (tried === 0) onTrouble(error)
      await sleep(pauseMs)
    }
  }
}
