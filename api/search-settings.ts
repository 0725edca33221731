import type { SearchSettings } from '../domain/search.ts'
import { faultsOfSettings } from '../domain/search/teaching.ts'
import { noteChanges } from '../store/catalog/changes.ts'
import type { ByWhom } from '../store/catalog/changes.ts'
import type { Db } from '../store/db.ts'
import { announce } from '../store/outbox.ts'
import { lockSettings, writeSettings } from '../store/search/settings.ts'
import type { VersionedSettings } from '../store/search/settings.ts'
import { invalid, pointerPart } from './problems.ts'
import { requireVersion } from './versions.ts'

/** Teaches the search other words. Every engine is told by the workflow `refreshProducts`; one that is away, when it is back. */
export async function replaceSettings(
  db: Db,
  { settings, ifMatch, ...by }: { settings: SearchSettings; ifMatch: string | undefined } & ByWhom,
): Promise<VersionedSettings> {
  refuseFaults(settings)
  return db.transaction(async (trx) => {
    const before = await lockSettings(trx)
    requireVersion(ifMatch, before.version)
    const after = { version: before.version + 1, settings }
    await writeSettings(trx, after)
    const { synonyms, stopWords } = before.settings
    const fields = {
      synonyms: { from: synonyms, to: settings.synonyms },
      stopWords: { from: stopWords, to: settings.stopWords },
    }
    const { version } = after
    await noteChanges(trx, {
      changes: [{ kind: 'search', subject: 'settings', version, what: 'changed', fields }],
      ...by,
    })
    const { at, cause } = by
    const event = {
      type: 'Search Settings Changed',
      subject: 'search',
      at,
      cause,
      data: { version },
    } as const
    await announce(trx, { schema: 'catalog', events: [event] })
    return after
  })
}

function refuseFaults(settings: SearchSettings): void {
  const faults = faultsOfSettings(settings)
  if (faults.length === 0) return
  throw invalid(
    ...faults.map(({ path, detail }) => {
      const pointer = `#/${path.map(pointerPart).join('/')}`
      return { in: 'body', pointer, detail } as const
    }),
  )
}
