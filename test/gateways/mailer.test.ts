import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { createMailer } from '../../gateways/mailer.ts'
import type { Mailer, OutgoingMail } from '../../gateways/mailer.ts'
import { ProviderFault } from '../../gateways/provider-fault.ts'
import { aPostOffice } from '../support/doubles.ts'

const aMail = (changes: Partial<OutgoingMail> = {}): OutgoingMail => ({
  to: 'ada@example.com',
  subject: 'Your order CW-1 is confirmed – grüße, 注文',
  text: 'Hello Ada',
  html: '<p>Hello <b>Ada</b></p>',
  messageId: '<confirmation.ord_1@shop.example>',
  ...changes,
})

async function aMailer(t: TestContext, { timeoutMs = 5000 } = {}) {
  const office = await aPostOffice(t)
  const mailer = createMailer({
    smtpUrl: office.smtpUrl,
    from: 'Cartwright <orders@shop.example>',
    timeoutMs,
  })
  t.after(() => mailer.close())
  return { office, mailer }
}

async function faultOf(work: ReturnType<Mailer['send']>): Promise<ProviderFault> {
  const fault = await work.then(
    () => assert.fail('It should have failed.'),
    (error: unknown) => error,
  )
  assert.ok(fault instanceof ProviderFault, String(fault))
  assert.doesNotMatch(JSON.stringify([fault.message, fault]), /ada|Ada/)
  return fault
}

interface Kept {
  id: string
  to: string[]
  subject: string
  messageId: string
  text: string
  html: string
  headers: { name: string; value: string }[]
}

async function mailsTo(url: string, to: string): Promise<Kept[]> {
  const { mails } = (await (await fetch(`${url}/api/mails?to=${to}`)).json()) as { mails: Kept[] }
  return Promise.all(
    mails.map(async ({ id }) => (await (await fetch(`${url}/api/mails/${id}`)).json()) as Kept),
  )
}

describe('sending a mail', () => {
  it('delivers subject, both texts, its Message-ID and its own headers', async (t) => {
    const { office, mailer } = await aMailer(t)

    const answer = await mailer.send(aMail({ headers: { 'X-Order': 'CW-1' } }))
    const [kept, ...others] = await mailsTo(office.url, 'ada@example.com')

    assert.deepEqual(answer, { outcome: 'accepted' })
    assert.deepEqual(others, [])
    assert.equal(kept?.subject, aMail().subject)
    assert.equal(kept.messageId, aMail().messageId)
    assert.equal(kept.text.trim(), 'Hello Ada')
    assert.match(kept.html, /<p>Hello <b>Ada<\/b><\/p>/)
    const header = (name: string) => kept.headers.find((one) => one.name === name)?.value
    assert.equal(header('X-Order'), 'CW-1')
    assert.equal(header('From'), 'Cartwright <orders@shop.example>')
  })

  it('sends many at once over a few connections, each once', async (t) => {
    const { office, mailer } = await aMailer(t)
    const recipients = Array.from({ length: 40 }, (_, index) => `customer-${index}@example.com`)

    const answers = await Promise.all(
      recipients.map((to) => mailer.send(aMail({ to, messageId: `<${to}>` }))),
    )

    assert.ok(answers.every(({ outcome }) => outcome === 'accepted'))
    const deeds = await office.deeds('smtp.data')
    assert.deepEqual(
      deeds.map(({ detail }) => detail['messageId']).sort(),
      recipients.map((to) => `<${to}>`).sort(),
    )
  })

  it('takes a no for good for an answer, with its code', async (t) => {
    const { office, mailer } = await aMailer(t)

    const unknown = await mailer.send(aMail({ to: 'nobody@example.com' }))
    await office.fault({ operation: 'smtp.rcpt', kind: 'status', status: 552 })
    const full = await mailer.send(aMail())
    await office.fault({ operation: 'smtp.data', kind: 'fail_before', status: 554 })
    const spam = await mailer.send(aMail())

    assert.deepEqual(unknown, { outcome: 'refused', code: '5.1.1' })
    assert.deepEqual(full, { outcome: 'refused', code: '5.2.2' })
    assert.deepEqual(spam, { outcome: 'refused', code: '5.7.1' })
    assert.equal((await office.deeds('smtp.data')).length, 0)
  })

  it('never lets one recipient become two, or a line break become a header', async (t) => {
    const { office, mailer } = await aMailer(t)

    for (const to of ['ada@example.com, eve@example.com', 'ada@example.com\r\nBcc: eve@example.com', '']) {
      assert.equal((await mailer.send(aMail({ to }))).outcome, 'refused', to)
    }
    await mailer.send(
      aMail({
        subject: 'Hello\r\nBcc: eve@example.com',
        headers: { 'X-Order': '1\r\nBcc: eve@example.com' },
      }),
    )

    assert.deepEqual(
      (await office.deeds('smtp.data')).map(({ detail }) => detail['to']),
      [['ada@example.com']],
    )
    const [kept] = await mailsTo(office.url, 'ada@example.com')
    assert.ok(kept?.headers.every(({ name }) => name.toLowerCase() !== 'bcc'))
  })
})

