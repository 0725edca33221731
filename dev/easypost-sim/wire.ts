import { randomUUID } from 'node:crypto'

/** Ids as EasyPost writes them: a prefix and 32 hexadecimal digits. */
export function newId(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`
}

/** Most of EasyPost's times have whole seconds: `2024-07-30T16:12:07Z`. */
export function seconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`
}

/** Addresses write the zone as an offset: `2024-07-30T16:12:07+00:00`. */
export function secondsWithOffset(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}+00:00`
}

export interface FieldError {
  code?: string
  field?: string
  message: string
  suggestion?: null
}

/** A noe in EasyPost's words. Thrown by the routes, answered as `{ error: { code, message, errors } }`. */
export class WireRefusal extends Error {
  readonly status: number
  readonly code: string
  readonly errors: readonly FieldError[]

  constructor(refusal: { status?: number; code: string; message: string; errors?: readonly FieldError[] }) {
    super(refusal.message)
    this.name = 'WireRefusal'
    this.status = refusal.status ?? 422
    this.code = refusal.code
    this.errors = refusal.errors ?? []
  }

  get body(): { error: { code: string; message: string; errors: readonly FieldError[] } } {
    return { error: { code: this.code, message: this.message, errors: this.errors } }
  }
}

export function notFound(): WireRefusal {
  return new WireRefusal({
    status: 404,
    code: 'NOT_FOUND',
    message: 'The requested resource could not be found.',
  })
}

/** The codes with which EasyPost answers statuses that no route chose. */
const codes: Partial<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'RATE_LIMITED',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
}

export function failureBody({ status, message }: { status: number; message: string }): unknown {
  return { error: { code: codes[status] ?? 'UNKNOWN', message, errors: [] } }
}

/** Anything from a request, as a record: what is no object has no fields. */
export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** The text of a field; an empty one, and anything that is not text, is null. */
export function textOf(fields: Fields, name: string): string | null {
  const value = fields[name]
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

/** The number of a field, which EasyPost also takes as text. */
export function numberOf(fields: Fields, name: string): number | null {
  const value = fields[name]
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

export function required(field: string): WireRefusal {
  return new WireRefusal({
    code: 'PARAMETER.REQUIRED',
    message: 'Missing required parameter.',
    errors: [{ field, message: 'cannot be blank' }],
  })
}

/**
 * A page of a list that is kept oldest first and read newest first, as EasyPost does: `page_size` (20, at most 100), and the next page
 * `before_id` the last one seen.
 */
export function pageOf<T extends { readonly id: string }>({
  all,
  query,
}: {
  all: readonly T[]
  query: Fields
}): { items: T[]; hasMore: boolean } {
  const size = Math.min(Math.max(numberOf(query, 'page_size') ?? 20, 1), 100)
  const beforeId = textOf(query, 'before_id')
  const afterId = textOf(query, 'after_id')
  const end = beforeId === null ? all.length : all.findIndex(({ id }) => id === beforeId)
  const start = afterId === null ? 0 : all.findIndex(({ id }) => id === afterId) + 1
  const range = all.slice(start, Math.max(end, 0))
  const items = afterId === null ? range.slice(-size) : range.slice(0, size)
  return { items: items.toReversed(), hasMore: range.length > items.length }
}
