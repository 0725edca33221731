import { refundIn } from '../../support/cancelling.ts'
import { faulty, refuse } from '../../support/flow-world.ts'
import type { Fakes } from '../../support/flow-world.ts'
import { inTheShop } from '../ending.ts'
import type { Ending, Endings } from '../ending.ts'

/** An admin gives money back; whatever is not faked goes well. */
const refunded =
  (fakes: Fakes): Ending =>
  async (world, taskQueue) =>
    (await refundIn(world, { fakes, taskQueue })).workflowId

const told: Endings = {
  refunded: refunded({}),
  'refused-by-our-books': refunded({ openRefund: refuse('refund.too_large') }),
  'given-back-otherwise': refunded({ refundPayment: async () => ({ amountMinor: 0, currency: 'EUR' }) }),
  'after-accidents': refunded({
    refundPayment: faulty(1, async () => ({ amountMinor: 500, currency: 'EUR' })),
    sendRefund: faulty(1, async () => {}),
  }),
}

export const endings: Endings = { ...told, ...inTheShop(told, ['refunded', 'after-accidents']) }
