import type { OrderId } from '../../domain/ids.ts'
import { ProviderFault } from '../../gateways/provider-fault.ts'
import type { Authorization, PaymentGateway } from '../../gateways/stripe.ts'
import type { Fault } from '../sim-kit/faults.ts'

/** Somebody who makes things go wrong on the double. */
export interface Control {
  fault(fault: Fault): Promise<void>
  expire(intentId: string): Promise<void>
  /** Answers the id of the dispute. */
  dispute(intentId: string): Promise<string>
}

const total = { amount: 4990, currency: 'EUR' } as const
const returnUrl = 'https://shop.example/back'

/**
 * Makes the gateway say everything that it can say: each verb, each outcome, and the look-ups after trouble. Throws when a verb of the
 * gateway was left out, so that a new one cannot be forgotten here.
 */
export async function driveEverything(gateway: PaymentGateway, control: Control): Promise<void> {
  const used = new Set<string>()
  const watched = new Proxy(gateway, {
    get(target, verb, receiver): unknown {
      if (typeof verb === 'string') used.add(verb)
      return Reflect.get(target, verb, receiver)
    },
  })
  await payInEveryWay(watched)
  await takeAndLetGo(watched, control)
  await giveBack(watched, control)
  await lookUpAfterTrouble(watched, control)
  await watched.listIntents({ createdAfter: new Date(Date.now() - 60_000).toISOString() })

  const forgotten = Object.keys(gateway).filter((verb) => !used.has(verb))
  if (forgotten.length > 0) {
    throw new Error(
      `The gateway can ${forgotten.join(', ')}, and dev/stripe-shapes/drive.ts never does: add it there.`,
    )
  }
}

let count = 0

async function anIntent(gateway: PaymentGateway): Promise<string> {
  count += 1
  // The check needs no order, only something that looks like one.
  const orderId = `ord_${String(count).padStart(26, '0')}` as OrderId
  return (await gateway.createIntent({ orderId, total, idempotencyKey: `intent:${count}` })).intentId
}

const pay = (gateway: PaymentGateway, intentId: string, paymentMethod: string): Promise<Authorization> =>
  gateway.confirm({
    intentId,
    paymentMethod,
    returnUrl,
    idempotencyKey: `authorize:${intentId}:${paymentMethod}`,
  })

async function aHold(gateway: PaymentGateway): Promise<string> {
  const intentId = await anIntent(gateway)
  await pay(gateway, intentId, 'pm_card_visa')
  return intentId
}

async function payInEveryWay(gateway: PaymentGateway): Promise<void> {
  const intentId = await anIntent(gateway)
  for (const card of ['pm_card_visa_chargeDeclined', 'pm_nobody', 'pm_card_authenticationRequired']) {
    await pay(gateway, intentId, card)
    await gateway.retrieveIntent(intentId)
  }
  await pay(gateway, intentId, 'pm_card_visa')
  await pay(gateway, intentId, 'pm_card_mastercard')
  await gateway.retrieveIntent(intentId)
  await gateway.retrieveIntent('pi_nobody').catch(expectFault)
}

async function takeAndLetGo(gateway: PaymentGateway, control: Control): Promise<void> {
  const [taken, gone, old] = [await aHold(gateway), await aHold(gateway), await aHold(gateway)]
  await gateway.capture({ intentId: taken, idempotencyKey: 'capture:1' })
  await gateway.capture({ intentId: taken, idempotencyKey: 'capture:2' })
  await gateway.cancel({ intentId: taken, idempotencyKey: 'void:1' })
  await gateway.cancel({ intentId: gone, idempotencyKey: 'void:2' })
  await control.expire(old)
  await gateway.capture({ intentId: old, idempotencyKey: 'capture:3' })
  for (const intentId of [taken, gone, old]) await gateway.retrieveIntent(intentId)
}

async function giveBack(gateway: PaymentGateway, control: Control): Promise<void> {
  for (const card of ['pm_card_visa', 'pm_card_pendingRefund']) {
    const intentId = await anIntent(gateway)
    await pay(gateway, intentId, card)
    await gateway.capture({ intentId, idempotencyKey: `capture:${intentId}` })
    for (const amountMinor of [90, 4990]) {
      const refundId = `refund_${amountMinor}_of_${intentId}`
      const asked = { intentId, amountMinor, refundId, reason: 'broken', idempotencyKey: refundId }
      const answer = await gateway.refund(asked)
      if (answer.outcome !== 'refused') await gateway.retrieveRefund(answer.providerRefundId)
    }
    await gateway.retrieveDispute(await control.dispute(intentId))
    await gateway.retrieveIntent(intentId)
  }
}

async function lookUpAfterTrouble(gateway: PaymentGateway, control: Control): Promise<void> {
  const after = (operation: string) => control.fault({ operation, kind: 'fail_after' })
  await after('payment_intents.create')
  const intentId = await anIntent(gateway)
  await after('payment_intents.confirm')
  await pay(gateway, intentId, 'pm_card_visa')
  await after('payment_intents.capture')
  await gateway.capture({ intentId, idempotencyKey: 'capture:4' })
  await after('refunds.create')
  await gateway.refund({ intentId, amountMinor: 100, refundId: 'refund_5', idempotencyKey: 'refund:5' })
  const other = await aHold(gateway)
  await after('payment_intents.cancel')
  await gateway.cancel({ intentId: other, idempotencyKey: 'void:3' })
}

function expectFault(error: unknown): void {
  if (!(error instanceof ProviderFault)) throw error
}
