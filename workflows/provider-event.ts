import { setCurrentDetails } from '@temporalio/workflow'
import type { ProviderEvent } from './contract.ts'
import { payments } from './proxies.ts'

/**
 * A provider told us something that our books lack, and no workflow waits for it: a capture or a refund that was made over there, a
 * refund that failed days later, a dispute, money for an order that was let go. The event is only the occasion: what is true is looked
 * up, booked, and shown to an admin where a person has to decide.
 */
export async function providerEvent({ eventId, ...news }: ProviderEvent): Promise<{ done: string }> {
  const { done } = await payments.bookProviderNews({ ...news, cause: eventId })
  setCurrentDetails(done)
  return { done }
}
