import type { Double } from '../sim-kit/server.ts'
import { ageAuthorization } from './capture.ts'
import type { Desk } from './desk.ts'
import { openDispute } from './disputes.ts'
import type { Memory } from './memory.ts'
import { settleRefund } from './refunds.ts'

/**
 * What only a double can do, for tests and people:
 *
 * - `POST /_control/payment_intents/:id/expire` lets the authorization run out now: capturing it answers `charge_expired_for_capture`
 *   and cancels the intent; looking at it finds it canceled
 * - `POST /_control/payment_intents/:id/dispute` lets the customer ask his bank for the money back
 * - `POST /_control/refunds/:id/fail` and `…/succeed` settle a refund now, as the card's bank would days later
 */
export function serveControl({ double, memory, desk }: { double: Double; memory: Memory; desk: Desk }): void {
  type Address = { Params: { id: string } }

  double.post<Address>('/_control/payment_intents/:id/expire', async ({ params }, reply) => {
    const intent = memory.intents.get(params.id)
    const change = intent && ageAuthorization({ memory, intent, nowMs: Date.now() })
    if (!change) return reply.code(409).send({ error: `${params.id} holds no money that could expire.` })
    await desk.happen('control.expire', change)
    return reply.code(204).send()
  })

  double.post<Address>('/_control/payment_intents/:id/dispute', async ({ params }, reply) => {
    const intent = memory.intents.get(params.id)
    const change = intent && openDispute({ memory, intent, nowMs: Date.now() })
    if (!change) return reply.code(409).send({ error: `${params.id} took no money that could be disputed.` })
    await desk.happen('control.dispute', change)
    return { id: change.thing.id }
  })

  for (const [verb, status] of [
    ['fail', 'failed'],
    ['succeed', 'succeeded'],
  ] as const) {
    double.post<Address>(`/_control/refunds/:id/${verb}`, async ({ params }, reply) => {
      const refund = memory.refunds.get(params.id)
      if (!refund || refund.status === 'failed') {
        return reply.code(409).send({ error: `${params.id} is no refund that could still ${verb}.` })
      }
      await desk.happen('refunds.settle', settleRefund({ memory, refund, status }))
      return reply.code(204).send()
    })
  }
}
