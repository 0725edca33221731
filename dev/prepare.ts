/** Makes the databases ready for the product: migrations, sample products for an empty catalog, and the first admin key. */
import type { Config } from '../config.ts'
import { migrateAll } from '../migrations/main.ts'
import { createApiKey, listApiKeys } from '../store/accounts.ts'
import { openDatabases } from '../store/db.ts'
import { seedCatalog } from './seed.ts'

export interface Prepared {
  /** How many migrations were applied. */
  readonly migrations: number
  /** How many sample products were put into the catalog. */
  readonly products: number
  /** The secret of a new admin key; it cannot be read again, because only its hash is stored. */
  readonly adminKey: string | undefined
}

export async function prepareDatabases({
  databases,
  seed,
  newAdminKey,
}: {
  databases: Config['databases']
  seed: boolean
  /** Makes an admin key even though there is one. */
  newAdminKey: boolean
}): Promise<Prepared> {
  const { applied } = await migrateAll(databases)
  const opened = openDatabases(databases)
  try {
    const { products } = seed ? await seedCatalog(opened.databases) : { products: 0 }
    const first = (await listApiKeys(opened.databases.accounts)).length === 0
    const key =
      first || newAdminKey
        ? await createApiKey(opened.databases.accounts, {
            name: 'Admin of the local shop',
            permissions: ['*'],
          })
        : undefined
    return { migrations: applied.length, products, adminKey: key?.secret }
  } finally {
    await opened.close()
  }
}
