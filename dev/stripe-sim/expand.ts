import { invalidRequest } from './errors.ts'
import type { Thing } from './records.ts'
import type { View } from './shapes.ts'

/** What may be shown inside of what, instead of its id. */
const expandable = {
  payment_intent: { latest_charge: 'charge', payment_method: 'payment_method' },
  charge: { payment_intent: 'payment_intent' },
  refund: { charge: 'charge', payment_intent: 'payment_intent' },
  dispute: { charge: 'charge', payment_intent: 'payment_intent' },
  payment_method: {},
} as const satisfies Record<Thing['object'], Record<string, Thing['object']>>

/** Complains about an `expand` that Stripe would not know, before anything is done. */
export function checkExpand(object: Thing['object'], names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !(name in expandable[object]))
  if (unknown !== undefined) throw invalidRequest(`This property cannot be expanded (${unknown}).`)
  return names
}

/** Takes a thing and what is to be shown inside it, both as they are now. */
export function viewOf(
  { thingId, expand }: { thingId: string; expand: readonly string[] },
  find: (id: string) => Thing | undefined,
): View {
  const thing = find(thingId)
  if (!thing) throw new Error(`The double has lost ${thingId}.`)
  const inside: Record<string, Thing> = {}
  for (const name of expand) {
    const id = idInside(thing, name)
    const other = id === null ? undefined : find(id)
    if (other) inside[name] = other
  }
  return { thing, inside }
}

function idInside(thing: Thing, name: string): string | null {
  switch (thing.object) {
    case 'payment_intent':
      return name === 'latest_charge' ? (thing.chargeIds.at(-1) ?? null) : thing.methodId
    case 'charge':
      return thing.intentId
    case 'refund':
    case 'dispute':
      return name === 'charge' ? thing.chargeId : thing.intentId
    case 'payment_method':
      return null
  }
}
