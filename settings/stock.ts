/** Stock keeping and replenishment: when stock is checked, by what rule, who is told, and how long anything waits for a decision. */
import * as as from './parsers.ts'
import { defaulted } from './read.ts'
import type { ValuesOf } from './read.ts'

const days = { min: 1, max: 730 }

export const stockSettings = {
  STOCK_CHECK_HOUR: defaulted({
    about: 'The hour of the day at which stock is checked, 0 to 23',
    use: '3',
    parse: as.integer({ min: 0, max: 23 }),
  }),
  STOCK_CHECK_TIME_ZONE: defaulted({
    about: 'The time zone of that hour, as the IANA names it',
    use: 'Europe/Berlin',
    parse: as.timeZone,
  }),
  STOCK_CHECK_CATCH_UP_MS: defaulted({
    about: 'How late a check may still be made that was missed, because nothing was running at its time',
    use: '259200000',
    parse: as.milliseconds,
  }),
  STOCK_SALES_WINDOW_DAYS: defaulted({
    about: 'Over how many days sales are summed to see how fast something sells',
    use: '28',
    parse: as.integer(days),
  }),
  STOCK_COVER_DAYS: defaulted({
    about: 'How many days an order to a supplier is to last once it has arrived',
    use: '28',
    parse: as.integer(days),
  }),
  STOCK_LEAD_TIME_DAYS: defaulted({
    about: 'How long a delivery is taken to need of something that no supplier sells',
    use: '14',
    parse: as.integer(days),
  }),
  STOCK_ALERTS_TO: defaulted({
    about: 'Who is told what runs low and what is overdue, separated by commas',
    use: 'stock@example.com',
    parse: as.listOf(as.address),
  }),
  STOCK_ESCALATIONS_TO: defaulted({
    about: 'Who is told when nobody decides about it, separated by commas',
    use: 'owner@example.com',
    parse: as.listOf(as.address),
  }),
  REPLENISHMENT_REMIND_MS: defaulted({
    about: 'How often somebody is reminded of a replenishment that waits for a decision',
    use: '172800000',
    parse: as.milliseconds,
  }),
  REPLENISHMENT_ESCALATE_MS: defaulted({
    about: 'How long it waits before somebody higher up is told',
    use: '432000000',
    parse: as.milliseconds,
  }),
  REPLENISHMENT_EXPIRE_MS: defaulted({
    about: 'How long it waits before it ends, for the next check to begin anew',
    use: '1209600000',
    parse: as.milliseconds,
  }),
  PURCHASE_OVERDUE_REMIND_MS: defaulted({
    about: 'How often somebody is reminded of an order to a supplier that has not come in time',
    use: '259200000',
    parse: as.milliseconds,
  }),
} as const

type Values = ValuesOf<typeof stockSettings>

/** The settings of stock keeping, as the product is handed them. Times in milliseconds unless they say days. */
export interface StockConfig {
  readonly check: { readonly hour: number; readonly timeZone: string; readonly catchUpMs: number }
  readonly policy: { readonly windowDays: number; readonly coverDays: number; readonly leadTimeDays: number }
  readonly patience: { readonly remindMs: number; readonly escalateMs: number; readonly expireMs: number }
  readonly overdueEveryMs: number
  readonly alertsTo: readonly string[]
  readonly escalationsTo: readonly string[]
}

export function stockConfig(values: Values): StockConfig {
  return {
    check: {
      hour: values.STOCK_CHECK_HOUR,
      timeZone: values.STOCK_CHECK_TIME_ZONE,
      catchUpMs: values.STOCK_CHECK_CATCH_UP_MS,
    },
    policy: {
      windowDays: values.STOCK_SALES_WINDOW_DAYS,
      coverDays: values.STOCK_COVER_DAYS,
      leadTimeDays: values.STOCK_LEAD_TIME_DAYS,
    },
    patience: {
      remindMs: values.REPLENISHMENT_REMIND_MS,
      escalateMs: values.REPLENISHMENT_ESCALATE_MS,
      expireMs: values.REPLENISHMENT_EXPIRE_MS,
    },
    overdueEveryMs: values.PURCHASE_OVERDUE_REMIND_MS,
    alertsTo: values.STOCK_ALERTS_TO,
    escalationsTo: values.STOCK_ESCALATIONS_TO,
  }
}
