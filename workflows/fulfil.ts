import { ActivityFailure } from '@temporalio/workflow'
import type { OrderId } from '../domain/ids.ts'
import type { OrderLetter } from '../domain/notifications/letter.ts'
import type { PlannedShipment } from '../domain/shipments.ts'
import { attention, kept } from './attention.ts'
import { refusalBehind } from './failures.ts'
import { inventory, notifications, shipping } from './proxies.ts'

interface ToFulfil {
  readonly orderId: OrderId
  readonly letter: OrderLetter
  readonly shipments: readonly PlannedShipment[]
  readonly cause: string
}

/**
 * What a confirmed order promises: its stock, a label for each parcel, a mail. Side by side, forward only, tried until done. Nothing
 * here ever fails the order: what is refused for good asks an admin to look.
 */
export async function fulfil({ orderId, letter, shipments, cause }: ToFulfil): Promise<void> {
  const { shipTo } = letter.personal
  await Promise.all([
    kept(orderId, () => inventory.commitStock({ orderId, cause })),
    ...shipments.map((plan) => kept(orderId, () => labelled({ plan, personal: { shipTo }, cause }))),
    kept(orderId, () => notifications.sendConfirmation({ letter, cause })),
  ])
}

type Label = Parameters<typeof shipping.buyLabel>[0]

/** After a day without a label an admin is asked to look, and it is tried on. */
async function labelled(label: Label): Promise<void> {
  try {
    await shipping.buyLabel(label)
  } catch (error) {
    if (!(error instanceof ActivityFailure) || refusalBehind(error)) throw error
    const { orderId, shipmentId } = label.plan
    await attention(orderId, `no label for ${shipmentId} after a day of trying`)
    await shipping.buyLabelHoweverLong(label)
  }
}
