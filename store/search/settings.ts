import type { SearchEngine, SearchSettings } from '../../domain/search.ts'
import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'

export interface VersionedSettings {
  readonly version: number
  readonly settings: SearchSettings
}

/** What the shop taught its search, and which version of it. */
export async function readSettings(db: Db): Promise<VersionedSettings> {
  return settingsOf(db, '')
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockSettings(trx: Db): Promise<VersionedSettings> {
  return settingsOf(trx, 'for update')
}

async function settingsOf(db: Db, lock: '' | 'for update'): Promise<VersionedSettings> {
  const [found] = await rows<{ version: number } & SearchSettings>(
    db,
    `select version, synonyms, stop_words as "stopWords" from catalog.search_settings ${lock}`,
  )
  if (!found) throw new Error('The settings of the search are missing: run the migrations.')
  const { version, synonyms, stopWords } = found
  return { version, settings: { synonyms, stopWords } }
}

export async function writeSettings(
  trx: Db,
  { version, settings: { synonyms, stopWords } }: VersionedSettings,
): Promise<void> {
  await changed(
    trx,
    `update catalog.search_settings
     set version = :version, synonyms = cast(:synonyms as jsonb), stop_words = :stopWords`,
    { version, synonyms: JSON.stringify(synonyms), stopWords: [...stopWords] },
  )
}

/** Whether an engine was not taught the present settings yet. */
export async function isTaughtOld(db: Db, engine: SearchEngine['name']): Promise<boolean> {
  const found = await rows(
    db,
    `select 1 from catalog.search_engines as e join catalog.search_settings as s on e.settings_version < s.version
     where e.name = :engine`,
    { engine },
  )
  return found.length > 0
}

/** An engine knows this version of the settings. */
export async function noteTaught(
  db: Db,
  { engine, version }: { engine: SearchEngine['name']; version: number },
): Promise<void> {
  await changed(
    db,
    `update catalog.search_engines set settings_version = :version where name = :engine and settings_version < :version`,
    { engine, version },
  )
}
