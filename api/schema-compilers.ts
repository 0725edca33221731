import { setImmediate as nextTurn } from 'node:timers/promises'
import ajvCompiler from '@fastify/ajv-compiler'
import serializerCompiler from '@fastify/fast-json-stringify-compiler'
import type { FastifyInstance } from 'fastify'
import { holdsCardNumber } from '../domain/cards.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Compiles every schema of every route, one at a time between other work. Throws what is wrong with the first that is. */
    compileSchemas: () => Promise<void>
  }
}

/** `ajvCompiler`, as Fastify calls it: it is handed a route's part, which its own types take for the schema itself. */
type CompileCheck = (part: { schema: unknown }) => { (value: unknown): unknown; errors?: Error[] | null }

const checks = {
  removeAdditional: false,
  coerceTypes: false,
  allErrors: true,
  formats: { 'plain-text': (text: string) => !holdsCardNumber(text) },
} as const

/**
 * Requests are checked and answers are written by code that is compiled from a route's schemas, when it is first needed: to do so for
 * all routes before listening was half of the time that the API took to come up. `compileSchemas` does it beforehand, for the first who
 * asks. A compiler of answers looks through all schemas that it is handed, so it gets those that the answer refers to and no others.
 */
export function compileWhenNeeded(app: FastifyInstance): void {
  const all: (() => unknown)[] = []
  const later = <Compiled>(compile: () => Compiled): (() => Compiled) => {
    let compiled: Compiled | undefined
    const once = (): Compiled => (compiled ??= compile())
    all.push(once)
    return once
  }
  const shared = (): Shared => app.getSchemas()
  const compiler = later(() => ajvCompiler()(shared() as never, { customOptions: checks }))
  // The schemas that all share are not for the first request to wait for.
  app.addHook('onReady', async () => void compiler())
  app.setValidatorCompiler((part) => {
    const check = later(() => (compiler() as unknown as CompileCheck)(part))
    return (value: unknown) => check()(value) === true || { error: check().errors as unknown as Error }
  })
  app.setSerializerCompiler((part) => {
    const write = later(() => serializerCompiler()(referredTo(part.schema, shared()))(part as never))
    return (answer: unknown) => write()(answer)
  })
  app.decorate('compileSchemas', async () => {
    for (const compile of all) {
      compile()
      await nextTurn()
    }
  })
}

type Shared = Readonly<Record<string, unknown>>

/** Those of the shared schemas that this one needs, by itself or through others. */
function referredTo(schema: unknown, shared: Shared, found: Record<string, unknown> = {}): Shared {
  for (const [, id = ''] of JSON.stringify(schema).matchAll(/"\$ref":"([^"#]+)/g)) {
    if (id in found || !(id in shared)) continue
    found[id] = shared[id]
    referredTo(shared[id], shared, found)
  }
  return found
}
