/** The table at the end of the start: where everything is, and what to try first. */
import { relative } from 'node:path'
import type { Plan } from './plan.ts'
import type { Prepared } from './prepare.ts'
import { table } from './report.ts'
import { adminKeyFile } from './shop.ts'

export function welcome({ plan, prepared }: { plan: Plan; prepared: Prepared }): string {
  const { local, settings, config, state } = plan
  const { publicUrl } = config.shop
  const here = (port: number): string => `http://localhost:${port}`
  const rows: [string, string][] = [
    ['API', publicUrl],
    ['Its pages', `${publicUrl}/docs`],
  ]
  if (local.temporal) rows.push(['Temporal', here(settings.LOCAL_TEMPORAL_UI_PORT)])
  if (local.mail) rows.push(['Mailbox', here(settings.LOCAL_MAILBOX_PORT)])
  rows.push(['Admin key', adminKey({ plan, prepared })])
  rows.push(['Logs', `${relative('.', state.path('logs'))}/`])
  rows.push(['Try', `curl ${publicUrl}/v1/store/products?limit=3`])
  return `${table(rows)}\n\n  npm run demo places an order and shows what happens. Ctrl-C stops everything.`
}

/** A new key is shown once, and kept in a file that only its owner can read, because the shop itself stores no more than its hash. */
function adminKey({ plan: { state }, prepared }: { plan: Plan; prepared: Prepared }): string {
  const file = relative('.', state.path(adminKeyFile))
  if (prepared.adminKey !== undefined) return `${prepared.adminKey}  (kept in ${file})`
  if (state.has(adminKeyFile)) return `in ${file}`
  return 'made at the first start; "npm start -- --new-admin-key" makes another'
}
