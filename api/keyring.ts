import { createHash } from 'node:crypto'
import { looksLikeApiKey, verifyApiKey } from '../store/accounts.ts'
import type { ApiKey } from '../store/accounts.ts'
import type { Db } from '../store/db.ts'

/** Whose keys are presented, remembered for a moment: a revoked key dies within this time. */
const rememberedMs = 5_000
const mostRemembered = 1_000

export interface Keyring {
  /** The key, if it was verified a moment ago. Asks nobody. */
  known(secret: string): ApiKey | null
  /** The key, or null when it is nobody's. */
  verify(secret: string): Promise<ApiKey | null>
}

export function createKeyring(db: Db): Keyring {
  const remembered = new Map<string, { key: ApiKey; until: number }>()
  // Secrets do not lie about in memory longer than the request that brought them.
  const nameOf = (secret: string): string => createHash('sha256').update(secret).digest('base64')
  return {
    known: (secret) => {
      const found = remembered.get(nameOf(secret))
      return found && found.until > Date.now() ? found.key : null
    },
    verify: async (secret) => {
      if (!looksLikeApiKey(secret)) return null
      const key = await verifyApiKey(db, secret)
      if (!key) return null
      if (remembered.size >= mostRemembered) remembered.clear()
      remembered.set(nameOf(secret), { key, until: Date.now() + rememberedMs })
      return key
    },
  }
}
