import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import { Refusal, refusalData } from '../domain/refusals.ts'

type Activities = Record<string, (input: never) => Promise<unknown>>

/**
 * Turns refusals into failures that are never retried and that nobody is alarmed by. Everything else is a fault: Temporal tries
 * again. This is the one translation at this edge. A fault leaves its `cause` here: histories are read by many, and what a provider
 * or a driver wrote in prose may name a person.
 */
export function answering<A extends Activities>(activities: A): A {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never): Promise<unknown> => {
      try {
        return await activity(input)
      } catch (error) {
        throw error instanceof Refusal ? failureOf(error) : faultOf(error)
      }
    },
  ])
  return Object.fromEntries(wrapped) as A
}

function failureOf(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'Refusal',
    message: `${refusal.code}: ${refusal.detail}`,
    details: [refusalData(refusal)],
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  })
}

function faultOf(error: unknown): unknown {
  if (!(error instanceof Error) || error.cause === undefined) return error
  const fault = ApplicationFailure.create({ type: error.name, message: error.message })
  if (error.stack !== undefined) fault.stack = error.stack
  return fault
}
