import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import type { Currency } from '../../domain/money.ts'
import { mostUnits } from '../../domain/replenishment.ts'
import { currency, listOf, Money, named, plainText, strict } from './common.ts'

const leadTime = (description: string) => Type.Integer({ minimum: 0, maximum: 730, description })

const supplier = {
  name: plainText(100),
  email: Type.String({ format: 'email', maxLength: 254, description: 'Where orders are mailed to' }),
  currency: Type.Unsafe<Currency>({ ...currency, description: 'What all its prices are in' }),
  lead_time_days: leadTime('Days from an order to its delivery'),
  active: Type.Boolean({ description: 'False: nothing is suggested of it, or ordered from it' }),
}
export const SupplierBody = named(
  'SupplierBody',
  Type.Object(supplier, {
    ...strict,
    examples: [
      { name: 'Furrow', email: 'orders@furrow.example', currency: 'EUR', lead_time_days: 9, active: true },
    ],
  }),
)
export const Supplier = named(
  'Supplier',
  Type.Object({
    ...{ id: Type.String(), ...supplier, name: Type.String(), email: Type.String() },
    version: Type.Integer({ description: 'Send it back as `If-Match`' }),
  }),
)
export const SupplierList = listOf('SupplierList', Supplier.ref)

const item = {
  supplier_sku: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', description: 'What the supplier calls it' }),
  ),
  unit_cost: Money.ref,
  pack_size: Type.Integer({ minimum: 1, maximum: 100_000, description: 'Orders are whole packs of so many' }),
  minimum_quantity: Type.Integer({
    minimum: 1,
    maximum: mostUnits,
    description: 'The fewest units it sends',
  }),
  lead_time_days: Type.Optional(leadTime('Of this SKU; left out: the supplier’s own')),
  rank: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    description: 'The lower, the sooner it is suggested; of equals the cheapest',
  }),
}
export const ItemBody = named('SupplierItemBody', Type.Object(item, strict))
export const Item = named(
  'SupplierItem',
  Type.Object({ sku: Type.String(), supplier_id: Type.String(), ...item, version: Type.Integer() }),
)
export const ItemList = listOf('SupplierItemList', Item.ref)

export const supplierSchemas: readonly TSchema[] = [
  ...[SupplierBody, Supplier, SupplierList, ItemBody, Item, ItemList],
].map(({ schema }) => schema)
