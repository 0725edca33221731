/** How the demo tells what it sees: a line for each step with the time since its start, and what belongs to it below. */

export interface Report {
  title(text: string): void
  step(name: string, text: string, more?: readonly string[]): void
  section(name: string, rows: readonly (readonly [string, string])[]): void
}

const nameWidth = 9

export function openReport(
  print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Report {
  const begin = performance.now()
  return {
    title: (text) => print(`\n  ${text}\n`),
    step: (name, text, more = []) => {
      const seconds = ((performance.now() - begin) / 1000).toFixed(1).padStart(5)
      print(`  ${seconds} s  ${name.padEnd(nameWidth)}  ${text}`)
      for (const line of more) print(`${' '.repeat(nameWidth + 13)}${line}`)
    },
    section: (name, rows) => {
      const width = Math.max(...rows.map(([first]) => first.length))
      print(`\n  ${name}\n`)
      for (const [first, second] of rows) print(`    ${first.padEnd(width)}  ${second}`)
    },
  }
}