describe('accidents', () => {
  it('are faults: a server that says later was not given the mail', async (t) => {
    const { office, mailer } = await aMailer(t)
    for (const [operation, status] of [
      ['smtp.rcpt', 451],
      ['smtp.data', 451],
      ['smtp.data', 421],
    ] as const) {
      await office.fault({ operation, kind: 'status', status })
      const fault = await faultOf(mailer.send(aMail()))
      assert.deepEqual(
        [fault.provider, fault.operation, fault.status, fault.outcomeUnknown],
        ['smtp', 'mail.send', status, false],
      )
    }

    assert.deepEqual(await mailer.send(aMail()), { outcome: 'accepted' })
    assert.equal((await office.deeds('smtp.data')).length, 1)
    assert.ok((await office.faults()).every(({ fired }) => fired === 1))
  })

  for (const [kind, stored] of [
    ['drop_before', 0],
    ['drop_after', 1],
  ] as const) {
    it(`are faults: a connection that dies after the text (${kind}); the repeat carries the same Message-ID`, async (t) => {
      const { office, mailer } = await aMailer(t)
      assert.deepEqual(await mailer.send(aMail({ to: 'warm@example.com' })), { outcome: 'accepted' })
      await office.fault({ operation: 'smtp.data', kind })

      const fault = await faultOf(mailer.send(aMail()))
      const before = await mailsTo(office.url, 'ada@example.com')
      await mailer.send(aMail())
      const after = await mailsTo(office.url, 'ada@example.com')

      assert.equal(fault.outcomeUnknown, true)
      assert.equal(before.length, stored)
      assert.equal(after.length, stored + 1)
      assert.deepEqual(new Set(after.map(({ messageId }) => messageId)), new Set([aMail().messageId]))
    })
  }

  it('are faults: a server that does not answer in time', async (t) => {
    const { office, mailer } = await aMailer(t, { timeoutMs: 300 })
    await office.fault({ operation: 'smtp.data', kind: 'delay', delayMs: 600_000 })

    assert.equal((await faultOf(mailer.send(aMail()))).outcomeUnknown, true)
    assert.deepEqual(await mailer.send(aMail()), { outcome: 'accepted' })
  })

  it('are faults: a closed port, and a server that never greets', async (t) => {
    const closed = createMailer({
      smtpUrl: 'smtp://127.0.0.1:1',
      from: 'orders@shop.example',
      timeoutMs: 300,
    })
    const silent = createServer(() => undefined)
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
    const address = silent.address()
    assert.ok(typeof address === 'object' && address !== null)
    const waiting = createMailer({
      smtpUrl: `smtp://127.0.0.1:${address.port}`,
      from: 'orders@shop.example',
      timeoutMs: 300,
    })
    t.after(() => {
      closed.close()
      waiting.close()
      silent.close()
    })

    const fault = await faultOf(closed.send(aMail()))
    assert.deepEqual([fault.code, fault.outcomeUnknown], ['ECONNREFUSED', false])
    await faultOf(waiting.send(aMail()))
  })

  it('are faults: a sender that the server does not want is ours to repair, not the customer to lose a mail', async (t) => {
    const server = createServer((socket) => {
      socket.write('220 hello\r\n')
      socket.on('data', (line: Buffer) => {
        socket.write(/^MAIL/i.test(line.toString()) ? '550 5.7.1 Sender refused\r\n' : '250 fine\r\n')
      })
      socket.on('error', () => undefined)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const mailer = createMailer({
      smtpUrl: `smtp://127.0.0.1:${address.port}`,
      from: 'orders@shop.example',
      timeoutMs: 3000,
    })
    t.after(() => {
      mailer.close()
      server.close()
    })

    const fault = await faultOf(mailer.send(aMail()))

    assert.deepEqual([fault.status, fault.code, fault.outcomeUnknown], [550, '5.7.1', false])
  })
})
