import type { FastifyRequest } from 'fastify'
import { addressFrom } from './addresses.ts'
import { buy, formatOf, rated, rateNamed, refund } from './buying.ts'
import type { Desk } from './desk.ts'
import { wireRate } from './rates.ts'
import { customsFrom, parcelFrom, wireRefund, wireShipment } from './shipments.ts'
import type { RefundRecord, ShipmentRecord } from './shipments.ts'
import { fieldsOf, newId, notFound, pageOf, required, textOf } from './wire.ts'

/** Shipments: `shipments.create`, `.list`, `.retrieve`, `.buy`, `.rerate`, `.refund`, `.label`, and `refunds.create`. */
export function shipmentRoutes({ route, state, urls, stepMs, rateTtlMs }: Desk): void {
  const shown = (shipment: ShipmentRecord, nowMs: number) =>
    wireShipment({ shipment, nowMs, urls, tracker: state.trackers.get(shipment.bought?.trackerId ?? '') })

  /** By its id, or by its reference. */
  const found = (id: string): ShipmentRecord => {
    const shipment = state.shipments.get(id) ?? state.shipments.get(state.shipmentIdOfReference.get(id) ?? '')
    if (!shipment) throw notFound()
    return shipment
  }
  const named = ({ params }: FastifyRequest): ShipmentRecord => found(textOf(fieldsOf(params), 'id') ?? '')

  route('POST', '/v2/shipments', 'shipments.create', async (request, reply) => {
    const nowMs = Date.now()
    const input = fieldsOf(fieldsOf(request.body)['shipment'])
    if (Object.keys(input).length === 0) throw required('shipment')
    const shipment = shipmentFrom({ input, nowMs, known: state })
    await state.commit({ type: 'shipment.create', shipment })
    const service = textOf(input, 'service')
    if (service !== null) {
      const rateId = rateNamed(shipment.rates, { carrier: textOf(input, 'carrier'), service })?.id ?? null
      await buy({ state, shipment, rateId, insurance: textOf(input, 'insurance'), nowMs, stepMs, rateTtlMs })
    }
    reply.code(201)
    return shown(found(shipment.id), nowMs)
  })

  route('GET', '/v2/shipments', 'shipments.list', async (request) => {
    const nowMs = Date.now()
    const query = fieldsOf(request.query)
    const purchased = textOf(query, 'purchased')
    const all = [...state.shipments.values()].filter(
      ({ bought }) => purchased === null || (bought !== null) === (purchased === 'true'),
    )
    const { items, hasMore } = pageOf({ all, query })
    return { shipments: items.map((shipment) => shown(shipment, nowMs)), has_more: hasMore }
  })

  route('GET', '/v2/shipments/:id', 'shipments.retrieve', async (request) =>
    shown(named(request), Date.now()),
  )

  route('POST', '/v2/shipments/:id/buy', 'shipments.buy', async (request) => {
    const nowMs = Date.now()
    const body = fieldsOf(request.body)
    const rateId = textOf(fieldsOf(body['rate']), 'id')
    const shipment = named(request)
    await buy({ state, shipment, rateId, insurance: textOf(body, 'insurance'), nowMs, stepMs, rateTtlMs })
    return shown(found(shipment.id), nowMs)
  })

  route('POST', '/v2/shipments/:id/rerate', 'shipments.rerate', async (request) => {
    const nowMs = Date.now()
    const { id, from, to, parcel, options } = named(request)
    const rating = rated({ from, to, ounces: parcel.weight, options })
    await state.commit({ type: 'shipment.rerate', shipmentId: id, atMs: nowMs, rating })
    return { rates: rating.rates.map((rate) => wireRate({ rate, shipmentId: id, atMs: nowMs })) }
  })

  route('POST', '/v2/shipments/:id/refund', 'shipments.refund', async (request) => {
    const nowMs = Date.now()
    const shipment = named(request)
    await refund({ state, shipment, nowMs, stepMs })
    return shown(found(shipment.id), nowMs)
  })

  /** The same label in another format, without a word in the journal: the formats are made when they are fetched. */
  route('GET', '/v2/shipments/:id/label', 'shipments.label', async (request) => {
    const shipment = named(request)
    if (!shipment.bought) throw required('postage_label')
    const labelFormat = formatOf({ label_format: textOf(fieldsOf(request.query), 'file_format') ?? 'PNG' })
    return shown({ ...shipment, bought: { ...shipment.bought, labelFormat } }, Date.now())
  })

  route('POST', '/v2/refunds', 'refunds.create', async (request, reply) => {
    const nowMs = Date.now()
    const { tracking_codes: codes } = fieldsOf(fieldsOf(request.body)['refund'])
    if (!Array.isArray(codes)) throw required('tracking_codes')
    const refunds: RefundRecord[] = []
    for (const code of codes) {
      const tracker = state.trackers.get(state.trackerIdOfCode.get(String(code)) ?? '')
      refunds.push(await refund({ state, shipment: found(tracker?.shipmentId ?? ''), nowMs, stepMs }))
    }
    reply.code(201)
    return refunds.map((given) => wireRefund(given, nowMs))
  })
}

/** A shipment from a request. Addresses and parcels may be given whole, or by the id of one that was made before. */
function shipmentFrom({
  input,
  nowMs,
  known,
}: {
  input: ReturnType<typeof fieldsOf>
  nowMs: number
  known: Desk['state']
}): ShipmentRecord {
  const address = (field: string) => {
    const given = fieldsOf(input[field])
    const id = textOf(given, 'id')
    if (Object.keys(given).length === 0) throw required(`shipment.${field}`)
    return (id === null ? undefined : known.addresses.get(id)) ?? addressFrom(given, nowMs)
  }
  const from = address('from_address')
  const to = address('to_address')
  const parcelInput = fieldsOf(input['parcel'])
  const parcel = known.parcels.get(textOf(parcelInput, 'id') ?? '') ?? parcelFrom(parcelInput, nowMs)
  const options = {
    currency: 'USD',
    payment: { type: 'SENDER' },
    date_advance: 0,
    ...fieldsOf(input['options']),
  }
  formatOf(options)
  return {
    id: newId('shp'),
    createdAtMs: nowMs,
    ratedAtMs: nowMs,
    reference: textOf(input, 'reference'),
    options,
    isReturn: input['is_return'] === true,
    from,
    to,
    parcel,
    customsInfo: customsFrom(input['customs_info'], nowMs),
    ...rated({ from, to, ounces: parcel.weight, options }),
    bought: null,
    refund: null,
  }
}
