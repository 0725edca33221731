import { invalid } from './problems.ts'

/** Cursors are opaque: what stands in one is ours to change. */
export const cursorAfter = (key: string): string => Buffer.from(key).toString('base64url')

/** What stands in a cursor, if `isKey` takes it; anything else was not made by us. */
export function readCursor<Key extends string>(
  cursor: string | undefined,
  isKey: (text: string) => text is Key,
): Key | undefined {
  if (cursor === undefined) return undefined
  const key = Buffer.from(cursor, 'base64url').toString('utf8')
  if (isKey(key)) return key
  throw invalid({ in: 'query', pointer: '#/cursor', detail: 'is not a cursor of this list.' })
}

/** A page out of one row more than it holds: whether there is more needs no second query. */
export function pageOf<Row, View>(
  rows: readonly Row[],
  { limit, keyOf, view }: { limit: number; keyOf: (row: Row) => string; view: (row: Row) => View },
): { data: View[]; page: { has_more: boolean; next_cursor?: string } } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return {
    data: shown.map(view),
    page: { has_more: more, ...(more && { next_cursor: cursorAfter(keyOf(last)) }) },
  }
}
