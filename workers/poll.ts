/**
 * Does `work` again and again until it is stopped: at once while it answers that there is more to do, otherwise after a pause, which
 * grows up to five seconds while the work fails. Whoever stops it waits for the work that is under way. `onTrouble` hears the first
 * failure of a row: what goes on failing is said once.
 */
export function poll({
  work,
  pollMs,
  onTrouble,
}: {
  work: () => Promise<{ more: boolean }>
  pollMs: number
  onTrouble: (error: unknown) => void
}): { stop(): Promise<void> } {
  let stopped = false
  let wake = (): void => {}

  const run = async (): Promise<void> => {
    let failures = 0
    while (!stopped) {
      try {
        const { more } = await work()
        failures = 0
        if (more) continue
      } catch (error) {
        failures += 1
        if (failures === 1) onTrouble(error)
      }
      if (stopped) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(pollMs * 2 ** failures, longestPauseMs))
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      wake()
      await running
    },
  }
}

const longestPauseMs = 5_000
