import type { PaymentGateway } from '../../gateways/stripe.ts'

const never = async (): Promise<never> => {
  throw new Error('Nobody may ask the payment provider here.')
}

/** For what must not touch money. */
export const noStripe: PaymentGateway = {
  createIntent: never,
  confirm: never,
  capture: never,
  cancel: never,
  refund: never,
  retrieveIntent: never,
  retrieveRefund: never,
  retrieveDispute: never,
  listIntents: never,
}
