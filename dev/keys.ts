/**
 * `npm run keys -- create --name "Back office" --permissions orders:read,stock:read`, `list`, `revoke <id>`: the secret keys of
 * machines and admins. It needs no more of the settings than the database that they stand in, and not even that beside a local shop.
 */
import { parseArgs } from 'node:util'
import { isGrant, permissions } from '../domain/permissions.ts'
import type { Grant } from '../domain/permissions.ts'
import { productSettings } from '../settings/product.ts'
import { readSettings } from '../settings/read.ts'
import { findRunningShop, runCommand } from './running-shop.ts'
import { withEnvFile } from './settings.ts'
import { Advice, wordsFor } from './supervisor/advice.ts'
import { createApiKey, listApiKeys, revokeApiKey } from '../store/accounts.ts'
import { openDatabases } from '../store/db.ts'
import type { Db } from '../store/db.ts'

const help = `npm run keys -- create --name "Back office" --permissions orders:read,stock:read
npm run keys -- list
npm run keys -- revoke key_…

Permissions: ${permissions.join(', ')}, or * for all of them, those of later versions included.`

/** What is wished for, understood before anything is opened. */
function wished(args: readonly string[]): (db: Db) => Promise<string> {
  const { positionals, values } = wordsFor(help, () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { name: { type: 'string' }, permissions: { type: 'string' } },
    }),
  )
  const [command, id] = positionals
  switch (command) {
    case 'create': {
      const key = keyIn(values)
      return (db) => create(db, key)
    }
    case 'list':
      return list
    case 'revoke':
      if (id === undefined) throw new Advice('Name the key to revoke by its id; "list" shows them.')
      return (db) => revoke(db, id)
    default:
      throw new Advice(help)
  }
}

interface Key {
  readonly name: string
  readonly permissions: readonly Grant[]
}

function keyIn({ name, permissions: wanted }: { name?: string; permissions?: string }): Key {
  if (!name || !wanted) throw new Advice(`A key needs a name and permissions:\n${help}`)
  const grants = wanted.split(',').map((grant) => grant.trim())
  const unknown = grants.filter((grant) => !isGrant(grant))
  if (unknown.length > 0) throw new Advice(`There is no permission ${unknown.join(', ')}.\n${help}`)
  return { name, permissions: grants.filter(isGrant) }
}

async function create(db: Db, key: Key): Promise<string> {
  const { id, secret } = await createApiKey(db, key)
  return `${secret}\n\nThis is the secret of ${id}, and the only time that it is shown: only its hash is stored.`
}

async function revoke(db: Db, id: string): Promise<string> {
  if (await revokeApiKey(db, id)) return `${id} is revoked; it opens nothing from now on.`
  throw new Advice(`There is no key ${id} that could be revoked; "list" shows them.`)
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

/** The database that the settings name; where they name none, that of the shop that runs here. */
async function addressOfAccounts(): Promise<string> {
  const env = withEnvFile(process.env)
  if (!env.DATABASE_URL && !env.DATABASE_URL_ACCOUNTS) {
    return (await findRunningShop(process.env)).config.databases.accounts.url
  }
  const { DATABASE_URL, DATABASE_URL_ACCOUNTS } = productSettings
  const settings = readSettings({ table: { DATABASE_URL, DATABASE_URL_ACCOUNTS }, env })
  return settings.DATABASE_URL_ACCOUNTS ?? settings.DATABASE_URL
}

await runCommand(async () => {
  const wish = wished(process.argv.slice(2))
  const accounts = { url: await addressOfAccounts(), poolSize: 1 }
  const { databases, close } = openDatabases({
    ...{ accounts, catalog: accounts, order: accounts },
    ...{ inventory: accounts, shipping: accounts, notification: accounts },
  })
  console.log(await wish(databases.accounts).finally(close))
})
