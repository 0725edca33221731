import { Refused } from './refused.ts'

export type Wire = Readonly<Record<string, unknown>>
type Test = (document: Wire) => boolean

/**
 * The filters that our adapter and the recording use: `a = 1`, `a >= 1`, `a 1 TO 5`, `a IN ["x", "y"]`, joined by AND; as a text, or as
 * lists of which each needs any one.
 */
export function filterTest(filter: unknown, filterable: readonly string[]): Test {
  if (filter === undefined || filter === null) return () => true
  if (typeof filter === 'string') return textTest(filter, filterable)
  if (!Array.isArray(filter)) throw new Refused('invalid_search_filter', 'Invalid value type at `.filter`.')
  const all = filter.map((each: unknown): Test => {
    if (!Array.isArray(each)) return filterTest(each, filterable)
    const any = each.map((one: unknown) => filterTest(one, filterable))
    return (document) => any.some((test) => test(document))
  })
  return (document) => all.every((test) => test(document))
}

function textTest(text: string, filterable: readonly string[]): Test {
  const tests = text
    .split(/ AND (?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => conditionTest(part.trim(), filterable))
  return (document) => tests.every((test) => test(document))
}

const shape = /^(\S+)\s+(?:(=|!=|>=|<=|>|<)\s*(.*)|IN\s*\[(.*)\]|(\S+)\s+TO\s+(\S+))$/s

function conditionTest(text: string, filterable: readonly string[]): Test {
  const [, attribute, operator, value, list, from, to] = shape.exec(text) ?? []
  if (attribute === undefined)
    throw new Refused(
      'invalid_search_filter',
      `Was expecting an operation instead.\n1:${text.length} ${text}`,
    )
  if (!filterable.includes(attribute)) {
    const known = [...filterable]
      .sort()
      .map((each) => `\`${each}\``)
      .join(', ')
    const detail = `Attribute \`${attribute}\` is not filterable. Available filterable attribute patterns are: ${known}.`
    throw new Refused('invalid_search_filter', detail)
  }
  if (operator !== undefined && value?.trim() === '') {
    const detail = `Was expecting a value but instead got nothing.\n${text.length}:${text.length} ${text}`
    throw new Refused('invalid_search_filter', detail)
  }
  if (list !== undefined) {
    const wanted = [...list.matchAll(/"((?:[^"\\]|\\.)*)"|([^,\s]+)/g)].map(([, quoted, plain]) =>
      unquoted(quoted ?? plain ?? ''),
    )
    return (document) => valuesOf(document, attribute).some((each) => wanted.includes(String(each)))
  }
  if (from !== undefined && to !== undefined)
    return (document) =>
      valuesOf(document, attribute).some((each) => Number(each) >= Number(from) && Number(each) <= Number(to))
  return comparison(attribute, operator ?? '=', unquoted((value ?? '').trim().replace(/^"(.*)"$/s, '$1')))
}

function comparison(attribute: string, operator: string, wanted: string): Test {
  const fits = (value: unknown): boolean => {
    switch (operator) {
      case '=':
        return String(value).toLowerCase() === wanted.toLowerCase()
      case '!=':
        return String(value).toLowerCase() !== wanted.toLowerCase()
      case '>':
        return Number(value) > Number(wanted)
      case '>=':
        return Number(value) >= Number(wanted)
      case '<':
        return Number(value) < Number(wanted)
      default:
        return Number(value) <= Number(wanted)
    }
  }
  return (document) => valuesOf(document, attribute).some(fits)
}

/** A list has each of its values; what is not there has none. */
export function valuesOf(document: Wire, attribute: string): unknown[] {
  const value = document[attribute]
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

const unquoted = (text: string): string => text.replace(/\\(.)/g, '$1')
