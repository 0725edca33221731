import type { FindingId } from '../domain/ids.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

export const findingStates = ['open', 'gone', 'resolved'] as const
export type FindingState = (typeof findingStates)[number]

/** Something that the reconciliation found. `gone`: a later run did not find it again. Times are ISO 8601 in UTC. */
export interface Finding {
  readonly findingId: FindingId
  readonly invariant: string
  readonly subject: string
  readonly detail: string
  readonly orderId: string | null
  /** In how many runs it was found. */
  readonly times: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly state: FindingState
  readonly resolvedBy: string | null
  readonly resolution: string | null
}

const columns = `
  id as "findingId", invariant, subject, detail, order_id as "orderId", times, first_seen as "firstSeen",
  last_seen as "lastSeen", state, resolved_by as "resolvedBy", resolution`

/** Findings, newest first; `before` is the last one of the page before. */
export async function listFindings(
  db: Db,
  { state, before, limit }: { state: FindingState | undefined; before: FindingId | undefined; limit: number },
): Promise<Finding[]> {
  return rows<Finding>(
    db,
    `select ${columns} from orders.findings
     where (cast(:state as text) is null or state = :state) and (cast(:before as text) is null or id < :before)
     order by id desc limit :limit`,
    { state: state ?? null, before: before ?? null, limit },
  )
}

export async function readFinding(db: Db, findingId: FindingId): Promise<Finding | null> {
  const [finding] = await rows<Finding>(db, `select ${columns} from orders.findings where id = :findingId`, {
    findingId,
  })
  return finding ?? null
}

/** An admin says what came of a finding. Null: it is not open any more. */
export async function resolveFinding(
  db: Db,
  resolve: { findingId: FindingId; by: string; reason: string; at: string },
): Promise<Finding | null> {
  const [finding] = await rows<Finding>(
    db,
    `update orders.findings set state = 'resolved', resolved_by = :by, resolution = :reason, ended_at = :at
     where id = :findingId and state = 'open' returning ${columns}`,
    resolve,
  )
  return finding ?? null
}
