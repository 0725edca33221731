import { createHmac, timingSafeEqual } from 'node:crypto'

/** Proofs for guests: whoever was given the id of a cart or an order by us also got its token. Nothing is stored. */
export interface Tokens {
  sign(kind: TokenKind, id: string): string
  verify(kind: TokenKind, id: string, token: string): boolean
}

export type TokenKind = 'cart' | 'order'

/** HMAC-SHA-256 over kind and id. The first key signs, all of them verify, so a key can be replaced without a bad day. */
export function createTokens(keys: readonly string[]): Tokens {
  const [newest] = keys
  if (newest === undefined) throw new RangeError('At least one token key is needed.')
  const mac = (key: string, kind: TokenKind, id: string): Buffer =>
    createHmac('sha256', key).update(`${kind}:${id}`).digest()
  return {
    sign: (kind, id) => mac(newest, kind, id).toString('base64url'),
    verify: (kind, id, token) => {
      const given = Buffer.from(token, 'base64url')
      return keys.some((key) => {
        const expected = mac(key, kind, id)
        return given.length === expected.length && timingSafeEqual(given, expected)
      })
    },
  }
}
