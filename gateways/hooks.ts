import type { HeardEvent } from '../domain/provider-events.ts'

/** What a provider posted, as it came: the signature is over these very bytes. */
export interface Posted {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly nowMs: number
}

/** Why a post is turned away, or the event in it. */
export type Reading =
  | { readonly outcome: 'event'; readonly event: HeardEvent }
  /** Not signed with any secret that we know. */
  | { readonly outcome: 'forged' }
  /** Signed, but at another time: an old post sent again, or a clock that is wrong. */
  | { readonly outcome: 'out_of_time' }
  /** Signed, but not an event as this provider writes it. */
  | { readonly outcome: 'unreadable' }

/** Reads the webhooks of one provider. The signature is checked before anything else is looked at. */
export type ReadHook = (posted: Posted) => Reading

/** How far the time of a signature may be from ours, in either direction. */
export const signatureToleranceMs = 5 * 60_000

type Fields = Readonly<Record<string, unknown>>

/** The fields of an object that came as JSON; none for anything else. */
export function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

export function textIn(fields: Fields, name: string): string | null {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** The few fields that may be kept. What is not named here never reaches our books: it may be about a person. */
export function excerptOf(fields: Fields, names: readonly string[]): HeardEvent['excerpt'] {
  const kept = names.flatMap((name) => {
    const value = fields[name]
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return plain ? [[name, typeof value === 'string' ? value.slice(0, 100) : value] as const] : []
  })
  return Object.fromEntries(kept)
}

/** The body as JSON; undefined when it is none. */
export function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

/** An id as it may stand in our books: providers' ids are short and plain. */
export const isProviderId = (text: string): boolean => /^[A-Za-z0-9_-]{1,100}$/.test(text)
