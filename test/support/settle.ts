import { pino } from 'pino'
import { searchActivities } from '../../activities/search.ts'
import type { SearchEngine } from '../../domain/search.ts'
import type { Databases } from '../../store/db.ts'
import { createPostgresSearch } from '../../store/search.ts'
import { reactions } from '../../workers/reactions.ts'
import { relayFailed, relayNew } from '../../workers/relay.ts'
import { taker } from '../../workers/take-events.ts'

const log = pino({ level: 'silent' })

/**
 * Carries every event between catalog and inventory to whoever listens, and makes searchable what waits, until nothing is left: what
 * relays and the workflow `refreshProducts` do, in this process and without Temporal.
 */
export function settler(
  databases: Databases,
  engines: readonly SearchEngine[] = [createPostgresSearch(databases.catalog)],
): () => Promise<void> {
  const { refreshSearch } = searchActivities({ db: databases.catalog, engines })
  const refresh = async (): Promise<void> => {
    while ((await refreshSearch()).more);
  }
  const take = taker({ databases, reactions, deeds: { mails: undefined as never, search: { refresh } } })
  const settingsOf = (schema: 'catalog' | 'inventory') => ({
    db: databases[schema],
    schema,
    reactions,
    deliver: ({ consumer }: { consumer: string }, events: Parameters<typeof take>[0]['events']) =>
      take({ consumer, events }),
    pollMs: 10,
    log,
  })
  return async () => {
    for (let busy = 1; busy > 0;) {
      busy = 0
      for (const schema of ['catalog', 'inventory'] as const) {
        busy += (await relayNew(settingsOf(schema))) + (await relayFailed(settingsOf(schema)))
      }
    }
    await refresh()
  }
}
