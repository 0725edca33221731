import type { Handler } from '../sim-kit/server.ts'
import type { Announcer } from './events.ts'
import type { Urls } from './shipments.ts'
import type { State } from './state.ts'

/** What every route of the double works with. */
export interface Desk {
  readonly state: State
  readonly announcer: Announcer
  readonly urls: Urls
  /** How long a parcel, or a refund, stays in one state. */
  readonly stepMs: number
  /** How long a rate can be bought. */
  readonly rateTtlMs: number
  /** Adds a route under its operation's name; it knows the faults, the key, and how to answer a refusal. */
  readonly route: (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    operation: string,
    handler: Handler,
  ) => void
}
