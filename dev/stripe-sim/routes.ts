import type { Double } from '../sim-kit/server.ts'
import { captureIntent, expireIntent } from './capture.ts'
import { cardNamed } from './cards.ts'
import type { Json } from './card-shapes.ts'
import { chargeIn, intentIn, refundIn, secondsOf } from './change.ts'
import type { Call } from './change.ts'
import { confirmIntent } from './confirm.ts'
import type { Desk } from './desk.ts'
import { disputeIn } from './disputes.ts'
import { noSuch } from './errors.ts'
import { writeEvent } from './events.ts'
import { checkExpand, viewOf } from './expand.ts'
import { cancelIntent, createIntent, updateIntent } from './intents.ts'
import { listCharges, listEvents, listIntents, listRefunds } from './lists.ts'
import type { Thing } from './records.ts'
import { cancelRefund, createRefund } from './refunds.ts'
import { writeView } from './shapes.ts'

/** Stripe's addresses, each with the name under which faults and the ledger know it. */
export function serveStripe({
  double,
  desk,
  refundSettleMs,
}: {
  double: Double
  desk: Desk
  refundSettleMs: number
}): void {
  double.post('/v1/payment_intents', desk.write('payment_intents.create', 'payment_intent', createIntent))
  double.get('/v1/payment_intents', desk.read('payment_intents.list', listIntents))
  double.get(
    '/v1/payment_intents/:id',
    desk.read('payment_intents.retrieve', (call) => retrieveIntent(call, desk)),
  )
  double.post('/v1/payment_intents/:id', desk.write('payment_intents.update', 'payment_intent', updateIntent))
  double.post(
    '/v1/payment_intents/:id/confirm',
    desk.write('payment_intents.confirm', 'payment_intent', confirmIntent),
  )
  double.post(
    '/v1/payment_intents/:id/capture',
    desk.write('payment_intents.capture', 'payment_intent', captureIntent),
  )
  double.post(
    '/v1/payment_intents/:id/cancel',
    desk.write('payment_intents.cancel', 'payment_intent', cancelIntent),
  )

  double.get('/v1/charges', desk.read('charges.list', listCharges))
  double.get(
    '/v1/charges/:id',
    desk.read('charges.retrieve', (call) => retrieve(call, chargeIn(call))),
  )

  double.post(
    '/v1/refunds',
    desk.write('refunds.create', 'refund', (call) => createRefund({ ...call, settleMs: refundSettleMs })),
  )
  double.get('/v1/refunds', desk.read('refunds.list', listRefunds))
  double.get(
    '/v1/refunds/:id',
    desk.read('refunds.retrieve', (call) => retrieve(call, refundIn(call))),
  )
  double.post('/v1/refunds/:id/cancel', desk.write('refunds.cancel', 'refund', cancelRefund))

  double.get(
    '/v1/disputes/:id',
    desk.read('disputes.retrieve', (call) => retrieve(call, disputeIn(call))),
  )

  double.get('/v1/payment_methods/:id', desk.read('payment_methods.retrieve', retrieveMethod))

  double.get('/v1/events', desk.read('events.list', listEvents))
  double.get('/v1/events/:id', desk.read('events.retrieve', retrieveEvent))
}

function retrieve({ params, memory }: Call, thing: Thing): Json {
  const expand = checkExpand(thing.object, params.texts('expand') ?? [])
  params.end()
  return writeView(viewOf({ thingId: thing.id, expand }, memory.find))
}

/** A hold that ran out is let go before anybody sees it again. */
async function retrieveIntent(call: Call, desk: Desk): Promise<Json> {
  call.params.text('client_secret')
  const intent = intentIn(call)
  const expired = expireIntent({ memory: call.memory, intent, nowMs: call.nowMs })
  if (expired) await desk.happen('payment_intents.expire', expired)
  return retrieve(call, intent)
}

/** A test id shows the card that it stands for. */
function retrieveMethod(call: Call): Json {
  const { id, memory, nowMs, params } = call
  const known = memory.find(id)
  if (known?.object === 'payment_method') return retrieve(call, known)
  params.end()
  if (!cardNamed(id)) throw noSuch('PaymentMethod', id, { param: 'payment_method', inAddress: true })
  return writeView({
    thing: { object: 'payment_method', id, created: secondsOf(nowMs), card: id },
    inside: {},
  })
}

function retrieveEvent({ id, memory, params }: Call): Json {
  params.end()
  const event = memory.events.get(id)
  if (!event) throw noSuch('event', id, { param: 'id', inAddress: true })
  return writeEvent(event)
}
