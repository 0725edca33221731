/** What `npm start` prints: a line for each part with the time it took, and a table at the end. */

export const print = (line: string): void => void process.stdout.write(`${line}\n`)

const secondsSince = (begin: number): string => `${((performance.now() - begin) / 1000).toFixed(1)} s`

/** Does the work and prints one line about it when it is done; `told` is what the work itself has to say. */
export async function timed<T>(
  what: string,
  work: () => Promise<T>,
  told: (result: T) => string = () => '',
): Promise<T> {
  const begin = performance.now()
  const result = await work()
  const words = told(result)
  print(`  ${what.padEnd(10)} ${secondsSince(begin).padStart(7)}   ${words}`.trimEnd())
  return result
}

/** Rows of a name and a text, below a title. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)}   ${text}`).join('\n')
}
