/** Something that the person at the keyboard can put right: its message says what is wrong and what to do, and is all that is printed. */
export class Advice extends Error {}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What was written after a command, as `read` understands it; what is wrong with it is said together with how the command is used. */
export function wordsFor<Wishes>(usage: string, read: () => Wishes): Wishes {
  try {
    return read()
  } catch (error) {
    throw new Advice(`${messageOf(error)}\n\n${usage}`)
  }
}

/** A whole number, `least` or more. Throws with the name of the option that it came with. */
export function wholeNumber(
  option: string,
  text: string,
  { least }: { least: 0 | 1 } = { least: 1 },
): number {
  if (!/^\d+$/.test(text) || Number(text) < least)
    throw new Error(`--${option}: "${text}" is no whole number of ${least} or more.`)
  return Number(text)
}
