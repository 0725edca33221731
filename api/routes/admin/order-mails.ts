import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Refusal } from '../../../domain/refusals.ts'
import { newId } from '../../../store/ids.ts'
import { askAgain, mailsOf } from '../../../store/sent-mails.ts'
import { knownOrder, orderIdIn } from '../../known-orders.ts'
import { mintedId, once } from '../../plugins/idempotency.ts'
import { idempotencyHeaders, idParams } from '../../schemas/common.ts'
import { MailAccepted, mailName, OrderMails, mailView } from '../../schemas/order-parcels.ts'
import { Reason } from '../../schemas/order-books.ts'
import type { Services } from '../../services.ts'
import { signature } from '../../stock.ts'

const tags = ['admin: orders']

/** The mails about an order. */
export const adminOrderMailRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { databases } = services
  const db = databases.notification

  app.get(
    '/orders/:id/mails',
    {
      config: { permission: 'orders:read', problems: ['order.not_found'] },
      schema: {
        operationId: 'adminListOrderMails',
        tags,
        summary: 'What was written to the customer, oldest first',
        params: idParams('Of the order'),
        response: { 200: OrderMails.ref },
      },
    },
    async ({ params }) => {
      const { id } = await knownOrder(services, orderIdIn(params))
      return { data: (await mailsOf(db, id)).map(mailView) }
    },
  )

  app.post(
    '/orders/:id/mails/:mail_id/resend',
    {
      config: {
        permission: 'orders:mail',
        problems: ['order.not_found', 'mail.not_found', 'mail.sending', 'mail.not_kept'],
      },
      schema: {
        operationId: 'adminResendMail',
        tags,
        summary: 'Sends a mail again, with the words of the first time',
        params: Type.Object({
          ...idParams('Of the order').properties,
          mail_id: Type.String({ description: 'As it stands in the list of its mails' }),
        }),
        headers: idempotencyHeaders,
        body: Reason.ref,
        response: { 202: MailAccepted.ref },
      },
    },
    async (request, reply) => {
      const orderId = orderIdIn(request.params)
      const { mail_id: name } = request.params
      const { reason } = request.body
      return once({ db: databases.accounts, request, reply, mint: () => newId('rsd') }, async (claimed) => {
        await knownOrder(services, orderId)
        const mail = (await mailsOf(db, orderId)).find((each) => mailName(each) === name)
        if (!mail) throw new Refusal('mail.not_found', 'No such mail was written about this order.')
        const { messageId, kind, reference } = mail
        if (mail.status === 'sending') {
          throw new Refusal('mail.sending', 'This mail is still on its way for the first time.')
        }
        if (!mail.content) throw new Refusal('mail.not_kept', 'What this mail said was not kept.')
        const resendId = mintedId('rsd', claimed)
        await askAgain(db, { resendId, orderId, messageId, kind, reason, ...signature(request) })
        const id = mailName({ kind, reference: `${reference}.${resendId}` })
        return { status: 202, body: { id, order_id: orderId }, keep: true }
      })
    },
  )
}
