import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
} from '@temporalio/client'
import type { TLSConfig } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import { TypedSearchAttributes } from '@temporalio/common'
import type { OrderId } from '../domain/ids.ts'
import { checkout, letGo, placeOrderId, searchAttributes, submitPayment } from '../workflows/contract.ts'
import type { Card, Checkout, LetGo, OrderQueue, Standing } from '../workflows/contract.ts'
import type { CheckInventory } from '../workflows/stock-contract.ts'
import { translated, within } from './flows/asking.ts'
import type { Late } from './flows/asking.ts'
import { cancelFlows } from './flows/cancel.ts'
import type { CancelFlows } from './flows/cancel.ts'
import { reshipFlows } from './flows/reship.ts'
import type { ReshipFlows } from './flows/reship.ts'
import { stories } from './flows/stories.ts'
import type { Stories } from './flows/stories.ts'
import { stockFlows } from './flows/stock.ts'
import type { StockFlows } from './flows/stock.ts'

/** A method for each thing that the API may ask of a workflow. Everything else about Temporal stays in here. */
export interface Flows extends CancelFlows, ReshipFlows, Stories {
  /** Update-with-start of `place-order:<orderId>`: a repeat with the same update id gets the same answer. */
  placeOrder(input: {
    orderId: OrderId
    checkout: Checkout
    updateId: string
    budgetMs: number
  }): Promise<Answer>
  /** Hands a card to a running `place-order`; never starts one. */
  submitPayment(input: { orderId: OrderId; card: Card; updateId: string; budgetMs: number }): Promise<Answer>
  /** What an order's workflow came to. Null: it goes on, or there is none. */
  readVerdict(orderId: OrderId): Promise<Standing | null>
  /** Asks an unpaid order to end. A workflow that has ended already is fine. */
  letGo(input: { orderId: OrderId } & LetGo): Promise<void>
  /** What may be asked about stock: decisions, deliveries, the daily check. */
  readonly stock: StockFlows
  close(): Promise<void>
}

export type Answer = Standing | Late

export interface FlowsSettings {
  readonly address: string
  readonly namespace: string
  readonly tls?: TLSConfig | undefined
  readonly apiKey?: string | undefined
  readonly dataConverter: DataConverter
  readonly orderQueue: OrderQueue
  readonly holdMs: number
  readonly challengeMs: number
  readonly stock: CheckInventory
}

/** Connects lazily: the API boots, and customers browse, while Temporal is down. */
export function connectFlows(settings: FlowsSettings): Flows {
  const connection = Connection.lazy({
    address: settings.address,
    tls: settings.tls ?? null,
    ...(settings.apiKey === undefined ? {} : { apiKey: settings.apiKey }),
    connectTimeout: '3s',
    // Somebody waits. The SDK's ten tries outlast his patience, and he would be told that work goes on which never began.
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 4 }))],
  })
  const { holdMs, challengeMs, namespace, dataConverter, orderQueue } = settings
  const client = new Client({ connection, namespace, dataConverter })
  const { workflow } = client

  return {
    placeOrder: ({ orderId, checkout: content, updateId, budgetMs }) =>
      within(client, { workflowId: placeOrderId(orderId), budgetMs }, () => {
        const startWorkflowOperation = new WithStartWorkflowOperation('placeOrder', {
          workflowId: placeOrderId(orderId),
          taskQueue: orderQueue,
          args: [
            { orderId, holdMs, challengeMs },
            { updateId, content },
          ],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: `cart ${content.cartId}`,
          typedSearchAttributes: new TypedSearchAttributes([
            { key: searchAttributes.orderStatus, value: 'pending_payment' },
            { key: searchAttributes.customerRef, value: content.customerRef },
            { key: searchAttributes.sagaStep, value: 'checkout' },
          ]),
        })
        return workflow.executeUpdateWithStart(checkout, {
          startWorkflowOperation,
          args: [content],
          updateId,
        })
      }),
    submitPayment: ({ orderId, card, updateId, budgetMs }) =>
      within(client, { workflowId: placeOrderId(orderId), budgetMs }, () =>
        workflow.getHandle(placeOrderId(orderId)).executeUpdate(submitPayment, { args: [card], updateId }),
      ),
    readVerdict: async (orderId) => {
      const handle = workflow.getHandle<() => Promise<Standing>>(placeOrderId(orderId))
      try {
        const { status } = await handle.describe()
        return status.name === 'COMPLETED' ? await handle.result() : null
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null
        throw translated(error)
      }
    },
    letGo: async ({ orderId, actor, reason }) => {
      try {
        await workflow.getHandle(placeOrderId(orderId)).signal(letGo, { actor, reason })
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw translated(error)
      }
    },
    ...cancelFlows(client, orderQueue),
    ...reshipFlows(client, orderQueue),
    ...stories(client),
    stock: stockFlows(client, settings.stock),
    close: () => connection.close(),
  }
}
