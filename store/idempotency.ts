import { createHash } from 'node:crypto'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** How long a request may be at its work before a repeat may attach to it (api.md, 6). */
export const leaseMs = 30_000

/** Whose key it is. The same key of two callers is two keys. */
export interface KeyOf {
  readonly caller: string
  readonly key: string
}

/** An answer as it was sent, byte for byte. */
export interface StoredAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What the row says to whoever comes with the key. */
export type Claim =
  /** Nobody else is at it: do the work. `first` is false when an earlier request had begun and may have done some of it. */
  | { readonly kind: 'ours'; readonly resourceId: string; readonly first: boolean }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer }
  | { readonly kind: 'in_flight'; readonly retryAfterMs: number }
  | { readonly kind: 'other_request' }

export interface ClaimKey extends KeyOf {
  readonly fingerprint: string
  /** The id for the thing to be made; whoever claims the same key later gets this one, not his own. */
  readonly resourceId: string
  readonly requestId: string
}

/** What makes two requests the same one. */
export function fingerprintOf({
  method,
  path,
  body,
}: {
  method: string
  path: string
  body: unknown
}): string {
  return createHash('sha256')
    .update(`${method} ${path}\n${JSON.stringify(body ?? null)}`)
    .digest('hex')
}

/**
 * Claims a key before the work, in one statement: of any number of simultaneous requests the row lets exactly one through. A row
 * whose lease has ended without an answer is claimed again, with the id that was minted first.
 */
export async function claimKey(db: Db, claim: ClaimKey): Promise<Claim> {
  const [ours] = await rows<{ resourceId: string; first: boolean }>(
    db,
    `insert into accounts.idempotency_keys as k (caller, key, fingerprint, resource_id, request_id, leased_until)
     values (:caller, :key, :fingerprint, :resourceId, :requestId, now() + :leaseMs * interval '1 millisecond')
     on conflict (caller, key) do update
       set request_id = excluded.request_id, leased_until = excluded.leased_until
       where k.status is null and k.fingerprint = excluded.fingerprint
         and (k.leased_until is null or k.leased_until < now())
     returning k.resource_id as "resourceId", k.xmax = 0 as first`,
    { ...claim, leaseMs },
  )
  return ours ? { kind: 'ours', ...ours } : whyNot(db, claim)
}

async function whyNot(db: Db, { caller, key, fingerprint }: ClaimKey): Promise<Claim> {
  const [row] = await rows<{
    fingerprint: string
    status: number | null
    headers: Record<string, string> | null
    body: string | null
    leftMs: number
  }>(
    db,
    `select fingerprint, status, headers, body,
       greatest(ceil(extract(epoch from leased_until - now()) * 1000), 0)::integer as "leftMs"
     from accounts.idempotency_keys where caller = :caller and key = :key`,
    { caller, key },
  )
  if (!row) throw new Error('A row that refused to be claimed is gone, and rows are kept for good.')
  if (row.fingerprint !== fingerprint) return { kind: 'other_request' }
  const { status, body } = row
  if (status === null || body === null) return { kind: 'in_flight', retryAfterMs: row.leftMs }
  return { kind: 'answered', answer: { status, headers: row.headers ?? {}, body } }
}

/** Says that the work turned out to be about another thing than the one minted: a repeat attaches to that one. */
export async function retarget(
  db: Db,
  { caller, key, resourceId }: KeyOf & { resourceId: string },
): Promise<void> {
  await changed(
    db,
    `update accounts.idempotency_keys set resource_id = :resourceId
     where caller = :caller and key = :key and status is null`,
    { caller, key, resourceId },
  )
}

/**
 * Keeps the answer for good. Answers the one that is kept: when the lease ended meanwhile and another request was faster, it is
 * that one's, and the customer must see the same answer twice.
 */
export async function keepAnswer(
  db: Db,
  { caller, key, answer }: KeyOf & { answer: StoredAnswer },
): Promise<StoredAnswer> {
  const kept = await changed(
    db,
    `update accounts.idempotency_keys
     set status = :status, headers = :headers, body = :body, leased_until = null
     where caller = :caller and key = :key and status is null`,
    { caller, key, ...answer, headers: JSON.stringify(answer.headers) },
  )
  if (kept === 1) return answer
  const [row] = await rows<StoredAnswer>(
    db,
    `select status, headers, body from accounts.idempotency_keys where caller = :caller and key = :key`,
    { caller, key },
  )
  return row ?? answer
}

/** Ends the lease without an answer: a repeat may begin at once. Does nothing when another request holds it by now. */
export async function endLease(
  db: Db,
  { caller, key, requestId }: KeyOf & { requestId: string },
): Promise<void> {
  await changed(
    db,
    `update accounts.idempotency_keys set leased_until = null
     where caller = :caller and key = :key and request_id = :requestId and status is null`,
    { caller, key, requestId },
  )
}
