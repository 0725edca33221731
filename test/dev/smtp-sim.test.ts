import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { createMailer } from '../../gateways/mailer.ts'
import { aFolder, aPostOffice } from '../support/doubles.ts'

async function write(t: TestContext, smtpUrl: string, mail: { to: string; html?: string; subject?: string }) {
  const mailer = createMailer({ smtpUrl, from: 'orders@shop.example', timeoutMs: 5000 })
  t.after(() => mailer.close())
  const { to, html = '<p>Hello</p>', subject = 'Hello' } = mail
  const answer = await mailer.send({ to, subject, text: 'Hello', html, messageId: `<${to}@shop.example>` })
  assert.deepEqual(answer, { outcome: 'accepted' })
}

async function list(url: string, query = ''): Promise<{ id: string; to: string[]; subject: string }[]> {
  const { mails } = (await (await fetch(`${url}/api/mails${query}`)).json()) as {
    mails: { id: string; to: string[]; subject: string }[]
  }
  return mails
}

describe('the mailbox', () => {
  it('lists mails newest first, and finds them by recipient', async (t) => {
    const { url, smtpUrl } = await aPostOffice(t)
    for (const to of ['ada@example.com', 'bob@example.com', 'Ada@example.org'])
      await write(t, smtpUrl, { to })

    const recipients = async (query: string) => (await list(url, query)).flatMap(({ to }) => to)

    assert.deepEqual(await recipients(''), ['Ada@example.org', 'bob@example.com', 'ada@example.com'])
    assert.deepEqual(await recipients('?to=ada@'), ['Ada@example.org', 'ada@example.com'])
    assert.deepEqual(await recipients('?to=bob@example.com'), ['bob@example.com'])
    assert.deepEqual(await recipients('?to=eve'), [])
    assert.deepEqual(await recipients('?limit=1'), ['Ada@example.org'])
  })

  it('keeps its mails over a restart', async (t) => {
    const stateDir = await aFolder(t)
    const first = await aPostOffice(t, { stateDir })
    await write(t, first.smtpUrl, { to: 'ada@example.com', subject: 'Kept' })
    await first.close()
    const second = await aPostOffice(t, { stateDir })

    const [mail] = await list(second.url)
    const raw = await (await fetch(`${second.url}/api/mails/${mail?.id}/raw`)).text()

    assert.equal(mail?.subject, 'Kept')
    assert.match(raw, /^Subject: Kept$/m)
    assert.equal((await second.deeds('smtp.data')).length, 1)
  })

  it('shows a mail as a page that can run nothing and touch nothing', async (t) => {
    const { url, smtpUrl } = await aPostOffice(t)
    const html =
      '<!doctype html><html><head><title>x</title></head><body><script>top.hacked = 1</script>Hello</body></html>'
    await write(t, smtpUrl, { to: 'ada@example.com', html })

    const [mail] = await list(url)
    const page = await fetch(`${url}/mails/${mail?.id}/html`)
    const policy = page.headers.get('content-security-policy') ?? ''

    assert.match(policy, /^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'/)
    assert.doesNotMatch(policy, /allow-scripts|allow-same-origin|script-src/)
    assert.match(await page.text(), /^<!doctype html><html><head><base target="_blank">/)
    assert.match(await (await fetch(url)).text(), /<title>Mailbox<\/title>/)
    assert.equal((await fetch(`${url}/mails/mail_0/html`)).status, 404)
    assert.equal((await fetch(`${url}/api/mails/mail_0`)).status, 404)
  })
})
