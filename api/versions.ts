import { Problem } from './problems.ts'

/** A version as an `ETag` (RFC 9110, section 8.8.3). */
export const versionTag = (version: number): string => `"${version}"`

/**
 * `If-Match` on a write of an admin (RFC 9110, section 13.1.1): it must be there, and name the present version. So nobody writes
 * over what somebody else changed in the meantime. Throws 428 or 412.
 */
export function requireVersion(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined) {
    throw new Problem(
      'precondition.required',
      'Send If-Match with the ETag that you read, so that nobody’s change is lost.',
    )
  }
  if (ifMatch.trim() === '*') return
  if (ifMatch.split(',').some((tag) => tag.trim() === versionTag(version))) return
  throw new Problem('precondition.failed', 'It changed since you read it; look at it again.', {
    facts: { version },
  })
}

/** What any write with `requireVersion` may answer. */
export const versionProblems = ['precondition.required', 'precondition.failed'] as const
