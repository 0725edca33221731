import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  isGrpcServiceError,
  makeGrpcRetryInterceptor,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import type { TLSConfig } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import { ApplicationFailure, TypedSearchAttributes } from '@temporalio/common'
import type { OrderId } from '../domain/ids.ts'
import {
  checkout,
  letGo,
  placeOrderId,
  queues,
  searchAttributes,
  submitPayment,
} from '../workflows/contract.ts'
import type { Card, Checkout, LetGo, Standing } from '../workflows/contract.ts'

/** A method for each thing that the API may ask of a workflow. Everything else about Temporal stays in this file. */
export interface Flows {
  /** Update-with-start of `place-order:<orderId>`: a repeat with the same update id gets the same answer. */
  placeOrder(input: {
    orderId: OrderId
    checkout: Checkout
    updateId: string
    budgetMs: number
  }): Promise<Answer>
  /** Hands a card to a running `place-order`; never starts one. */
  submitPayment(input: { orderId: OrderId; card: Card; updateId: string; budgetMs: number }): Promise<Answer>
  /** Asks an unpaid order to end. A workflow that has ended already is fine. */
  letGo(input: { orderId: OrderId } & LetGo): Promise<void>
  close(): Promise<void>
}

/** `undecided`: the budget ran out and the work goes on. `closed`: the workflow has ended; Postgres knows how. */
export type Answer = Standing | { readonly outcome: 'undecided' } | { readonly outcome: 'closed' }

/** Temporal cannot be reached (or is overloaded): nothing was started that could not be repeated. */
export class FlowsUnavailable extends Error {
  override readonly name = 'FlowsUnavailable'
}

export interface FlowsSettings {
  readonly address: string
  readonly namespace: string
  readonly tls?: TLSConfig | undefined
  readonly apiKey?: string | undefined
  readonly dataConverter: DataConverter
  readonly holdMs: number
  readonly challengeMs: number
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
  const { holdMs, challengeMs, namespace, dataConverter } = settings
  const { workflow } = new Client({ connection, namespace, dataConverter })

  return {
    placeOrder: ({ orderId, checkout: content, updateId, budgetMs }) =>
      within(budgetMs, () => {
        const startWorkflowOperation = new WithStartWorkflowOperation('placeOrder', {
          workflowId: placeOrderId(orderId),
          taskQueue: queues.order,
          args: [{ orderId, holdMs, challengeMs }],
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
      within(budgetMs, () =>
        workflow.getHandle(placeOrderId(orderId)).executeUpdate(submitPayment, { args: [card], updateId }),
      ),
    letGo: async ({ orderId, actor, reason }) => {
      try {
        await workflow.getHandle(placeOrderId(orderId)).signal(letGo, { actor, reason })
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw translated(error)
      }
    },
    close: () => connection.close(),
  }
}

/** Runs an update, but answers `undecided` once the customer has waited long enough. */
async function within(budgetMs: number, ask: () => Promise<Standing>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const outOfTime = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve({ outcome: 'undecided' }), budgetMs)
  })
  const asked = ask().catch((error: unknown): Answer => {
    if (error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError) {
      return { outcome: 'closed' }
    }
    throw translated(error)
  })
  // After the budget nobody listens to a late failure; the customer reads the order instead.
  asked.catch(() => {})
  try {
    return await Promise.race([asked, outOfTime])
  } finally {
    clearTimeout(timer)
  }
}

// gRPC status codes (https://grpc.github.io/grpc/core/md_doc_statuscodes.html) that say "not now".
const notNow = new Set([1, 4, 8, 14])

function translated(error: unknown): unknown {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && notNow.has(cause.code)) {
      return new FlowsUnavailable('The workflow service cannot be reached.', { cause: error })
    }
    if (cause instanceof ApplicationFailure) return cause
  }
  return error
}
