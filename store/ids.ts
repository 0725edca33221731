import { typeid } from 'typeid-js'
import { isId } from '../domain/ids.ts'
import type { IdOf } from '../domain/ids.ts'

/** Mints an id: its prefix, then a UUIDv7, so ids sort by the time they were made. */
export function newId<P extends keyof IdOf>(prefix: P): IdOf[P] {
  const id: string = typeid(prefix).toString()
  if (!isId(prefix, id)) throw new Error(`${id} is not an id of ours.`)
  return id
}
