import { aCancelRequest, begun, cancelIn, left, recalled } from '../../support/cancelling.ts'
import { faulty, refuse } from '../../support/flow-world.ts'
import type { Fakes } from '../../support/flow-world.ts'
import { inTheShop } from '../ending.ts'
import type { Ending, Endings } from '../ending.ts'

/** An order is taken back; whatever is not faked goes well. */
const cancelled =
  (fakes: Fakes): Ending =>
  async (world, taskQueue) =>
    (await cancelIn(world, { fakes, request: aCancelRequest(), taskQueue })).workflowId

const inTurn = (answers: readonly unknown[]): (() => Promise<unknown>) => {
  const left = [...answers]
  return async () => (left.length > 1 ? left.shift() : left[0])
}

const told: Endings = {
  whole: cancelled({}),
  part: cancelled({
    beginCancellation: async () => ({ ...begun, whole: false, amountMinor: 900 }),
    recallParcels: async () => ({ ...recalled, replacements: ['shp_2'] }),
  }),
  'part-whose-label-is-refused': cancelled({
    beginCancellation: async () => ({ ...begun, whole: false, amountMinor: 900 }),
    recallParcels: async () => ({ ...recalled, replacements: ['shp_2'] }),
    labelParcel: refuse('shipping.label_refused'),
  }),
  'lost-to-the-carrier': cancelled({ recallParcels: async () => left }),
  'lost-with-others-labelled-again': cancelled({
    recallParcels: async () => ({ ...left, closed: 1, replacements: ['shp_3'] }),
  }),
  refused: cancelled({ beginCancellation: refuse('order.not_cancellable') }),
  'cancelled-before': cancelled({ beginCancellation: async () => ({ outcome: 'already' }) }),
  'let-go-unpaid': cancelled({
    beginCancellation: inTurn([{ outcome: 'unpaid' }, { outcome: 'unpaid' }, { outcome: 'already' }]),
  }),
  'paid-while-it-was-let-go': cancelled({
    beginCancellation: inTurn([{ outcome: 'unpaid' }, { outcome: 'unpaid' }, begun]),
  }),
  'after-accidents': cancelled({
    recallParcels: faulty(1, async () => recalled),
    refundPayment: faulty(1, async () => ({ amountMinor: 2390, currency: 'EUR' })),
    sendRefund: faulty(1, async () => {}),
  }),
}

export const endings: Endings = {
  ...told,
  ...inTheShop(told, ['whole', 'part', 'lost-to-the-carrier', 'let-go-unpaid', 'after-accidents']),
}
