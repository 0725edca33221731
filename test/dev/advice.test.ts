import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseArgs } from 'node:util'
import { Advice, wholeNumber, wordsFor } from '../../dev/supervisor/advice.ts'

const usage = 'npm run faults -- [options]'

describe('what is written after a command', () => {
  it('is read', () => {
    assert.equal(
      wordsFor(usage, () => wholeNumber('orders', '1000')),
      1000,
    )
  })

  it('is refused with its reason and the way it is used, where there is no such option', () => {
    const read = () => parseArgs({ args: ['--help'], options: { seed: { type: 'string' } } })

    assert.throws(
      () => wordsFor(usage, read),
      (error) => error instanceof Advice && error.message === `Unknown option '--help'\n\n${usage}`,
    )
  })

  it('is taken as zero where zero means something', () => {
    assert.equal(wholeNumber('errors', '0', { least: 0 }), 0)
    assert.throws(() => wholeNumber('errors', '-1', { least: 0 }), /^Error: --errors: "-1"/)
  })

  for (const text of ['many', '0', '-1', '1.5', '']) {
    it(`is refused where a number is wanted and "${text}" comes`, () => {
      assert.throws(() => wordsFor(usage, () => wholeNumber('orders', text)), /^Error: --orders: "/)
    })
  }
})
