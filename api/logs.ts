import type { LoggerOptions } from 'pino'

/** Members of log lines that could name a person or open a door. Requests are logged without headers and bodies anyway. */
const secret = [
  'authorization',
  'email',
  'token',
  'cart_token',
  'order_token',
  'secret',
  'shipTo',
  'billTo',
  'personal',
]

/** How this process writes its log: JSON, times as RFC 3339, and nothing in it that it should not remember. */
export const logOptions = {
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (label: string) => ({ level: label }) },
  redact: { paths: secret.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  serializers: { err: faultOf },
} as const satisfies LoggerOptions

/**
 * An error as it is logged. Errors of Postgres carry the row that they are about, and knex puts the values of a statement into their
 * message; so what is told is where it happened and which rule was broken, never the message itself.
 */
function faultOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { what: typeof error }
  const { name, stack, cause } = error
  const told = Object.fromEntries(
    ['code', 'constraint', 'table', 'routine'].flatMap((member) => {
      const value: unknown = Reflect.get(error, member)
      return typeof value === 'string' ? [[member, value]] : []
    }),
  )
  const fromDatabase = 'routine' in told
  return {
    name,
    ...told,
    ...(!fromDatabase && { message: error.message }),
    // The stack was taken before knex wrote the values into the message, but a multi-line message could still quote them.
    stack: fromDatabase ? framesOf(stack) : stack,
    ...(cause !== undefined && { cause: faultOf(cause) }),
  }
}

const framesOf = (stack = ''): string =>
  stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n')
