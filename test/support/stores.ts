import { openDatabases } from '../../store/db.ts'
import type { Db } from '../../store/db.ts'
import { freshDatabase } from './database.ts'

/** A pool on a database of its own that holds every schema. */
export async function openStore(): Promise<{ db: Db; close: () => Promise<void> }> {
  const fresh = await freshDatabase()
  const own = { url: fresh.url, poolSize: 10 }
  const opened = openDatabases({
    accounts: own,
    catalog: own,
    order: own,
    inventory: own,
    shipping: own,
    notification: own,
  })
  return {
    db: opened.databases.order,
    close: async () => {
      await opened.close()
      await fresh.drop()
    },
  }
}
