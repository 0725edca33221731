import assert from 'node:assert/strict'
import { appendFile, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { createFaults } from '../../dev/sim-kit/faults.ts'
import type { Fault } from '../../dev/sim-kit/faults.ts'
import { openJournal } from '../../dev/sim-kit/journal.ts'
import { createDouble } from '../../dev/sim-kit/server.ts'
import { createWebhookSender } from '../../dev/sim-kit/webhooks.ts'
import { aFolder, control } from '../support/doubles.ts'
import { until } from '../support/stripe.ts'

describe('a journal', () => {
  const reopen = async (path: string) => {
    const seen: number[] = []
    const journal = await openJournal<{ n: number; text?: string }>({ path, apply: ({ n }) => seen.push(n) })
    return { seen, journal }
  }
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

  it('knows at once, and still knows tomorrow', async (t) => {
    const path = join(await aFolder(t), 'deep', 'journal.jsonl')
    const { seen, journal } = await reopen(path)
    const written = numbers(500).map((n) => journal.append({ n, text: 'ä'.repeat(n * 10) }))
    assert.equal(seen.length, 500)
    await Promise.all(written)
    await journal.close()

    const again = await reopen(path)
    assert.deepEqual(again.seen, numbers(500))
    await again.journal.close()
  })

  it('finishes what was appended before it closes, and takes nothing after', async (t) => {
    const path = join(await aFolder(t), 'journal.jsonl')
    const { journal } = await reopen(path)
    const written = numbers(3).map((n) => journal.append({ n }))
    await Promise.all([...written, journal.close()])
    await assert.rejects(journal.append({ n: 9 }), /is closed/)
    assert.equal((await readFile(path, 'utf8')).split('\n').length, 4)
  })

  it('cuts off what a crash left torn, and goes on', async (t) => {
    const path = join(await aFolder(t), 'journal.jsonl')
    for (const torn of ['{"n":7', '{"n":\n']) {
      const first = await reopen(path)
      await first.journal.append({ n: 1 })
      await first.journal.close()
      const { size } = await stat(path)
      await appendFile(path, torn)
      const second = await reopen(path)
      assert.equal((await stat(path)).size, size)
      await second.journal.append({ n: 2 })
      await second.journal.close()
      assert.equal((await reopen(path)).seen.at(-1), 2)
    }
  })

  it('does not start on a file that is damaged in the middle', async (t) => {
    const path = join(await aFolder(t), 'journal.jsonl')
    await appendFile(path, '{"n":1}\nnonsense\n{"n":2}\n')
    await assert.rejects(reopen(path), /damaged after byte 8/)
  })
})

describe('faults', () => {
  it('hit as often as they were ordered, oldest first, and stay listed', () => {
    const faults = createFaults()
    faults.add({ operation: 'a', kind: 'fail_before', count: 2 })
    faults.add({ operation: '*', kind: 'delay' })
    const kinds = ['a', 'b', 'a', 'a', 'b'].map((operation) => faults.take(operation)?.kind)
    assert.deepEqual(kinds, ['fail_before', 'delay', 'fail_before', undefined, undefined])
    assert.deepEqual(
      faults.list().map(({ fired }) => fired),
      [2, 1],
    )
    faults.clear()
    assert.deepEqual(faults.list(), [])
  })
})

describe('a double', () => {
  async function aDouble(t: TestContext) {
    const double = createDouble({ name: 'toy' })
    let made = 0
    double.post(
      '/things',
      double.operation('things.create', async (_request, reply) => {
        made += 1
        double.record({ at: new Date().toISOString(), operation: 'things.create', id: `${made}`, detail: {} })
        reply.code(201)
        return { id: made }
      }),
    )
    const url = await double.listen({ port: 0, host: '127.0.0.1' })
    t.after(() => double.close())
    const post = () =>
      fetch(`${url}/things`, { method: 'POST' }).then(
        ({ status }) => status,
        () => 'cut',
      )
    return {
      ...control(url),
      url,
      post,
      deeds: async () => (await control(url).deeds('things.create')).length,
    }
  }

  const expected = [
    [{ kind: 'status', status: 429 }, 429, 0],
    [{ kind: 'fail_before' }, 500, 0],
    [{ kind: 'fail_after', status: 502 }, 502, 1],
    [{ kind: 'drop_before' }, 'cut', 0],
    [{ kind: 'drop_after' }, 'cut', 1],
    [{ kind: 'delay', delayMs: 5 }, 201, 1],
  ] as const satisfies [Omit<Fault, 'operation'>, unknown, number][]
  for (const [fault, answer, deeds] of expected) {
    it(`answers ${answer} and does ${deeds} when told ${fault.kind}`, async (t) => {
      const double = await aDouble(t)
      await double.fault({ operation: 'things.create', ...fault })
      assert.equal(await double.post(), answer)
      assert.equal(await double.deeds(), deeds)
      assert.equal(await double.post(), 201, 'only once')
      assert.equal((await double.faults())[0]?.fired, 1)
      await fetch(`${double.url}/_control/faults`, { method: 'DELETE' })
      assert.deepEqual(await double.faults(), [])
    })
  }

  it('says what a fault looks like to whoever writes one wrong', async (t) => {
    const double = await aDouble(t)
    const answer = await double.send('faults', { operation: 'things.create', kind: 'explode' })
    assert.equal(answer.status, 400)
    assert.match(await answer.text(), /fail_before/)
  })

  it('does not wait out a delay when it is told to end', async () => {
    const double = createDouble({ name: 'toy' })
    double.get(
      '/slow',
      double.operation('slow', async () => ({})),
    )
    const url = await double.listen({ port: 0, host: '127.0.0.1' })
    double.faults.add({ operation: 'slow', kind: 'delay', delayMs: 3_600_000 })
    const answer = fetch(`${url}/slow`).catch(() => undefined)
    await until(() => double.faults.list()[0]?.fired === 1)
    await double.close()
    await answer
  })
})

describe('webhooks', () => {
  async function aReceiver(t: TestContext, answers: number[]) {
    const got: { id: string; signature: string | undefined }[] = []
    const server = createServer((request, response) => {
      request.on('data', (body: Buffer) => {
        const signature = request.headers['x-signature']
        got.push({ id: body.toString(), signature: signature?.toString() })
        response.writeHead(answers.shift() ?? 204).end()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close().closeAllConnections())
    return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
  }

  it('are sent again until they are taken, and settled once', async (t) => {
    const { got, url } = await aReceiver(t, [500, 302, 204])
    const settled: string[] = []
    const sender = createWebhookSender({
      url,
      sign: (body) => ({ 'x-signature': `signed ${body}` }),
      onSettled: ({ id, outcome }) => settled.push(`${id} ${outcome}`),
      firstRetryMs: 5,
    })
    t.after(() => sender.close())
    sender.send({ id: 'evt_1', body: 'one' })
    assert.equal(sender.pending(), 1)
    await until(() => settled.length > 0)
    assert.deepEqual(settled, ['evt_1 delivered'])
    assert.deepEqual(
      got.map(({ id, signature }) => [id, signature]),
      [1, 2, 3].map(() => ['one', 'signed one']),
    )
    assert.equal(sender.pending(), 0)
  })

  it('are given up after three days', async (t) => {
    const settled: string[] = []
    const sender = createWebhookSender({
      url: 'http://127.0.0.1:9/',
      sign: () => ({}),
      onSettled: ({ outcome }) => settled.push(outcome),
    })
    t.after(() => sender.close())
    sender.send({ id: 'evt_1', body: '{}', createdAtMs: Date.now() - 73 * 60 * 60 * 1000 })
    await until(() => settled.length > 0)
    assert.deepEqual(settled, ['given_up'])
  })

  it('are not sent when nobody listens', () => {
    const sender = createWebhookSender({ url: undefined, sign: () => ({}) })
    sender.send({ id: 'evt_1', body: '{}' })
    assert.equal(sender.pending(), 0)
    sender.close()
  })
})
