import { invalidRequest, missingParam } from './errors.ts'
import type { FormFields } from './form.ts'

/** The parameters of one request, read one by one with Stripe's own complaints. Call `end` when all are read. */
export interface Params {
  text(name: string): string | undefined
  /** Like `text`, but an empty text unsets: null. */
  clearable(name: string): string | null | undefined
  integer(name: string, least?: number): number | undefined
  flag(name: string): boolean | undefined
  oneOf<Known extends string>(name: string, known: readonly Known[]): Known | undefined
  texts(name: string): string[] | undefined
  /** What is to be changed of the metadata; null values are to be removed, null altogether removes all. */
  metadata(): Record<string, string | null> | null | undefined
  nested(name: string): Params | undefined
  /** Complains about whatever was sent and not asked for. */
  end(): void
}

export function readParams(form: FormFields, prefix = ''): Params {
  const asked = new Set<string>()
  const children: Params[] = []
  const nameOf = (name: string) => (prefix === '' ? name : `${prefix}[${name}]`)

  function text(name: string): string | undefined {
    asked.add(name)
    const value = form[name]
    if (value === undefined) return undefined
    if (typeof value !== 'string') throw invalidRequest('Invalid string', { param: nameOf(name) })
    if (value === '') {
      throw invalidRequest(
        `You passed an empty string for '${nameOf(name)}'. We assume empty values are an attempt to unset a parameter; however ` +
          `'${nameOf(name)}' cannot be unset. You should remove '${nameOf(name)}' from your request or supply a non-empty value.`,
        { param: nameOf(name), code: 'parameter_invalid_empty' },
      )
    }
    return value
  }

  return {
    text,
    clearable(name) {
      if (form[name] !== '') return text(name)
      asked.add(name)
      return null
    },
    integer(name, least = 1) {
      const value = text(name)
      if (value === undefined) return undefined
      const number = Number(value)
      if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number)) {
        throw invalidRequest(`Invalid integer: ${value}`, {
          param: nameOf(name),
          code: 'parameter_invalid_integer',
        })
      }
      if (number < least) {
        throw invalidRequest(`This value must be greater than or equal to ${least}.`, {
          param: nameOf(name),
          code: 'parameter_invalid_integer',
        })
      }
      return number
    },
    flag(name) {
      const value = text(name)
      if (value === undefined) return undefined
      if (value !== 'true' && value !== 'false') {
        throw invalidRequest(`Invalid boolean: ${value}`, { param: nameOf(name) })
      }
      return value === 'true'
    },
    oneOf(name, known) {
      const value = text(name)
      if (value === undefined) return undefined
      const found = known.find((each) => each === value)
      if (found === undefined) {
        throw invalidRequest(`Invalid ${nameOf(name)}: must be one of ${orList(known)}`, {
          param: nameOf(name),
        })
      }
      return found
    },
    texts(name) {
      asked.add(name)
      const value = form[name]
      if (value === undefined || value === '') return undefined
      if (!Array.isArray(value)) throw invalidRequest('Invalid array', { param: nameOf(name) })
      return value.map((each) => {
        if (typeof each !== 'string') throw invalidRequest('Invalid string', { param: `${nameOf(name)}[]` })
        return each
      })
    },
    metadata() {
      asked.add('metadata')
      return metadataOf(form.metadata)
    },
    nested(name) {
      asked.add(name)
      const value = form[name]
      if (value === undefined) return undefined
      if (typeof value === 'string' || Array.isArray(value)) {
        throw invalidRequest('Invalid object', { param: nameOf(name) })
      }
      const child = readParams(value, nameOf(name))
      children.push(child)
      return child
    },
    end() {
      const unknown = Object.keys(form).find((name) => !asked.has(name))
      if (unknown !== undefined) {
        const known = [...asked].map(nameOf).join(', ')
        throw invalidRequest(
          `Received unknown parameter: ${nameOf(unknown)}. (This double knows: ${known}.)`,
          {
            param: nameOf(unknown),
            code: 'parameter_unknown',
          },
        )
      }
      for (const child of children) child.end()
    },
  }
}

/** A parameter that must be there. */
export function required<Value>(value: Value | undefined, param: string): Value {
  if (value === undefined) throw missingParam(param)
  return value
}

/** At most 50 keys of 40 characters with values of 500 (Stripe, "Metadata"). */
function metadataOf(value: FormFields[string] | undefined): Record<string, string | null> | null | undefined {
  if (value === undefined) return undefined
  if (value === '') return null
  if (typeof value === 'string' || Array.isArray(value))
    throw invalidRequest('Invalid object', { param: 'metadata' })
  const changes: Record<string, string | null> = {}
  for (const [key, text] of Object.entries(value)) {
    const param = `metadata[${key}]`
    if (typeof text !== 'string') throw invalidRequest('Metadata values must be strings.', { param })
    if (key.length > 40) {
      throw invalidRequest(
        `Metadata keys can have up to 40 characters, but you passed in a key that is ${key.length} characters.`,
        { param },
      )
    }
    if (text.length > 500) {
      throw invalidRequest(
        `Metadata values can have up to 500 characters, but you passed in a value that is ${text.length} characters. Invalid value: ${text}`,
        { param },
      )
    }
    changes[key] = text === '' ? null : text
  }
  return changes
}

export function mergeMetadata(
  old: Readonly<Record<string, string>>,
  changes: Record<string, string | null> | null | undefined,
): Readonly<Record<string, string>> {
  if (changes === undefined) return old
  if (changes === null) return {}
  const merged: Record<string, string> = { ...old }
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete merged[key]
    else merged[key] = value
  }
  if (Object.keys(merged).length > 50) {
    throw invalidRequest('You can only have 50 metadata keys on an object.', { param: 'metadata' })
  }
  return merged
}

function orList(words: readonly string[]): string {
  if (words.length < 3) return words.join(' or ')
  return `${words.slice(0, -1).join(', ')}, or ${words.at(-1)}`
}
