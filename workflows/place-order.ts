import { CancellationScope } from '@temporalio/workflow'
import { planShipments } from '../domain/shipments.ts'
import { authorizedWithin, holdOf } from './authorized-within.ts'
import { bell } from './bell.ts'
import { checkout, letGo, providerNews, submitPayment } from './contract.ts'
import type { Card, Checkout, PlaceOrder, Standing } from './contract.ts'
import { fulfil } from './fulfil.ts'
import { letterbox } from './letterbox.ts'
import type { First } from './letterbox.ts'
import { notice } from './notice.ts'
import { tell } from './operators.ts'
import { inventory, orders, payments } from './proxies.ts'
import { rateFor } from './rate-for.ts'
import { saga } from './saga.ts'
import { aCard, aCheckout, isCheckout } from './validators.ts'

/**
 * Turns a cart into a confirmed order. Stock is held before the card is, and the card before anything is charged, so nobody pays
 * for goods that we do not have. Each undo is keyed by the order's own id and registered before its step: a step that timed out may
 * still have happened, and undoing what never happened must do nothing.
 *
 * Specification: use case "Order Placement".
 */
export async function placeOrder(
  { orderId, holdMs, challengeMs }: PlaceOrder,
  wish?: First<Checkout>,
): Promise<Standing> {
  const updates = [
    { update: checkout, validate: aCheckout },
    { update: submitPayment, validate: aCard },
  ]
  const letters = letterbox<Checkout | Card, Standing>(updates, wish)
  const goodbye = notice(letGo)
  const news = bell(providerNews)

  return saga<Standing>({
    story: async (undo) => {
      const first = await letters.next()
      const request = isCheckout(first.content)
      const { cause } = request
      const hold = holdOf(holdMs)

      undo((fall) => orders.abandonOrder({ orderId, ...fall, cause }))
      tell.opening({ cartId: request.cartId })
      const { lines, totalMinor: priced } = await orders.openOrder({ orderId, ...request, ...hold })

      undo(() => inventory.releaseStock({ orderId, cause }))
      const [{ allocations }, rate] = await Promise.all([
        inventory.reserveStock({ orderId, lines, deadline: hold.expiresAt }),
        rateFor({ orderId, request, lines }),
      ])
      const { expectedTotalMinor, currency } = request
      const totalMinor = priced ?? (await orders.priceOrder({ orderId, rate, expectedTotalMinor })).totalMinor

      undo(() => payments.returnPayment({ orderId, cause }))
      const total = { amount: totalMinor, currency }
      const wait = { orderId, total, challengeMs, first, letters, goodbye, news }
      const { letter: payer, captured } = await authorizedWithin(hold, wait)

      // From here on the order only moves forward, even if someone cancels this workflow.
      return CancellationScope.nonCancellable(async () => {
        const shipments = planShipments({ orderId, lines, allocations, rate })
        if (!captured) await payments.capturePayment({ orderId, cause })
        const { letter } = await orders.confirmOrder({
          orderId,
          parcels: shipments.length,
          paidMinor: totalMinor,
          cause,
        })
        payer.answer({ outcome: 'confirmed' })
        letters.close({ outcome: 'confirmed' })

        tell.confirmed({ totalMinor, parcels: shipments.length })
        await fulfil({ orderId, letter, shipments, cause })
        return { outcome: 'confirmed' }
      })
    },
    end: ({ refusal, ending, reason }) => {
      const standing: Standing = { outcome: 'refused', refusal, open: false }
      letters.close(standing)
      tell.ended({ ending, reason })
      return standing
    },
  })
}
