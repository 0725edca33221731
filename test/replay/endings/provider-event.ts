import type { OrderId } from '../../../domain/ids.ts'
import { providerEventId, queues } from '../../../workflows/contract.ts'
import type { ProviderEvent } from '../../../workflows/contract.ts'
import { faulty } from '../../support/flow-world.ts'
import type { Fakes } from '../../support/flow-world.ts'
import type { Ending, Endings } from '../ending.ts'

const orderId = 'ord_01h2xcejqtf2nbrexx3vqjhp41' as OrderId

/** A provider tells of something that no workflow waits for. */
const told =
  (news: Pick<ProviderEvent, 'topic' | 'objectId' | 'orphaned'>, fakes: Fakes): Ending =>
  async ({ env, play }) => {
    const eventId = `evt_${news.objectId}`
    const workflowId = providerEventId({ eventId, replays: 0 })
    const args: [ProviderEvent] = [{ eventId, orderId, ...news }]
    await play(fakes, async () => {
      await env.client.workflow.execute('providerEvent', { workflowId, taskQueue: queues.order, args })
    })
    return workflowId
  }

const booked = (done: string): Fakes => ({ bookProviderNews: async () => ({ done }) })

export const endings: Endings = {
  'nothing-new': told(
    { topic: 'payment.captured', objectId: 'pi_known', orphaned: false },
    booked('Our books say so already.'),
  ),
  'paid-while-its-workflow-was-gone': told(
    { topic: 'payment.authorized', objectId: 'pi_orphan', orphaned: true },
    booked('It was paid while its workflow was gone; the money was given back.'),
  ),
  'refunded-over-there': told(
    { topic: 'refund', objectId: 're_1', orphaned: false },
    booked('€5.00 were refunded at the payment provider, not by us.'),
  ),
  disputed: told(
    { topic: 'dispute', objectId: 'dp_1', orphaned: false },
    booked('The customer disputes €5.00 at his bank (fraudulent): answer it at the payment provider.'),
  ),
  'booked-after-accidents': told(
    { topic: 'payment.captured', objectId: 'pi_accidents', orphaned: false },
    { bookProviderNews: faulty(2, async () => ({ done: 'The capture is booked.' })) },
  ),
}
