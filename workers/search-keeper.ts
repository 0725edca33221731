import type { SearchEngine } from '../domain/search.ts'
import type { SearchDesk } from '../gateways/search-desk.ts'
import type { Db } from '../store/db.ts'
import { isAnyPending, registerEngines } from '../store/search/pending.ts'
import { isIndexOld } from '../store/search/write.ts'

/** What the catalog service does so that its search is kept: rings when something waits, and begins with indexes that are whole. */
export function searchKeeper({ db, desk }: { db: Db; desk: SearchDesk }): {
  refresh(): Promise<void>
  begin(engines: readonly SearchEngine[]): Promise<void>
} {
  return {
    // Orders move stock all the time and seldom across the line to "sold out": then there is nothing to ring for.
    refresh: async () => {
      if (await isAnyPending(db)) await desk.refresh()
    },
    // An engine that was not there yet, and an index that another version of this program made, are made anew.
    begin: async (engines) => {
      const added = await registerEngines(
        db,
        engines.map(({ name }) => name),
      )
      if (added.length > 0 || (await isIndexOld(db))) await desk.rebuild()
      else if (await isAnyPending(db)) await desk.refresh()
    },
  }
}
