/**
 * `npm run keys -- create --name "Back office" --permissions orders:read,stock:read`, `list`, `revoke <id>`: the secret keys of
 * machines and admins. It needs no more of the settings than the database that they stand in.
 */
import { parseArgs } from 'node:util'
import { isGrant, permissions } from '../domain/permissions.ts'
import { productSettings } from '../settings/product.ts'
import { ConfigError, readSettings } from '../settings/read.ts'
import { withEnvFile } from './settings.ts'
import { createApiKey, listApiKeys, revokeApiKey } from '../store/accounts.ts'
import { openDatabases } from '../store/db.ts'
import type { Db } from '../store/db.ts'

const help = `npm run keys -- create --name "Back office" --permissions orders:read,stock:read
npm run keys -- list
npm run keys -- revoke key_…

Permissions: ${permissions.join(', ')}, or * for all of them, those of later versions included.`

/** What the operator should have written instead. */
class Misuse extends Error {}

async function run(db: Db, args: readonly string[]): Promise<string> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { name: { type: 'string' }, permissions: { type: 'string' } },
  })
  const [command, id] = positionals
  switch (command) {
    case 'create':
      return create(db, values)
    case 'list':
      return list(db)
    case 'revoke':
      if (id === undefined) throw new Misuse('Name the key to revoke by its id; "list" shows them.')
      if (await revokeApiKey(db, id)) return `${id} is revoked; it opens nothing from now on.`
      throw new Misuse(`There is no key ${id} that could be revoked; "list" shows them.`)
    default:
      throw new Misuse(help)
  }
}

async function create(
  db: Db,
  { name, permissions: wanted }: { name?: string; permissions?: string },
): Promise<string> {
  if (!name || !wanted) throw new Misuse(`A key needs a name and permissions:\n${help}`)
  const grants = wanted.split(',').map((grant) => grant.trim())
  const unknown = grants.filter((grant) => !isGrant(grant))
  if (unknown.length > 0) throw new Misuse(`There is no permission ${unknown.join(', ')}.\n${help}`)
  const { id, secret } = await createApiKey(db, { name, permissions: grants.filter(isGrant) })
  return `${secret}\n\nThis is the secret of ${id}, and the only time that it is shown: only its hash is stored.`
}

async function list(db: Db): Promise<string> {
  const keys = await listApiKeys(db)
  if (keys.length === 0) return 'There is no key yet.'
  return keys
    .map(({ id, name, permissions: held, revokedAt }) => {
      const state = revokedAt === null ? '' : `  revoked ${revokedAt}`
      return `${id}  ${name}  ${held.join(',')}${state}`
    })
    .join('\n')
}

const { DATABASE_URL, DATABASE_URL_ACCOUNTS, DATABASE_POOL_SIZE } = productSettings
try {
  const settings = readSettings({
    table: { DATABASE_URL, DATABASE_URL_ACCOUNTS, DATABASE_POOL_SIZE },
    env: withEnvFile(process.env),
  })
  const accounts = { url: settings.DATABASE_URL_ACCOUNTS ?? settings.DATABASE_URL, poolSize: 1 }
  const { databases, close } = openDatabases({
    ...{ accounts, catalog: accounts, order: accounts },
    ...{ inventory: accounts, shipping: accounts, notification: accounts },
  })
  console.log(await run(databases.accounts, process.argv.slice(2)).finally(close))
} catch (error) {
  const expected = error instanceof Misuse || error instanceof ConfigError || error instanceof TypeError
  console.error(expected ? error.message : error)
  process.exitCode = 1
}
