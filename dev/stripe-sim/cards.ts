/** How a card behaves when it is charged. */
export interface Card {
  brand: 'amex' | 'diners' | 'discover' | 'jcb' | 'mastercard' | 'unionpay' | 'visa'
  last4: string
  funding: 'credit' | 'debit' | 'prepaid'
  country: string
  /** The issuer wants to see the customer first (3-D Secure). */
  challenge?: true
  decline?: Decline
  /** What becomes of a refund some time later; without it a refund succeeds at once. */
  refund?: 'pending_then_succeeds' | 'succeeds_then_fails'
}

export interface Decline {
  code: string
  declineCode: string
  message: string
}

const declined = (declineCode: string, message = 'Your card was declined.'): Decline => ({
  code: 'card_declined',
  declineCode,
  message,
})

const generic = declined('generic_decline')
const noFunds = declined('insufficient_funds', 'Your card has insufficient funds.')
const tooOften = declined(
  'card_velocity_exceeded',
  'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
)
const expired: Decline = {
  code: 'expired_card',
  declineCode: 'expired_card',
  message: 'Your card has expired.',
}
const wrongCvc: Decline = {
  code: 'incorrect_cvc',
  declineCode: 'incorrect_cvc',
  message: "Your card's security code is incorrect.",
}
const broken: Decline = {
  code: 'processing_error',
  declineCode: 'processing_error',
  message: 'An error occurred while processing your card. Try again in a little bit.',
}

const card = (last4: string, more: Partial<Card> = {}): Card => ({
  brand: 'visa',
  last4,
  funding: 'credit',
  country: 'US',
  ...more,
})

/**
 * Stripe's PaymentMethods for tests, by the id that Stripe gave them (Stripe, "Test card numbers", column PaymentMethods). Card
 * numbers are taken nowhere: a shop that never sees one cannot lose one.
 */
const cards: Readonly<Record<string, Card>> = {
  pm_card_visa: card('4242'),
  pm_card_visa_debit: card('5556', { funding: 'debit' }),
  pm_card_mastercard: card('4444', { brand: 'mastercard' }),
  pm_card_mastercard_debit: card('8210', { brand: 'mastercard', funding: 'debit' }),
  pm_card_mastercard_prepaid: card('5100', { brand: 'mastercard', funding: 'prepaid' }),
  pm_card_amex: card('8431', { brand: 'amex' }),
  pm_card_discover: card('9424', { brand: 'discover' }),
  pm_card_diners: card('0004', { brand: 'diners' }),
  pm_card_jcb: card('0505', { brand: 'jcb', country: 'JP' }),
  pm_card_unionpay: card('0005', { brand: 'unionpay', country: 'CN' }),
  pm_card_us: card('4242'),
  pm_card_at: card('0008', { country: 'AT' }),
  pm_card_ch: card('0009', { country: 'CH' }),
  pm_card_de: card('0016', { country: 'DE' }),
  pm_card_es: card('0007', { country: 'ES' }),
  pm_card_fr: card('0003', { country: 'FR' }),
  pm_card_gb: card('0000', { country: 'GB' }),
  pm_card_it: card('0008', { country: 'IT' }),
  pm_card_jp: card('0003', { country: 'JP' }),

  pm_card_visa_chargeDeclined: card('0002', { decline: generic }),
  pm_card_visa_chargeDeclinedInsufficientFunds: card('9995', { decline: noFunds }),
  pm_card_visa_chargeDeclinedLostCard: card('9987', { decline: declined('lost_card') }),
  pm_card_visa_chargeDeclinedStolenCard: card('9979', { decline: declined('stolen_card') }),
  pm_card_visa_chargeDeclinedVelocityLimitExceeded: card('6975', { decline: tooOften }),
  pm_card_chargeDeclined: card('0002', { decline: generic }),
  pm_card_chargeDeclinedInsufficientFunds: card('9995', { decline: noFunds }),
  pm_card_chargeDeclinedFraudulent: card('0019', { decline: declined('fraudulent') }),
  pm_card_chargeDeclinedExpiredCard: card('0069', { decline: expired }),
  pm_card_chargeDeclinedIncorrectCvc: card('0127', { decline: wrongCvc }),
  pm_card_chargeDeclinedProcessingError: card('0119', { decline: broken }),
  pm_card_chargeCustomerFail: card('0341', { decline: generic }),
  pm_card_radarBlock: card('0019', { decline: declined('fraudulent') }),
  pm_card_riskLevelElevated: card('9235'),
  pm_card_avsFail: card('0010'),
  pm_card_cvcCheckFail: card('0101'),
  pm_card_bypassPending: card('0077'),

  pm_card_authenticationRequired: card('3155', { challenge: true }),
  pm_card_authenticationRequiredOnSetup: card('3155', { challenge: true }),
  pm_card_threeDSecureRequired: card('3063', { challenge: true }),
  pm_card_threeDSecure2Required: card('3220', { challenge: true }),
  pm_card_threeDSecureOptional: card('3055'),
  pm_card_threeDSecureRequiredChargeDeclined: card('1629', { challenge: true, decline: generic }),
  pm_card_threeDSecureRequiredProcessingError: card('3097', { challenge: true, decline: broken }),
  pm_card_authenticationRequiredChargeDeclinedInsufficientFunds: card('3178', {
    challenge: true,
    decline: noFunds,
  }),

  pm_card_pendingRefund: card('7726', { refund: 'pending_then_succeeds' }),
  pm_card_refundFail: card('5126', { refund: 'succeeds_then_fails' }),
}

/** The card behind one of Stripe's test ids. */
export function cardNamed(testId: string): Card | undefined {
  return Object.hasOwn(cards, testId) ? cards[testId] : undefined
}
