import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startMeilisearchDouble } from '../../dev/meilisearch-sim/main.ts'
import { exchanges } from '../support/exchanges.ts'

/** What the shop never asks, and the double does not answer. */
const others = new Set(['facet search', 'multi search', 'a key that may only search'])

const apiKey = 'recorded'

test('the double serves the shapes that a real Meilisearch answered, request by request', async (t) => {
  const double = await startMeilisearchDouble({ host: '127.0.0.1', port: 0, apiKey, taskMs: 0 })
  let [asked, same] = [0, 0]
  for (const { scene, request, response } of exchanges()) {
    if (others.has(scene)) continue
    const { method, path, body, authorized } = request
    const answer = await fetch(`${double.url}${path}`, {
      method,
      headers: {
        ...(authorized && { authorization: `Bearer ${apiKey}` }),
        ...(body !== null && { 'content-type': 'application/json' }),
      },
      ...(body !== null && { body: JSON.stringify(body) }),
    })
    const its: unknown = answer.status === 204 ? null : await answer.json()
    const what = `${scene}: ${method} ${path} ${JSON.stringify(body)?.slice(0, 100)}`
    assert.equal(answer.status, response.status, `${what}\n${JSON.stringify(its)}`)
    const missing = missingIn(response.body, its)
    assert.deepEqual(missing, [], `${what}\n${JSON.stringify(its).slice(0, 500)}`)
    const { hits } = response.body as { hits?: { id: string }[] }
    if (hits?.[0] && path.endsWith('/search')) {
      asked += 1
      if ((its as { hits: { id: string }[] }).hits[0]?.id === hits[0].id) same += 1
    }
  }
  await double.close()
  t.diagnostic(`the same first hit for ${same} of ${asked}`)
  assert.ok(same >= asked * 0.9, `${same} of ${asked}`)
})

/** Names and types that a real answer has and ours has not. What is counted, timed or worded differently is none of it. */
function missingIn(real: unknown, ours: unknown, at = ''): string[] {
  if (
    real === null ||
    at.endsWith('.details') ||
    at.endsWith('.facetDistribution') ||
    at.endsWith('.fieldDistribution')
  )
    return []
  if (Array.isArray(real)) {
    if (!Array.isArray(ours)) return [`${at} is no list`]
    return real.length > 0 && ours.length > 0 ? missingIn(real[0], ours[0], `${at}[0]`) : []
  }
  if (typeof real === 'object') {
    if (typeof ours !== 'object' || ours === null) return ours === null ? [] : [`${at} is no object`]
    const its = ours as Record<string, unknown>
    return Object.entries(real).flatMap(([name, value]) =>
      name in its ? missingIn(value, its[name], `${at}.${name}`) : [`${at}.${name}`],
    )
  }
  return ours === null || typeof real === typeof ours ? [] : [`${at} is ${typeof ours}`]
}
