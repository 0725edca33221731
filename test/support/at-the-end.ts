/** What test files keep for each other in one process is ended once all of them are through. */
import { after } from 'node:test'

const endings: (() => Promise<unknown>)[] = []

/** Has this called when the last test of the process has run. */
export function atTheEnd(end: () => Promise<unknown>): void {
  endings.push(end)
}

// Whoever imports this first decides whose end it is: the file that `files-together.ts` writes does.
after(async () => {
  for (const end of endings) await end()
})
