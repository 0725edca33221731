import { Type } from 'typebox'
import type { Static, TSchema, TUnsafe } from 'typebox'
import { currencies } from '../../domain/money.ts'

/** A schema with a name of its own in `/openapi.json`: registered once, and referred to by `ref` wherever it is used. */
export interface Named<Schema extends TSchema> {
  readonly schema: Schema
  readonly ref: TUnsafe<Static<Schema>>
}

export function named<Schema extends TSchema>(name: string, schema: Schema): Named<Schema> {
  return { schema: { ...schema, $id: name }, ref: Type.Unsafe<Static<Schema>>({ $ref: `${name}#` }) }
}

/** One of these words. */
export function word<const Words extends readonly string[]>(
  words: Words,
  description?: string,
): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: [...words], ...(description && { description }) })
}

/** An object of a request: a property that is not described is refused, because it is a misspelt one. */
export const strict = { additionalProperties: false } as const

/** Text from people: not blank, and without what could be the number of a card. */
export const plainText = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', format: 'plain-text' })

export const currency = word(currencies, 'ISO 4217')

export const instant = (description: string) => Type.String({ format: 'date-time', description })

export const Money = named(
  'Money',
  Type.Object(
    {
      amount: Type.Integer({ description: 'In minor units: 1999 is 19.99 EUR, 1999 JPY, 1.999 KWD' }),
      currency,
    },
    { ...strict, examples: [{ amount: 1999, currency: 'EUR' }] },
  ),
)

export const Address = named(
  'Address',
  Type.Object(
    {
      name: plainText(100),
      line1: plainText(200),
      line2: Type.Optional(Type.String({ maxLength: 200, format: 'plain-text' })),
      city: plainText(100),
      region: Type.Optional(
        Type.String({ maxLength: 100, description: 'State or province; needed in the US and Canada' }),
      ),
      postal_code: Type.String({ minLength: 1, maxLength: 20, pattern: '\\S' }),
      country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2' }),
      phone: Type.Optional(Type.String({ maxLength: 40 })),
    },
    {
      ...strict,
      examples: [
        {
          name: 'Ada Lovelace',
          line1: 'Unter den Linden 1',
          city: 'Berlin',
          postal_code: '10117',
          country: 'DE',
        },
      ],
    },
  ),
)

export const Page = named(
  'Page',
  Type.Object({
    next_cursor: Type.Optional(
      Type.String({ description: 'Send it as `cursor` for the page after this one; absent on the last' }),
    ),
    has_more: Type.Boolean(),
  }),
)

/** A page of such views. */
export const listOf = <Schema extends TSchema>(name: string, view: Schema) =>
  named(name, Type.Object({ data: Type.Array(view), page: Page.ref }))

const RequestError = Type.Object({
  in: word(['body', 'query', 'path', 'header']),
  pointer: Type.String({ description: 'RFC 6901, as a fragment: `#/shipping_address/city`' }),
  detail: Type.String(),
})

export const ProblemDetails = named(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'A name for this kind of problem' }),
      title: Type.String(),
      status: Type.Integer(),
      code: Type.String({ description: 'Stable; the list is in the description of this API' }),
      detail: Type.String({ description: 'A sentence for a person' }),
      request_id: Type.String(),
      errors: Type.Optional(Type.Array(RequestError, { description: 'What is wrong with the request' })),
    },
    {
      additionalProperties: true,
      description: 'RFC 9457, with the facts that a client needs beside the members below',
    },
  ),
)

/** The query of a list. */
export const pageQuery = {
  cursor: Type.Optional(
    Type.String({ maxLength: 200, description: '`page.next_cursor` of the page before' }),
  ),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
}

/** The path of one thing. A wrong shape is not an error of its own: there just is no such thing. */
export const idParams = (description: string) => Type.Object({ id: Type.String({ description }) })

export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.String({
    minLength: 1,
    maxLength: 255,
    description:
      'Your own random text for this effect. Send it again to get the same answer, never a second effect.',
  }),
})

export const ifMatchHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({ maxLength: 100, description: 'The `ETag` that you changed; another version answers 412' }),
  ),
})

export const commonSchemas: readonly TSchema[] = [Money, Address, Page, ProblemDetails].map(
  ({ schema }) => schema,
)
