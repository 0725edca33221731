import type { Static } from 'typebox'
import { pictureOf } from '../domain/payment-books.ts'
import type { Order } from '../domain/orders.ts'
import { cancellationsOf } from '../store/cancellations.ts'
import { readTimeline } from '../store/orders.ts'
import { readJournal } from '../store/payments.ts'
import { refundsOf } from '../store/refunds.ts'
import { reshipsOf } from '../store/reships.ts'
import { booksView, cancellationView, refundView } from './schemas/order-books.ts'
import type { AdminOrderDetail } from './schemas/order-books.ts'
import { reshipView } from './schemas/order-parcels.ts'
import { adminOrderView, timelineView } from './schemas/order-views.ts'
import type { Services } from './services.ts'

type Detail = Static<typeof AdminOrderDetail.schema>

/** All that an admin has to know of one order, its workflows included, where Temporal can be asked. */
export async function orderDetail(services: Services, order: Order): Promise<Detail> {
  const db = services.databases.order
  const { id, currency } = order
  const [journal, refunds, cancellations, reships, timeline] = await Promise.all([
    readJournal(db, id),
    refundsOf(db, id),
    cancellationsOf(db, id),
    reshipsOf(db, id),
    readTimeline(db, id),
  ])
  const workflowIds = [
    `place-order:${id}`,
    ...cancellations.map(({ cancellationId }) => `cancel-order:${cancellationId}`),
    ...refunds
      .filter(({ cancellationId, refundId }) => cancellationId === null && refundId.startsWith('rfd_'))
      .map(({ refundId }) => `refund-order:${refundId}`),
    ...reships.map(({ reshipId }) => `reship-order:${reshipId}`),
  ]
  return {
    order: adminOrderView(order),
    payment: booksView({ picture: pictureOf(journal), journal }, currency),
    refunds: refunds.map((refund) => refundView(refund, currency)),
    cancellations: cancellations.map((each) => cancellationView(each, currency)),
    reships: reships.map(reshipView),
    timeline: timelineView(timeline),
    workflows: await storiesOf(services, workflowIds),
  }
}

/** Orders can be looked at while Temporal is down; how their workflows stand then nobody knows. */
async function storiesOf(
  { flows, shop }: Services,
  workflowIds: readonly string[],
): Promise<Detail['workflows']> {
  const told = await Promise.all(
    workflowIds.map(async (workflowId) => ({ workflowId, story: await flows.readStory(workflowId) })),
  ).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'FlowsUnavailable') return []
    throw error
  })
  return told.map(({ workflowId, story }) => ({
    workflow_id: workflowId,
    status: story?.status ?? 'forgotten',
    ...(shop.workflowsUrl !== undefined && {
      url: `${shop.workflowsUrl}/workflows/${encodeURIComponent(workflowId)}`,
    }),
  }))
}
