import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { differencesTo, differentKinds, isDescribed } from '../../dev/stripe-shapes/compare.ts'
import { answerSchema, describedPath } from '../../dev/stripe-shapes/description.ts'
import type { Description } from '../../dev/stripe-shapes/description.ts'

const description: Description = {
  info: { version: 'test' },
  paths: {
    '/v1/things/search': {},
    '/v1/things/{thing}': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/thing' } } } },
        },
      },
    },
  },
  components: {
    schemas: {
      thing: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string' },
          object: { type: 'string', enum: ['thing'] },
          size: { type: 'integer', nullable: true },
          made: { type: 'integer', format: 'unix-time' },
          owner: { anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/owner' }], nullable: true },
          notes: { type: 'object', additionalProperties: { type: 'string' } },
          parts: { type: 'array', items: { $ref: '#/components/schemas/owner' } },
        },
      },
      owner: { type: 'object', properties: { name: { type: 'string' } } },
    },
  },
}
const thing = { $ref: '#/components/schemas/thing' }
const check = (value: unknown) => differencesTo({ description, schema: thing, value, path: 'a' })

describe('the comparison with Stripe', () => {
  it('lets through what is described', () => {
    for (const owner of ['me', { name: 'me' }, null]) {
      const value = {
        id: '1',
        object: 'thing',
        size: null,
        made: 1,
        owner,
        notes: { x: 'y' },
        parts: [{ name: 'n' }],
      }
      assert.deepEqual(check(value), [])
    }
  })

  it('finds each way of not being what is described', () => {
    const wrong = [
      [{}, 'a.id: missing'],
      [{ id: null }, 'a.id: null'],
      [{ id: 1 }, 'a.id: an integer instead of a string'],
      [{ id: '1', color: 'red' }, 'a.color: Stripe'],
      [{ id: '1', object: 'other' }, 'a.object: "other"'],
      [{ id: '1', size: 1.5 }, 'a.size: a number'],
      [{ id: '1', made: 1_700_000_000_000 }, 'a.made: not in seconds'],
      [{ id: '1', owner: { nick: 'x' } }, 'a.owner.nick'],
      [{ id: '1', notes: { x: 1 } }, 'a.notes.x'],
      [{ id: '1', parts: [{ name: 1 }] }, 'a.parts[].name'],
      [{ id: '1', parts: {} }, 'a.parts: an object'],
      [[], 'a: a list'],
    ] as const
    for (const [value, start] of wrong) {
      const differences = check(value)
      assert.equal(differences.length, 1, JSON.stringify(value))
      assert.ok(differences[0]?.startsWith(start), differences[0])
    }
  })

  it('finds a key of another kind than the mock answers', () => {
    const theirs = { a: 1, b: { c: 'x' }, d: null }
    assert.deepEqual(differentKinds({ ours: { a: 2, b: { c: 'y' }, d: 3, e: 4 }, theirs, path: 'x' }), [])
    assert.match(
      differentKinds({ ours: { b: { c: 1 } }, theirs, path: 'x' })[0] ?? '',
      /^x\.b\.c: we answer a number/,
    )
  })

  it('knows which addresses and which keys are described', () => {
    assert.equal(describedPath(description, '/v1/things/search'), '/v1/things/search')
    assert.equal(describedPath(description, '/v1/things/t_1'), '/v1/things/{thing}')
    assert.equal(describedPath(description, '/v1/things/t_1/more'), undefined)
    assert.deepEqual(
      answerSchema(description, { path: '/v1/things/{thing}', method: 'GET', status: 200 }),
      thing,
    )
    const known = ['thing:id', 'thing:owner.name', 'thing:parts.[].name', 'thing:notes.anything', 'list:data']
    for (const read of known) assert.ok(isDescribed(description, read), read)
    for (const read of ['thing:colour', 'thing:owner.age', 'nothing:id'])
      assert.ok(!isDescribed(description, read), read)
  })
})
