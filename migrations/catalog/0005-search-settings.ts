import type { Knex } from 'knex'

/** Which version of `catalog.search_settings` each engine has been taught: one that was away when they changed is taught later. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table catalog.search_engines add column settings_version integer not null default 0;
  `)
}
