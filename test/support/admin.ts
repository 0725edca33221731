import type { Ask, Reply, TestApi } from './api.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
export type Send = (
  method: Method,
  url: string,
  sent?: { body?: unknown; headers?: Record<string, string> },
) => Promise<Reply>

let keys = 0

/** An admin with a secret key, who sends an Idempotency-Key of its own with each POST unless one is given. */
export const asAdmin =
  (api: TestApi, secret: string): Send =>
  (method, url, { body, headers = {} } = {}) => {
    const ask: Ask = {
      method,
      url: `/v1/admin${url}`,
      ...(body !== undefined && { body }),
      headers: {
        authorization: `Bearer ${secret}`,
        ...(method === 'POST' && { 'idempotency-key': `admin-${(keys += 1)}` }),
        ...headers,
      },
    }
    return api.ask(ask)
  }
