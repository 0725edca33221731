import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { purchaseOrderStatuses, replenishmentStatuses } from '../../domain/purchase-orders.ts'
import { instant, listOf, Money, named, plainText, strict, word } from './common.ts'
import { skuText, units, unitsOrNone, warehouseText } from './stock.ts'

const day = (description: string) => Type.String({ format: 'date', description })

export const Replenishment = named(
  'Replenishment',
  Type.Object({
    id: Type.String(),
    sku: Type.String(),
    warehouse_id: Type.String(),
    status: word(replenishmentStatuses, '`waiting` is what can be approved or rejected'),
    suggested_quantity: Type.Integer(),
    supplier_id: Type.Optional(Type.String({ description: 'Whom the check would order from' })),
    because: Type.Array(Type.String(), { description: 'Why, a sentence each' }),
    facts: Type.Record(Type.String(), Type.Number(), { description: 'The numbers that the rule saw' }),
    check_id: Type.String({ description: 'The run of the check that found it' }),
    alerted_at: instant('When it was found; it waits since then'),
    expires_at: instant('When it ends if nobody decides'),
    reminded_at: Type.Optional(instant('When somebody was reminded last')),
    escalated_at: Type.Optional(instant('When somebody higher up was told')),
    quantity: Type.Optional(Type.Integer({ description: 'What was approved' })),
    decided_at: Type.Optional(instant('When it was approved or rejected')),
    decided_by: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String({ description: 'Why it was rejected, expired or ended short' })),
    purchase_order_id: Type.Optional(Type.String()),
    ended_at: Type.Optional(instant('When nothing more came of it')),
    version: Type.Integer(),
  }),
)
export const ReplenishmentList = listOf('ReplenishmentList', Replenishment.ref)

const quantity = Type.Optional(units('Units to order; left out: what was suggested'))
const order = {
  supplier_id: Type.Optional(
    Type.String({ maxLength: 60, description: 'Left out: whom the check suggests' }),
  ),
  expected_on: Type.Optional(day('When it is to come, today or later; left out: after the lead time')),
}
export const Approval = named(
  'ReplenishmentApproval',
  Type.Object({ quantity, ...order }, { ...strict, examples: [{ quantity: 48 }] }),
)
export const Approvals = named(
  'ReplenishmentApprovals',
  Type.Object(
    {
      items: Type.Array(Type.Object({ id: Type.String({ maxLength: 60 }), quantity }, strict), {
        minItems: 1,
        maxItems: 100,
      }),
      ...order,
    },
    strict,
  ),
)
export const Approved = named(
  'ReplenishmentsApproved',
  Type.Object({
    purchase_orders: Type.Array(
      Type.Object({
        id: Type.String(),
        number: Type.Optional(Type.String()),
        replenishment_ids: Type.Array(Type.String()),
      }),
      { description: 'One for each supplier; fewer in a 202, whose request is to be sent again' },
    ),
  }),
)
export const Rejection = named('ReplenishmentRejection', Type.Object({ reason: plainText(500) }, strict))

export const PurchaseOrder = named(
  'PurchaseOrder',
  Type.Object({
    id: Type.String(),
    number: Type.String({ description: 'What suppliers and people on the phone call it' }),
    supplier_id: Type.String(),
    status: word(purchaseOrderStatuses),
    total: Money.ref,
    expected_on: Type.String({ description: 'A day' }),
    ordered_at: instant('When it was approved'),
    ordered_by: Type.String(),
    sent_at: Type.Optional(instant('When the supplier’s mail server took it')),
    ended_at: Type.Optional(instant('When it was complete, closed or cancelled')),
    ended_by: Type.Optional(Type.String()),
    end_reason: Type.Optional(Type.String()),
    needs_attention: Type.Boolean(),
    attention_reason: Type.Optional(Type.String()),
    lines: Type.Array(
      Type.Object({
        sku: Type.String(),
        warehouse_id: Type.String(),
        supplier_sku: Type.Optional(Type.String()),
        ordered: Type.Integer(),
        received: Type.Integer({ description: 'Good ones: these are sold' }),
        damaged: Type.Integer(),
        quarantined: Type.Integer(),
        outstanding: Type.Integer({ description: 'Still to come' }),
        unit_cost: Money.ref,
        replenishment_id: Type.String(),
      }),
    ),
    version: Type.Integer(),
  }),
)
export const PurchaseOrderList = listOf('PurchaseOrderList', PurchaseOrder.ref)
export const OrderEnd = named('PurchaseOrderEnd', Type.Object({ reason: plainText(500) }, strict))

