import type { Description, Schema } from './description.ts'

/** What is wrong with an answer, with the path to it: `payment_intent.latest_charge.foo: …`. */
export type Difference = string

/** Checks a value against the description: every key known, every required key there, the same types and enums all the way down. */
export function differencesTo({
  description,
  schema,
  value,
  path,
}: {
  description: Description
  schema: Schema
  value: unknown
  path: string
}): Difference[] {
  const { schemas } = description.components
  const resolve = (given: Schema): Schema => {
    if (given.$ref === undefined) return given
    const target = schemas[given.$ref.replace('#/components/schemas/', '')]
    return target ? resolve(target) : {}
  }

  function check(given: Schema, at: string, now: unknown): Difference[] {
    const rule = resolve(given)
    if (now === null)
      return rule.nullable || given.nullable ? [] : [`${at}: null, which Stripe never answers here`]
    if (rule.anyOf)
      return nearest(
        rule.anyOf.map((option) => check(option, at, now)),
        at,
      )
    if (rule.enum && !rule.enum.includes(now))
      return [`${at}: ${JSON.stringify(now)} is none of ${rule.enum.join(', ')}`]
    if (Array.isArray(now)) return checkArray(rule, at, now)
    if (typeof now === 'object') return checkObject(rule, at, now as Record<string, unknown>)
    return checkPlain(rule, at, now)
  }

  function checkArray(rule: Schema, at: string, now: unknown[]): Difference[] {
    if (rule.type !== 'array') return [`${at}: a list instead of ${rule.type ?? 'something else'}`]
    return now.flatMap((each) => check(rule.items ?? {}, `${at}[]`, each))
  }

  function checkObject(rule: Schema, at: string, now: Record<string, unknown>): Difference[] {
    if (rule.type !== undefined && rule.type !== 'object')
      return [`${at}: an object instead of ${oneOf(rule.type)}`]
    const { properties = {}, required = [], additionalProperties } = rule
    // Where anything is allowed, as in an event, the thing's own name tells what it has to look like.
    const own = typeof now.object === 'string' && !rule.properties ? schemas[now.object] : undefined
    if (own) return check(own, at, now)
    const missing = required.filter((key) => !(key in now)).map((key) => `${at}.${key}: missing`)
    const wrong = Object.entries(now).flatMap(([key, each]) => {
      const known = properties[key]
      if (known) return check(known, `${at}.${key}`, each)
      if (typeof additionalProperties === 'object') return check(additionalProperties, `${at}.${key}`, each)
      return additionalProperties ? [] : [`${at}.${key}: Stripe's description knows no such key`]
    })
    return [...missing, ...wrong]
  }

  function checkPlain({ type, format }: Schema, at: string, now: unknown): Difference[] {
    const is = typeof now === 'number' && Number.isInteger(now) ? 'integer' : typeof now
    if (type !== undefined && is !== type && !(is === 'integer' && type === 'number')) {
      return [`${at}: ${oneOf(is)} instead of ${oneOf(type)}`]
    }
    // Seconds, not milliseconds: a thousand years of the one are twelve days of the other.
    if (format === 'unix-time' && typeof now === 'number' && now > 32_503_680_000)
      return [`${at}: not in seconds`]
    return []
  }

  return check(schema, path, value)
}

/** Of several allowed shapes the one that was meant: not of another kind altogether, then with the fewest differences. */
function nearest(options: Difference[][], at: string): Difference[] {
  const ofAnotherKind = (found: Difference[]) =>
    Number(found.some((difference) => difference.startsWith(`${at}: `)))
  return options.sort((a, b) => ofAnotherKind(a) - ofAnotherKind(b) || a.length - b.length)[0] ?? []
}

const oneOf = (kind: string): string => (/^[aio]/.test(kind) ? `an ${kind}` : `a ${kind}`)

/** Where two answers to the same request both say something, they say the same kind of thing. */
export function differentKinds({
  ours,
  theirs,
  path,
}: {
  ours: unknown
  theirs: unknown
  path: string
}): Difference[] {
  if (ours === null || theirs === null || ours === undefined || theirs === undefined) return []
  if (kindOf(ours) !== kindOf(theirs))
    return [`${path}: we answer ${kindOf(ours)}, stripe-mock answers ${kindOf(theirs)}`]
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    return ours.length === 0
      ? []
      : differentKinds({ ours: ours[0], theirs: theirs[0] as unknown, path: `${path}[]` })
  }
  if (!isRecord(ours) || !isRecord(theirs)) return []
  return Object.entries(ours).flatMap(([key, value]) =>
    differentKinds({ ours: value, theirs: theirs[key], path: `${path}.${key}` }),
  )
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'a list' : `a ${typeof value}`)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Whether the description knows a key that somebody read, such as `charge:payment_method_details.card.capture_before`. */
export function isDescribed(description: Description, read: string): boolean {
  const [object = '', path = ''] = read.split(':')
  const { schemas } = description.components
  let at: Schema[] = object === 'list' ? [listSchema] : schemas[object] ? [schemas[object]] : []
  for (const key of path.split('.')) {
    at = at
      .flatMap((schema) => optionsOf(schema, schemas))
      .flatMap((schema) => {
        if (key === '[]') return schema.items ?? []
        const more = schema.additionalProperties
        return schema.properties?.[key] ?? (more === true ? {} : more || [])
      })
  }
  return at.length > 0
}

const listSchema: Schema = {
  type: 'object',
  properties: { data: { type: 'array', items: {} }, has_more: {}, object: {}, url: {} },
}

function optionsOf(schema: Schema, schemas: Record<string, Schema>): Schema[] {
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref.replace('#/components/schemas/', '')]
    return target ? optionsOf(target, schemas) : []
  }
  return schema.anyOf ? schema.anyOf.flatMap((option) => optionsOf(option, schemas)) : [schema]
}
