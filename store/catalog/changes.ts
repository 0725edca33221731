import type { FieldChanges } from '../../domain/catalog/history.ts'
import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'

/** Who did it, when, and the request or event that it came of. */
export interface ByWhom {
  readonly at: string
  /** `key:…` of a secret key, `import:…` of an import. */
  readonly actor: string
  readonly cause: string
}

export interface Change {
  readonly kind: 'product' | 'category' | 'brand' | 'search'
  /** The id or slug of what was changed. */
  readonly subject: string
  /** The version that it had afterwards. */
  readonly version: number
  /** One word: created, changed, published, … */
  readonly what: string
  readonly fields: FieldChanges
}

/** Appends to the history, in the transaction of the changes themselves. */
export async function noteChanges(
  trx: Db,
  { changes, at, actor, cause }: { changes: readonly Change[] } & ByWhom,
): Promise<void> {
  if (changes.length === 0) return
  await changed(
    trx,
    `insert into catalog.changes (kind, subject, version, what, at, actor, cause, fields)
     select kind, subject, version, what, cast(:at as timestamptz), :actor, :cause, fields
     from jsonb_to_recordset(cast(:changes as jsonb))
       as n (kind text, subject text, version integer, what text, fields jsonb)`,
    { changes: JSON.stringify(changes), at, actor, cause },
  )
}

export interface NotedChange extends Change, ByWhom {
  readonly position: number
}

/** What happened to one thing, newest first. */
export async function listChanges(
  db: Db,
  page: { kind: Change['kind']; subject: string; before?: number | undefined; limit: number },
): Promise<NotedChange[]> {
  return rows<NotedChange>(
    db,
    `select position, kind, subject, version, what, at, actor, cause, fields
     from catalog.changes
     where kind = :kind and subject = :subject and position < cast(:before as bigint)
     order by position desc limit :limit`,
    { ...page, before: page.before ?? Number.MAX_SAFE_INTEGER },
  )
}
