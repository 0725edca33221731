import type { Knex } from 'knex'
import { providerEventTable } from '../provider-event-table.ts'

export async function up(db: Knex): Promise<void> {
  await db.raw(providerEventTable('payments'))
  await db.raw(`
    -- What the customer's bank wants of him, while it wants it: whoever reads the order is told where to go.
    alter table payments.attempts add column action jsonb;
    alter table payments.attempts add constraint only_an_open_challenge_has_an_action check (
      action is null or outcome = 'action_required');
  `)
}
