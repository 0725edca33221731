/** The fields of Stripe's `error` object that are plain texts. */
export interface ErrorFields {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'
  message: string
  code?: string
  decline_code?: string
  advice_code?: string
  network_decline_code?: string
  param?: string
  charge?: string
}

/**
 * An error as Stripe answers it. `remembered` tells whether the idempotency key keeps it: what fails before the endpoint began (a
 * wrong parameter, an unknown id) is not kept, what fails on the way (a wrong state) is.
 */
export class StripeError extends Error {
  readonly status: number
  readonly fields: ErrorFields
  /** The intent that is shown inside the error. */
  readonly intentId: string | undefined
  readonly remembered: boolean

  constructor(
    status: number,
    fields: ErrorFields,
    { intentId, remembered = false }: { intentId?: string; remembered?: boolean } = {},
  ) {
    super(fields.message)
    this.status = status
    this.fields = fields
    this.intentId = intentId
    this.remembered = remembered
  }
}

/** Stripe's `error` object, with the address of its explanation. */
export function errorJson(fields: ErrorFields): Record<string, unknown> {
  const { code } = fields
  if (code === undefined) return { ...fields }
  return { ...fields, doc_url: `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}` }
}

export function invalidRequest(message: string, more: { param?: string; code?: string } = {}): StripeError {
  return new StripeError(400, { type: 'invalid_request_error', message, ...more })
}

export function missingParam(param: string): StripeError {
  return invalidRequest(`Missing required param: ${param}.`, { param, code: 'parameter_missing' })
}

/** An id in the address that nobody has is a 404; one in a parameter is a 400. */
export function noSuch(
  kind: string,
  id: string,
  { param, inAddress }: { param: string; inAddress: boolean },
): StripeError {
  return new StripeError(inAddress ? 404 : 400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  })
}

export function unexpectedState(message: string, intentId: string): StripeError {
  return new StripeError(
    400,
    { type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message },
    { intentId, remembered: true },
  )
}
