import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { searchAttributes as registered } from '../../dev/temporal/server.ts'
import { searchAttributes as used } from '../../workflows/contract.ts'

describe('the local Temporal', () => {
  it('knows every search attribute that the workflows write, with its type', () => {
    const wanted = Object.values(used).map(({ name, type }) => [name, type] as const)
    const known = Object.entries(registered).map(([name, type]) => [name, type.toUpperCase()] as const)

    assert.deepEqual(new Map(known), new Map(wanted))
  })
})