const came = (description: string) => Type.Optional(unitsOrNone(description))
export const NewReceipt = named(
  'NewReceipt',
  Type.Object(
    {
      reference: Type.Optional(
        Type.String({
          ...{ minLength: 1, maxLength: 100, pattern: '\\S' },
          description: 'The number of the supplier’s delivery note: the same note is booked once',
        }),
      ),
      order_number: Type.Optional(
        Type.String({
          maxLength: 40,
          description: 'As on the delivery note; refused when it is another order’s',
        }),
      ),
      received_at: Type.Optional(instant('When it came; left out: now')),
      lines: Type.Array(
        Type.Object(
          {
            sku: skuText,
            warehouse_id: Type.Optional(warehouseText),
            received: unitsOrNone('Good units'),
            damaged: came('Units that came broken'),
            quarantined: came('Units that somebody has to look at first'),
          },
          strict,
        ),
        { minItems: 1, maxItems: 200 },
      ),
      final: Type.Optional(
        Type.Boolean({ description: 'Nothing more will come: the order is closed short' }),
      ),
      note: Type.Optional(plainText(500)),
    },
    {
      ...strict,
      examples: [{ reference: 'LS-4711', lines: [{ sku: 'TROWEL', received: 20, damaged: 1 }] }],
    },
  ),
)

export const Receipt = named(
  'Receipt',
  Type.Object({
    id: Type.String(),
    reference: Type.Optional(Type.String()),
    received_at: instant('When it came'),
    booked_at: instant('When it was booked'),
    actor: Type.String(),
    note: Type.Optional(Type.String()),
    after_the_end: Type.Boolean({ description: 'It came after the order was cancelled or closed' }),
    lines: Type.Array(
      Type.Object({
        sku: Type.String(),
        warehouse_id: Type.String(),
        received: Type.Integer(),
        damaged: Type.Integer(),
        quarantined: Type.Integer(),
      }),
    ),
  }),
)
export const ReceiptList = named('ReceiptList', Type.Object({ data: Type.Array(Receipt.ref) }))

const StockCheckRun = Type.Object({
  workflow_id: Type.Optional(Type.String()),
  scheduled_at: Type.Optional(instant('When it was due; not there when it was long ago')),
  started_at: instant('When it began'),
  finished_at: Type.Optional(instant('Not there: it is under way, or it did not end well')),
  found: Type.Optional(
    Type.Object({
      levels: Type.Integer({ description: 'Stock levels that were looked at' }),
      low: Type.Integer(),
      started: Type.Integer({ description: 'Low ones that nobody had in hand yet' }),
      waiting: Type.Integer({ description: 'Replenishments that waited for a decision' }),
    }),
  ),
})
export const StockCheckPlan = named(
  'StockCheckPlan',
  Type.Object({
    paused: Type.Boolean(),
    note: Type.Optional(Type.String({ description: 'Why it is paused, or was resumed' })),
    time_zone: Type.Optional(Type.String()),
    next_runs: Type.Array(instant('When it runs')),
    running: Type.Array(Type.String(), { description: 'Workflow ids of runs under way' }),
    recent_runs: Type.Array(StockCheckRun, { description: 'Newest first' }),
  }),
)
export const PauseNote = named('PauseNote', Type.Object({ note: Type.Optional(plainText(200)) }, strict))
export const Triggered = named('StockCheckTriggered', Type.Object({ triggered: Type.Boolean() }))

export const purchasingSchemas: readonly TSchema[] = [
  ...[
    Replenishment,
    ReplenishmentList,
    Approval,
    Approvals,
    Approved,
    Rejection,
    PurchaseOrder,
    PurchaseOrderList,
    OrderEnd,
    NewReceipt,
  ],
  ...[Receipt, ReceiptList, StockCheckPlan, PauseNote, Triggered],
].map(({ schema }) => schema)
