import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import type { OrderId } from '../domain/ids.ts'
import { placeOrderId, providerEventId, providerNews } from '../workflows/contract.ts'
import type { OrderQueue, ProviderEvent, ProviderNews } from '../workflows/contract.ts'

/** Brings news of providers to the workflows that they concern. What cannot be brought now is thrown, and tried again. */
export interface NewsDesk {
  /** Rings at the order's own workflow. `nobody`: it is not running. */
  tell(input: { orderId: OrderId; news: ProviderNews }): Promise<'told' | 'nobody'>
  /** Starts the workflow that looks up what is true and books it; one that was started before goes on. Answers its id. */
  settle(input: ProviderEvent & { replays: number }): Promise<string>
}

export function openNewsDesk({ workflow }: Pick<Client, 'workflow'>, taskQueue: OrderQueue): NewsDesk {
  return {
    tell: async ({ orderId, news }) => {
      try {
        await workflow.getHandle(placeOrderId(orderId)).signal(providerNews, news)
        return 'told'
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'nobody'
        throw error
      }
    },
    settle: async ({ replays, ...event }) => {
      const workflowId = providerEventId({ eventId: event.eventId, replays })
      try {
        await workflow.start('providerEvent', {
          workflowId,
          taskQueue,
          args: [event],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: `${event.topic}, order ${event.orderId}`,
        })
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
      }
      return workflowId
    },
  }
}
