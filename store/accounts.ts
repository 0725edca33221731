import { createHash, randomBytes } from 'node:crypto'
import { typeid } from 'typeid-js'
import type { Grant } from '../domain/permissions.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** A secret key of a machine or an admin, without its secret. */
export interface ApiKey {
  /** `key_…`, as it stands in logs and journals. */
  readonly id: string
  readonly name: string
  readonly permissions: readonly Grant[]
}

export interface ListedApiKey extends ApiKey {
  readonly createdAt: string
  readonly revokedAt: string | null
}

// A key is 256 random bits: nobody guesses it, so a fast hash is enough to store it by.
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Whether a text has the shape of our keys; what has not need not be looked up. */
export function looksLikeApiKey(text: string): boolean {
  return /^ck_[A-Za-z0-9_-]{43}$/.test(text)
}

/** Makes a key and answers its secret, which can never be read again: only its hash is stored. */
export async function createApiKey(
  db: Db,
  { name, permissions }: { name: string; permissions: readonly Grant[] },
): Promise<ApiKey & { readonly secret: string }> {
  const id = typeid('key').toString()
  const secret = `ck_${randomBytes(32).toString('base64url')}`
  await changed(
    db,
    `insert into accounts.api_keys (id, name, hash, permissions) values (:id, :name, :hash, :permissions)`,
    { id, name, hash: hashOf(secret), permissions: [...permissions] },
  )
  return { id, name, permissions, secret }
}

/** Whose key this is, or null when it is nobody's or was revoked. */
export async function verifyApiKey(db: Db, secret: string): Promise<ApiKey | null> {
  const [key] = await rows<ApiKey>(
    db,
    `select id, name, permissions from accounts.api_keys where hash = :hash and revoked_at is null`,
    { hash: hashOf(secret) },
  )
  return key ?? null
}

/** Ends a key. False: there is none of this id, or it was revoked before. */
export async function revokeApiKey(db: Db, id: string): Promise<boolean> {
  const revoked = await changed(
    db,
    `update accounts.api_keys set revoked_at = now() where id = :id and revoked_at is null`,
    { id },
  )
  return revoked === 1
}

export async function listApiKeys(db: Db): Promise<ListedApiKey[]> {
  return rows<ListedApiKey>(
    db,
    `select id, name, permissions, created_at as "createdAt", revoked_at as "revokedAt"
     from accounts.api_keys order by id`,
  )
}
