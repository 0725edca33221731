import { checkExpand, viewOf } from './expand.ts'
import { invalidRequest, noSuch } from './errors.ts'
import type { Json } from './card-shapes.ts'
import type { Call } from './change.ts'
import { writeEvent } from './events.ts'
import type { Params } from './params.ts'
import type { Charge, Intent, Refund } from './records.ts'
import type { Shelf } from './shelf.ts'
import { writeView } from './shapes.ts'

interface Listed {
  readonly id: string
  readonly created: number
}

interface Paging {
  limit: number
  after: string | undefined
  before: string | undefined
}

/** Reads `limit` (1–100, 10 unless told), `starting_after` and `ending_before`. */
function pagingIn(params: Params): Paging {
  const limit = params.integer('limit') ?? 10
  const after = params.text('starting_after')
  const before = params.text('ending_before')
  if (limit > 100) {
    throw invalidRequest('This value must be less than or equal to 100.', {
      param: 'limit',
      code: 'parameter_invalid_integer',
    })
  }
  if (after !== undefined && before !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: ending_before, starting_after.', {
      code: 'parameters_exclusive',
    })
  }
  return { limit, after, before }
}

/** `created` as a time, or as an object of `gt`, `gte`, `lt`, `lte`; seconds since 1970. */
function createdIn(params: Params): (created: number) => boolean {
  const range = params.nested('created')
  const above = Math.max((range?.integer('gt', 0) ?? -1) + 1, range?.integer('gte', 0) ?? 0)
  const below = Math.min((range?.integer('lt', 0) ?? Infinity) - 1, range?.integer('lte', 0) ?? Infinity)
  return (created) => created >= above && created <= below
}

/** One page, newest first, and whether there is more in the direction that was asked for. */
function page<Item extends Listed>({
  shelf,
  paging: { limit, after, before },
  kind,
  matches,
}: {
  shelf: Shelf<Item>
  paging: Paging
  kind: string
  matches: (item: Item) => boolean
}): { items: Item[]; hasMore: boolean } {
  for (const [param, id] of Object.entries({ starting_after: after, ending_before: before })) {
    if (id !== undefined && !shelf.get(id)) throw noSuch(kind, id, { param, inAddress: false })
  }
  const found: Item[] = []
  for (const item of before === undefined ? shelf.older(after) : shelf.newer(before)) {
    if (!matches(item)) continue
    found.push(item)
    if (found.length > limit) break
  }
  const items = found.slice(0, limit)
  return { items: before === undefined ? items : items.reverse(), hasMore: found.length > limit }
}

const listOf = (url: string, data: Json[], hasMore: boolean): Json => ({
  object: 'list',
  data,
  has_more: hasMore,
  url,
})

/** In a list, what is to be shown inside is named `data.latest_charge`. */
function expandIn(params: Params, object: 'payment_intent' | 'charge' | 'refund'): readonly string[] {
  const names = params.texts('expand') ?? []
  const stray = names.find((name) => !name.startsWith('data.'))
  if (stray !== undefined) {
    throw invalidRequest(
      `This property cannot be expanded (${stray}). You may want to try expanding 'data.${stray}' instead.`,
    )
  }
  return checkExpand(
    object,
    names.map((name) => name.slice('data.'.length)),
  )
}

/** `GET /v1/payment_intents` */
export function listIntents({ params, memory }: Call): Json {
  const paging = pagingIn(params)
  const inTime = createdIn(params)
  const expand = expandIn(params, 'payment_intent')
  params.end()
  const matches = ({ created }: Intent) => inTime(created)
  const { items, hasMore } = page({ shelf: memory.intents, paging, kind: 'payment_intent', matches })
  const data = items.map(({ id }) => writeView(viewOf({ thingId: id, expand }, memory.find)))
  return listOf('/v1/payment_intents', data, hasMore)
}

/** `GET /v1/charges` */
export function listCharges({ params, memory }: Call): Json {
  const paging = pagingIn(params)
  const inTime = createdIn(params)
  const expand = expandIn(params, 'charge')
  const intentId = params.text('payment_intent')
  params.end()
  const matches = (charge: Charge) =>
    inTime(charge.created) && (intentId ?? charge.intentId) === charge.intentId
  const { items, hasMore } = page({ shelf: memory.charges, paging, kind: 'charge', matches })
  const data = items.map(({ id }) => writeView(viewOf({ thingId: id, expand }, memory.find)))
  return listOf('/v1/charges', data, hasMore)
}

/** `GET /v1/refunds` */
export function listRefunds({ params, memory }: Call): Json {
  const paging = pagingIn(params)
  const inTime = createdIn(params)
  const expand = expandIn(params, 'refund')
  const intentId = params.text('payment_intent')
  const chargeId = params.text('charge')
  params.end()
  const matches = (refund: Refund) =>
    inTime(refund.created) &&
    (intentId ?? refund.intentId) === refund.intentId &&
    (chargeId ?? refund.chargeId) === refund.chargeId
  const { items, hasMore } = page({ shelf: memory.refunds, paging, kind: 'refund', matches })
  const data = items.map(({ id }) => writeView(viewOf({ thingId: id, expand }, memory.find)))
  return listOf('/v1/refunds', data, hasMore)
}

/** `GET /v1/events` */
export function listEvents({ params, memory }: Call): Json {
  const paging = pagingIn(params)
  const inTime = createdIn(params)
  const type = params.text('type')
  const types = params.texts('types') ?? (type === undefined ? undefined : [type])
  params.end()
  const { items, hasMore } = page({
    shelf: memory.events,
    paging,
    kind: 'event',
    matches: (event) => inTime(event.created) && (types?.includes(event.type) ?? true),
  })
  return listOf('/v1/events', items.map(writeEvent), hasMore)
}
