import { heartbeat } from '@temporalio/activity'
import type { ProductId } from '../domain/ids.ts'
import { SearchUnavailable } from '../domain/search.ts'
import type { SearchEngine } from '../domain/search.ts'
import type { Db } from '../store/db.ts'
import { allDocuments, readDocuments } from '../store/search/documents.ts'
import { arePending, forgetPending, markProducts, pendingProducts } from '../store/search/pending.ts'
import { isTaughtOld, noteTaught, readSettings } from '../store/search/settings.ts'
import { driftOf } from './search/drift.ts'

export interface SearchServices {
  readonly db: Db
  /** Every engine that is kept, the one in Postgres first: it is the one that can always be searched. */
  readonly engines: readonly SearchEngine[]
}

/** So many products are looked at in one go; an index is written faster in batches, and others wait while it is. */
const batch = 500

/** Keeping the search indexes. All of it can be repeated: what an index says follows from the catalog and from nothing else. */
export function searchActivities({ db, engines }: SearchServices) {
  const named = (name: string): SearchEngine => {
    const engine = engines.find((each) => each.name === name)
    if (!engine) throw new Error(`This worker keeps no index called ${name}: is its configuration older?`)
    return engine
  }
  return {
    async searchEngines(): Promise<{ engines: string[] }> {
      return { engines: engines.map(({ name }) => name) }
    },

    /** Teaches each engine what it should know, and writes the next batch of what waits into it. `away`: engines that do not answer; what waits for them goes on waiting. */
    async refreshSearch(): Promise<{ refreshed: number; more: boolean; away: string[] }> {
      let [refreshed, more] = [0, false]
      const away: string[] = []
      for (const engine of engines) {
        try {
          const looked = await refreshOne(db, engine)
          refreshed = Math.max(refreshed, looked)
          more ||= looked === batch
        } catch (error) {
          if (!(error instanceof SearchUnavailable)) throw error
          away.push(engine.name)
        }
      }
      return { refreshed, more, away }
    },

    /** Makes an index anew, then marks what was changed while that was done. */
    async rebuildIndex({ engine: name }: { engine: string }): Promise<{ documents: number }> {
      const engine = named(name)
      await teach(db, engine)
      const made = await engine.rebuild(beating(allDocuments(db)))
      await markDrift(db, engine)
      return made
    },

    /** Compares an index with the catalog, and marks what differs to be looked at again. */
    async checkIndex({ engine: name }: { engine: string }): Promise<{ drift: number; examples: string[] }> {
      const engine = named(name)
      // An index that somebody took away is there again, and knows what it is asked for.
      await teach(db, engine)
      const ids = await markDrift(db, engine)
      return { drift: ids.length, examples: ids.slice(0, 10) }
    },
  }
}

async function teach(db: Db, engine: SearchEngine): Promise<void> {
  const { version, settings } = await readSettings(db)
  await engine.configure(settings)
  await noteTaught(db, { engine: engine.name, version })
}

/** Answers how many products were looked at. What is not for sale any more is taken out. */
async function refreshOne(db: Db, engine: SearchEngine): Promise<number> {
  if (await isTaughtOld(db, engine.name)) await teach(db, engine)
  const looked = await pendingProducts(db, { engine: engine.name, limit: batch })
  if (looked.length === 0) return 0
  const documents = await readDocuments(
    db,
    looked.map(({ id }) => id),
  )
  const shown = new Set(documents.map(({ id }) => id))
  if (documents.length > 0) await engine.put(documents)
  const gone = looked.map(({ id }) => id).filter((id) => !shown.has(id))
  if (gone.length > 0) await engine.remove(gone)
  await forgetPending(db, { engine: engine.name, looked })
  return looked.length
}

async function markDrift(db: Db, engine: SearchEngine): Promise<readonly ProductId[]> {
  const drift = await driftOf({ db, engine, beat: heartbeat })
  const found = drift.map(({ id }) => id)
  // What has just been changed is on its way already, and no drift.
  const waiting = await arePending(db, { engine: engine.name, ids: found })
  const ids = found.filter((id) => !waiting.has(id))
  await markProducts(db, { ids, at: new Date().toISOString() })
  return ids
}

/** Tells Temporal after each page that this is still alive: a rebuild takes as long as the catalog is large. */
async function* beating<Page extends readonly unknown[]>(pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  let documents = 0
  for await (const page of pages) {
    documents += page.length
    heartbeat({ documents })
    yield page
  }
}
