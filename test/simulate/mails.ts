import { activitiesOf } from '../../activities/index.ts'
import { createPrinter } from '../../gateways/printer.ts'
import type { Db } from '../../store/db.ts'
import { aStockConfig } from '../support/factories.ts'

/** The shop's own letters, with their PDFs; a post office that counts them by their kind, and carries none. */
export function countedMails(db: Db) {
  const counts = new Map<string, number>()
  const steps = activitiesOf.stockMails({
    ...{ db, shopName: 'Cartwright', mailDomain: 'shop.example' },
    ...{ stockAlertsTo: aStockConfig.alertsTo, stockEscalationsTo: aStockConfig.escalationsTo },
    printer: createPrinter({ shopName: 'Cartwright', orderedBy: ['Kai 1', '24103 Kiel'] }),
    mailer: {
      send: async ({ messageId }) => {
        const kind = messageId.slice(1, messageId.indexOf('.'))
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
        return { outcome: 'accepted' }
      },
      close: () => {},
    },
  })
  return { steps, sent: (kind: string): number => counts.get(kind) ?? 0 }
}
