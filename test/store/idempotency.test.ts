import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import {
  createApiKey,
  listApiKeys,
  looksLikeApiKey,
  revokeApiKey,
  verifyApiKey,
} from '../../store/accounts.ts'
import type { Db } from '../../store/db.ts'
import { claimKey, endLease, fingerprintOf, keepAnswer, retarget } from '../../store/idempotency.ts'
import type { ClaimKey } from '../../store/idempotency.ts'
import { openStore } from '../support/stores.ts'

let db: Db
let close: () => Promise<void>

before(async () => {
  ;({ db, close } = await openStore())
})
after(() => close())

const aClaim = (changes: Partial<ClaimKey> = {}): ClaimKey => ({
  caller: 'cart:1',
  key: randomUUID(),
  fingerprint: 'print',
  resourceId: 'ord_1',
  requestId: 'req_1',
  ...changes,
})

const answer = { status: 201, headers: { location: '/here' }, body: '{"a":1}' }
const leaseEnds = ({ caller, key }: ClaimKey) =>
  db('accounts.idempotency_keys').where({ caller, key }).update({ leased_until: '2000-01-01' })

test('lets one of twenty simultaneous requests through', async () => {
  const claim = aClaim()
  const claims = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      claimKey(db, { ...claim, resourceId: `ord_${index}`, requestId: `r${index}` }),
    ),
  )
  assert.equal(claims.filter((one) => one.kind === 'ours').length, 1)
  assert.equal(claims.filter((one) => one.kind === 'in_flight').length, 19)
})

test('tells how long a request in flight may take', async () => {
  const claim = aClaim()
  await claimKey(db, claim)
  const second = await claimKey(db, claim)
  assert.equal(second.kind, 'in_flight')
  assert.ok(second.retryAfterMs > 25_000 && second.retryAfterMs <= 30_000)
})

test('replays the answer that was kept, byte for byte', async () => {
  const claim = aClaim()
  await claimKey(db, claim)
  const body = '{"text":"日本 ‮ 1.0","n":1.50}'
  assert.deepEqual(await keepAnswer(db, { ...claim, answer: { ...answer, body } }), { ...answer, body })
  assert.deepEqual(await claimKey(db, claim), { kind: 'answered', answer: { ...answer, body } })
})

test('knows another request under the same key, before and after the answer', async () => {
  const claim = aClaim()
  await claimKey(db, claim)
  const other = { ...claim, fingerprint: 'another' }
  assert.deepEqual(await claimKey(db, other), { kind: 'other_request' })
  await endLease(db, claim)
  assert.deepEqual(await claimKey(db, other), { kind: 'other_request' })
  await keepAnswer(db, { ...claim, answer })
  assert.deepEqual(await claimKey(db, other), { kind: 'other_request' })
})

test('keeps the keys of two callers apart', async () => {
  const claim = aClaim()
  await claimKey(db, claim)
  assert.equal((await claimKey(db, { ...claim, caller: 'cart:2' })).kind, 'ours')
})

test('attaches a repeat to the id that was minted first, once the lease has ended', async () => {
  const claim = aClaim()
  assert.deepEqual(await claimKey(db, claim), { kind: 'ours', resourceId: 'ord_1', first: true })
  await leaseEnds(claim)
  const repeat = { ...claim, resourceId: 'ord_2', requestId: 'req_2' }
  assert.deepEqual(await claimKey(db, repeat), { kind: 'ours', resourceId: 'ord_1', first: false })
})

test('attaches a repeat to the thing that the work turned out to be about', async () => {
  const claim = aClaim()
  await claimKey(db, claim)
  await retarget(db, { ...claim, resourceId: 'ord_other' })
  await endLease(db, claim)
  assert.deepEqual(await claimKey(db, claim), { kind: 'ours', resourceId: 'ord_other', first: false })
})

test('does not end a lease that another request holds by now', async () => {
  const claim = aClaim()
  await claimKey(db, claim)
  await leaseEnds(claim)
  await claimKey(db, { ...claim, requestId: 'req_2' })
  await endLease(db, claim)
  assert.equal((await claimKey(db, { ...claim, requestId: 'req_3' })).kind, 'in_flight')
})

test('keeps the first answer when two requests come to one, and gives it to both', async () => {
  const claim = aClaim()
  await claimKey(db, claim)
  await keepAnswer(db, { ...claim, answer })
  assert.deepEqual(await keepAnswer(db, { ...claim, answer: { ...answer, body: '{"a":2}' } }), answer)
})

test('makes fingerprints of method, path and body', () => {
  const request = { method: 'POST', path: '/v1/orders', body: { a: 1 } }
  const print = fingerprintOf(request)
  assert.equal(fingerprintOf({ ...request, body: { a: 1 } }), print)
  for (const other of [{ body: { a: 2 } }, { path: '/v1/order' }, { method: 'PUT' }, { body: undefined }]) {
    assert.notEqual(fingerprintOf({ ...request, ...other }), print)
  }
})

test('knows a secret key by its hash, and not after it was revoked', async () => {
  const { secret, id, ...made } = await createApiKey(db, { name: 'ops', permissions: ['orders:read'] })
  assert.ok(looksLikeApiKey(secret))
  assert.deepEqual(await verifyApiKey(db, secret), { id, ...made })
  assert.equal(await verifyApiKey(db, `${secret}x`), null)
  const [row] = await db<{ id: string }>('accounts.api_keys').where({ id })
  assert.ok(!JSON.stringify(row).includes(secret), 'the secret itself is not stored')

  assert.equal(await revokeApiKey(db, id), true)
  assert.equal(await revokeApiKey(db, id), false)
  assert.equal(await verifyApiKey(db, secret), null)
  assert.deepEqual(
    (await listApiKeys(db)).map((key) => [key.name, key.revokedAt === null]),
    [['ops', false]],
  )
})
