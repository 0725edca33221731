import { faulty, refuse } from '../../support/flow-world.ts'
import type { Fakes } from '../../support/flow-world.ts'
import { goodReshipParts, reshipIn } from '../../support/reshipping.ts'
import { inTheShop } from '../ending.ts'
import type { Ending, Endings } from '../ending.ts'

/** A parcel did not arrive; whatever is not faked goes well. */
const again =
  (fakes: Fakes): Ending =>
  async (world, taskQueue) =>
    (await reshipIn(world, { fakes, taskQueue })).workflowId

const told: Endings = {
  'sent-again': again({}),
  'sent-again-from-two-warehouses': again({
    registerReship: async () => ({ shipments: ['shp_2', 'shp_3'] }),
  }),
  'not-lost': again({ readLostParcel: refuse('shipment.not_lost') }),
  'sent-again-before': again({ openReship: refuse('shipment.sent_again') }),
  'out-of-stock': again({ reserveStock: refuse('stock.insufficient') }),
  'label-refused': again({ labelParcel: refuse('shipping.label_refused') }),
  'after-accidents': again({
    reserveStock: faulty(1, goodReshipParts().reserveStock),
    registerReship: faulty(1, goodReshipParts().registerReship),
    sendSentAgain: faulty(1, async () => {}),
  }),
}

export const endings: Endings = {
  ...told,
  ...inTheShop(told, ['sent-again', 'out-of-stock', 'label-refused', 'after-accidents']),
}
