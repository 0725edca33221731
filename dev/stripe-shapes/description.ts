import { readFileSync } from 'node:fs'

/** The part of JSON Schema that Stripe's OpenAPI description uses. */
export interface Schema {
  $ref?: string
  anyOf?: Schema[]
  type?: 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string'
  nullable?: boolean
  enum?: unknown[]
  format?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
}

interface Operation {
  responses: Record<string, { content?: { 'application/json'?: { schema: Schema } } }>
}

export interface Description {
  info: { version: string }
  paths: Record<string, Partial<Record<string, Operation>>>
  components: { schemas: Record<string, Schema> }
}

/**
 * Reads Stripe's OpenAPI description out of the mock's program, where it lies word for word, so that it is always the one that the
 * mock judges by. (A second one in there describes previews.)
 */
export function readDescription(program: string): Description {
  const bytes = readFileSync(program)
  const start = Buffer.from('{\n  "components": {\n    "schemas": {')
  const found: Description[] = []
  for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 1)) {
    found.push(JSON.parse(bytes.subarray(at, endOfObject(bytes, at)).toString()) as Description)
  }
  const stable = found.sort((a, b) => Number(isPreview(a)) - Number(isPreview(b)))[0]
  if (!stable) throw new Error(`${program} holds no description of Stripe's API. Is it stripe-mock?`)
  return stable
}

const isPreview = ({ info }: Description): boolean => /preview|beta/.test(info.version)

/** Where the JSON object that starts here ends. */
function endOfObject(bytes: Buffer, start: number): number {
  let depth = 0
  let inText = false
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (inText) {
      if (byte === 0x5c) at += 1
      else if (byte === 0x22) inText = false
    } else if (byte === 0x22) inText = true
    else if (byte === 0x7b) depth += 1
    else if (byte === 0x7d) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return bytes.length
}

/** The described address that a path is an instance of: `/v1/payment_intents/{intent}/confirm`. */
export function describedPath({ paths }: Description, path: string): string | undefined {
  const parts = path.split('/')
  const fits = (template: string) => {
    const others = template.split('/')
    return (
      others.length === parts.length &&
      others.every((part, index) => part.startsWith('{') || part === parts[index])
    )
  }
  // A literal address wins over one with a gap: `/v1/charges/search` over `/v1/charges/{charge}`.
  return Object.keys(paths)
    .filter(fits)
    .sort((a, b) => a.split('{').length - b.split('{').length)[0]
}

export function answerSchema(
  { paths }: Description,
  { path, method, status }: { path: string; method: string; status: number },
): Schema | undefined {
  const operation = paths[path]?.[method.toLowerCase()]
  const responses = operation?.responses
  return (responses?.[String(status)] ?? responses?.default)?.content?.['application/json']?.schema
}
