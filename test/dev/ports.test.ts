import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { checkPorts, freePort } from '../../dev/supervisor/ports.ts'
import type { Port } from '../../dev/supervisor/ports.ts'

describe('ports', () => {
  const wanted = (setting: string, port: number): Port => ({
    setting,
    port,
    host: '127.0.0.1',
    owner: `the owner of ${setting}`,
  })

  it('that are taken or asked for twice are told at once, with the settings that change them', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const free = await freePort()

    await assert.rejects(
      checkPorts([wanted('ONE', address.port), wanted('TWO', free), wanted('THREE', free)]),
      (error: Error) => {
        const [taken = '', twice = '', ...more] = error.message.split('\n')
        assert.match(taken, new RegExp(`Port ${address.port}, for the owner of ONE, is taken.*set ONE`))
        assert.match(twice, new RegExp(`THREE and TWO are both ${free}`))
        assert.deepEqual(more, [])
        return true
      },
    )
    server.close()
    await once(server, 'close')
  })

  it('that are free stand in nobody’s way', async () => {
    await checkPorts([wanted('ONE', await freePort()), wanted('TWO', 0), wanted('THREE', 0)])
  })
})
