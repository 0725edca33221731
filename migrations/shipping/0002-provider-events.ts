import type { Knex } from 'knex'
import { providerEventTable } from '../provider-event-table.ts'

export async function up(db: Knex): Promise<void> {
  await db.raw(providerEventTable('shipping'))
  await db.raw(`create index shipments_by_tracker on shipping.shipments (tracker_id)`)
}
