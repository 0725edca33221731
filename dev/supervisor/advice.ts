/** Something that the person at the keyboard can put right: its message says what is wrong and what to do, and is all that is printed. */
export class Advice extends Error {}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
