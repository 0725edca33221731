import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isId } from '../../../domain/ids.ts'
import type { FindingId } from '../../../domain/ids.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { findingStates, listFindings, readFinding, resolveFinding } from '../../../store/findings.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { once } from '../../plugins/idempotency.ts'
import { idempotencyHeaders, idParams, pageQuery, word } from '../../schemas/common.ts'
import { Finding, FindingList, findingView } from '../../schemas/findings.ts'
import { Reason } from '../../schemas/order-books.ts'
import type { Services } from '../../services.ts'

const tags = ['admin: findings']
const isFindingId = (text: string): text is FindingId => isId('fnd', text)

/** What the comparison of all books found, and what people say of it. */
export const adminFindingRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services: { databases } },
) => {
  const db = databases.order

  app.get(
    '/findings',
    {
      config: { permission: 'findings:read' },
      schema: {
        operationId: 'adminListFindings',
        tags,
        summary: 'What does not add up, newest first',
        querystring: Type.Object({ ...pageQuery, state: Type.Optional(word(findingStates)) }),
        response: { 200: FindingList.ref },
      },
    },
    async ({ query: { cursor, limit, state } }) => {
      const before = readCursor(cursor, isFindingId)
      const found = await listFindings(db, { state, before, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: ({ findingId }) => findingId, view: findingView })
    },
  )

  app.post(
    '/findings/:id/resolve',
    {
      config: { permission: 'findings:resolve', problems: ['finding.not_found', 'finding.settled'] },
      schema: {
        operationId: 'adminResolveFinding',
        tags,
        summary: 'Says what came of a finding',
        params: idParams('Of the finding'),
        headers: idempotencyHeaders,
        body: Reason.ref,
        response: { 200: Finding.ref },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { reason } = request.body
      const by = request.caller ?? 'unknown'
      return once({ db: databases.accounts, request, reply, mint: () => id }, async () => {
        if (!isFindingId(id) || !(await readFinding(db, id))) {
          throw new Refusal('finding.not_found', 'There is no such finding.')
        }
        const at = new Date().toISOString()
        const resolved = await resolveFinding(db, { findingId: id, by, reason, at })
        if (!resolved) throw new Refusal('finding.settled', 'This finding is settled already.', { id })
        return { status: 200, body: findingView(resolved), keep: true }
      })
    },
  )
}
