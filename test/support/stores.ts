import type { Db } from '../../store/db.ts'
import { cleanDatabase } from './clean-database.ts'

/** A pool on a database of its own that holds every schema. */
export async function openStore(): Promise<{ db: Db; close: () => Promise<void> }> {
  const { databases, close } = await cleanDatabase()
  return { db: databases.order, close }
}
