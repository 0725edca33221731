import { CancellationScope, setCurrentDetails } from '@temporalio/workflow'
import type { ShipmentId } from '../domain/ids.ts'
import type { ReshipLine } from '../domain/reships.ts'
import { kept, unrefused } from './attention.ts'
import { letterbox } from './letterbox.ts'
import type { First } from './letterbox.ts'
import { inventory, notifications, reships, shipping } from './proxies.ts'
import { reship } from './reship-contract.ts'
import type { ReshipOrder, ReshipRequest, ReshipStanding } from './reship-contract.ts'
import { saga } from './saga.ts'
import type { Undo } from './saga.ts'
import { aReshipRequest } from './validators.ts'

type Asked = ReshipRequest & ReshipOrder
type Promised = Extract<ReshipStanding, { outcome: 'accepted' }> & { readonly lines: readonly ReshipLine[] }

/** How long units are held while it is decided; what is decided takes the deadline away. */
const holdMs = 15 * 60_000

/**
 * Sends again what was in a parcel that was lost or came back. Its units are claimed first, so no two of these send them twice; then
 * other units are taken from stock, or it is refused and nothing has happened. Once that is decided it only moves forward: a label for
 * each parcel, a mail. From there on the parcels are like all others.
 */
export async function reshipOrder(
  { reshipId }: ReshipOrder,
  wish?: First<ReshipRequest>,
): Promise<ReshipStanding> {
  const letters = letterbox<ReshipRequest, ReshipStanding>(
    [{ update: reship, validate: aReshipRequest }],
    wish,
  )
  const letter = await letters.next()
  const asked = { ...letter.content, reshipId }

  const verdict = await saga<Promised | Extract<ReshipStanding, { outcome: 'refused' }>>({
    story: async (undo) => {
      const promised = await decided(asked, undo)
      letters.close({ outcome: 'accepted', shipments: promised.shipments })
      return promised
    },
    end: ({ refusal }) => {
      letters.close({ outcome: 'refused', refusal })
      return { outcome: 'refused', refusal }
    },
  })
  if (verdict.outcome === 'refused') return verdict
  await CancellationScope.nonCancellable(() => sent(asked, verdict))
  return { outcome: 'accepted', shipments: verdict.shipments }
}

/** Whether it may be, and whether there is something to send. */
async function decided(asked: Asked, undo: (undo: Undo) => void): Promise<Promised> {
  const { reshipId, orderId, shipmentId, cause } = asked
  setCurrentDetails(`**Deciding** whether \`${shipmentId}\` is sent again.`)
  const { lines: inParcel } = await shipping.readLostParcel({ orderId, shipmentId })
  undo(({ refusal }) => reships.dropReship({ reshipId, refusal }))
  const { lines } = await reships.openReship({ ...asked, inParcel })
  undo(() => inventory.releaseStock({ orderId: reshipId, cause }))
  const deadline = new Date(Date.now() + holdMs).toISOString()
  const { allocations } = await inventory.reserveStock({
    ...{ orderId: reshipId, reshipOf: orderId, lines, deadline },
  })
  return CancellationScope.nonCancellable(async () => {
    await inventory.commitStock({ orderId: reshipId, cause })
    const register = { reshipId, orderId, shipmentId, lines, allocations, cause }
    const { shipments } = await shipping.registerReship(register)
    await reships.confirmReship({ reshipId, shipments, cause })
    return { outcome: 'accepted', shipments, lines }
  })
}

/** Forward only. A label that is refused for good asks an admin to look. */
async function sent({ orderId, reshipId, cause }: Asked, { shipments, lines }: Promised): Promise<void> {
  setCurrentDetails(`**Sending again.** Labels for ${shipments.map(inCode).join(', ')}, and a mail.`)
  await unrefused(orderId, async () => {
    await Promise.all([
      ...shipments.map((shipmentId) => kept(orderId, () => shipping.labelParcel({ shipmentId }))),
      notifications.sendSentAgain({ orderId, reference: reshipId, lines, cause }),
    ])
  })
  setCurrentDetails('**Sent again.** From here on its parcels are like all others.')
}

const inCode = (id: ShipmentId): string => `\`${id}\``
