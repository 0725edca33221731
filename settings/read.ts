/**
 * How a setting is described, read and complained about. `config.ts` and the local shop each keep one table of them, so that the
 * example file, the complaints and the values can never tell different stories.
 */
import { readFileSync } from 'node:fs'

/** One setting. `T` is what it becomes; its text is what stands in the environment. */
export interface Setting<T> {
  /** What it is, in words that end a complaint and stand in `.env.example`. */
  readonly about: string
  /** Turns the text into the value, or throws a `Complaint` that says what is expected. */
  readonly parse: (text: string) => T
  /** What happens when it is not there: its default is taken, it is left out, or the start stops. */
  readonly absent: { readonly use: string } | 'leave out' | 'complain'
  /** Shown when it is missing, and in `.env.example`. */
  readonly example?: string
  /** A secret may also be given as `NAME_FILE`, the path of a file with the text in it. Its value is never printed. */
  readonly secret: boolean
}

export type Settings = Readonly<Record<string, Setting<unknown>>>
export type ValuesOf<Table extends Settings> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never
}

/** What is wrong with one text; the name of the setting is put before it. */
export class Complaint extends Error {}

/** Everything that is wrong with the settings, at once. */
export class ConfigError extends Error {
  readonly complaints: readonly string[]
  constructor(complaints: readonly string[]) {
    const head =
      complaints.length === 1
        ? 'One setting needs attention:'
        : `${complaints.length} settings need attention:`
    super([head, ...complaints.map((complaint) => `  - ${complaint}`)].join('\n'))
    this.name = 'ConfigError'
    this.complaints = complaints
  }
}

interface Description<T> {
  readonly about: string
  readonly parse: (text: string) => T
  readonly example?: string
  readonly secret?: boolean
}

const described = <T>({ secret = false, ...rest }: Description<T>) => ({ ...rest, secret })

/** Without it nothing starts. */
export const required = <T>(description: Description<T>): Setting<T> => ({
  ...described(description),
  absent: 'complain',
})

/** Without it something is left out. */
export const optional = <T>(description: Description<T>): Setting<T | undefined> => ({
  ...described(description),
  absent: 'leave out',
})

/** Without it `use` is read as if it stood there. */
export const defaulted = <T>({ use, ...rest }: Description<T> & { readonly use: string }): Setting<T> => ({
  ...described(rest),
  absent: { use },
})

/**
 * Reads a whole table once. `rules` look at values together and return further complaints; a value that could not be read is
 * undefined for them. Throws one `ConfigError` with everything that is wrong.
 */
export function readSettings<Table extends Settings>({
  table,
  env,
  rules = () => [],
}: {
  table: Table
  env: NodeJS.ProcessEnv
  rules?: (values: Partial<ValuesOf<Table>>) => string[]
}): ValuesOf<Table> {
  const complaints: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(table)) {
    try {
      values[name] = valueOf({ name, setting, env })
    } catch (error) {
      if (!(error instanceof Complaint)) throw error
      complaints.push(`${name} ${error.message}`)
    }
  }
  // Each name was parsed by its own setting, which is what ValuesOf says; TypeScript cannot follow a loop over names.
  const read = values as ValuesOf<Table>
  complaints.push(...rules(read))
  if (complaints.length > 0) throw new ConfigError(complaints)
  return read
}

function valueOf(given: { name: string; setting: Setting<unknown>; env: NodeJS.ProcessEnv }): unknown {
  const { name, setting } = given
  const text = textOf(given)
  if (text !== undefined) return setting.parse(text)
  if (setting.absent === 'leave out') return undefined
  if (setting.absent !== 'complain') return setting.parse(setting.absent.use)
  const example = setting.example === undefined ? '' : `, for example ${name}=${setting.example}`
  throw new Complaint(`is missing: set it to ${lowerFirst(setting.about)}${example}.`)
}

/** An empty text counts as absent: `NAME=` in an `.env` file means "I have none". */
function textOf({
  name,
  setting,
  env,
}: {
  name: string
  setting: Setting<unknown>
  env: NodeJS.ProcessEnv
}): string | undefined {
  const direct = env[name]?.trim()
  const file = setting.secret ? env[`${name}_FILE`]?.trim() : undefined
  if (direct && file) throw new Complaint(`is given twice: keep ${name} or ${name}_FILE, not both.`)
  if (direct) return direct
  if (!file) return undefined
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text) return text
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Complaint(`cannot be read from the file in ${name}_FILE: ${why}.`)
  }
  throw new Complaint(`is empty: write it into ${file}, which ${name}_FILE names.`)
}

/** The lines of `.env.example` for a table: everything commented out, so that a copy of the file changes nothing. */
export function exampleOf(table: Settings): string {
  return Object.entries(table)
    .map(([name, { about, absent, example = '', secret }]) => {
      const what = absent === 'complain' ? 'Required. ' : absent === 'leave out' ? 'Optional. ' : ''
      const file = secret ? ` Or ${name}_FILE.` : ''
      return `# ${what}${about}.${file}\n#${name}=${typeof absent === 'object' ? absent.use : example}\n`
    })
    .join('\n')
}

const lowerFirst = (text: string): string =>
  text.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())
