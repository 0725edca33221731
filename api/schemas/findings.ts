import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { findingStates } from '../../store/findings.ts'
import type { Finding as ShopFinding } from '../../store/findings.ts'
import { instant, named, Page, word } from './common.ts'

export const Finding = named(
  'Finding',
  Type.Object(
    {
      id: Type.String(),
      invariant: Type.String({ description: 'Which rule does not hold' }),
      subject: Type.String({ description: 'The id of what it is about' }),
      detail: Type.String(),
      order_id: Type.Optional(Type.String()),
      times: Type.Integer({ description: 'In how many runs it was found' }),
      first_seen: instant('When it was found first'),
      last_seen: instant('When it was found last'),
      state: word(findingStates),
      resolved_by: Type.Optional(Type.String()),
      resolution: Type.Optional(Type.String()),
    },
    {
      description:
        'Something that the comparison of all books found. Nothing is ever repaired by itself. `gone`: a later run did not find it again',
    },
  ),
)

export const FindingList = named(
  'FindingList',
  Type.Object({ data: Type.Array(Finding.ref), page: Page.ref }),
)

export function findingView(finding: ShopFinding): Static<typeof Finding.schema> {
  const { findingId, invariant, subject, detail, orderId, times, firstSeen, lastSeen, state } = finding
  const { resolvedBy, resolution } = finding
  return {
    ...{ id: findingId, invariant, subject, detail },
    ...(orderId !== null && { order_id: orderId }),
    ...{ times, first_seen: firstSeen, last_seen: lastSeen, state },
    ...(resolvedBy !== null && { resolved_by: resolvedBy }),
    ...(resolution !== null && { resolution }),
  }
}

export const findingSchemas: readonly TSchema[] = [Finding.schema, FindingList.schema]
