import type { Sku, SupplierId, WarehouseId } from './ids.ts'
import type { Currency } from './money.ts'

/** More of one thing than anybody orders, counts or receives: a number above it is a slip of the finger. */
export const mostUnits = 1_000_000

/** What one supplier asks for a SKU. */
export interface SupplierOffer {
  readonly supplierId: SupplierId
  readonly supplierName: string
  /** Orders are whole packs of so many units. */
  readonly packSize: number
  /** The fewest units that the supplier sends. */
  readonly minimumQuantity: number
  readonly leadTimeDays: number
  readonly unitCostMinor: number
  readonly currency: Currency
}

/** All that the rule looks at, for one SKU in one warehouse. Quantities are units. */
export interface LevelFacts {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly onHand: number
  readonly reserved: number
  /** Ordered from suppliers and not there yet. */
  readonly incoming: number
  readonly safetyStock: number
  /** Set by an admin; null: worked out from sales. */
  readonly reorderPoint: number | null
  readonly orderUpTo: number | null
  /** False: this SKU is not ordered any more. */
  readonly replenished: boolean
  /** Units that left the warehouse in the window of the policy. */
  readonly sold: number
  /** For how many days the warehouse has kept this SKU. */
  readonly knownDays: number
  /** For how many days of the window nothing was there that could be sold. */
  readonly emptyDays: number
  /** Of the suppliers that sell it the one that is preferred; null: nobody does. */
  readonly offer: SupplierOffer | null
}

export interface ReplenishmentPolicy {
  /** Over how many days sales are summed. */
  readonly windowDays: number
  /** How many days an order is to last at least, once it has arrived. */
  readonly coverDays: number
  /** The lead time of a SKU that no supplier sells. */
  readonly leadTimeDays: number
}

/** What the rule says in numbers. */
export interface Reckoned {
  readonly low: boolean
  /** Units to order; 0 when it is not low. */
  readonly quantity: number
  /** What can be promised plus what is coming. */
  readonly position: number
  readonly reorderPoint: number
  readonly orderUpTo: number
  readonly leadTimeDays: number
}

export interface Suggestion extends Reckoned {
  /** In words, a sentence each: what is there, what is sold, and why so many are to be ordered. */
  readonly because: readonly string[]
}

/** The sales of a SKU that is new say little: over fewer days than this they are not extrapolated. */
const fewestDays = 7

/**
 * Whether a SKU runs low in a warehouse, and how many to order then: the classic rule of a reorder point and an order-up-to level.
 * What is coming counts as if it were there, so a shortage that is ordered already is none. More sales never suggest less.
 */
export function suggest(level: LevelFacts, policy: ReplenishmentPolicy): Suggestion {
  const reckoned = reckon(level, policy)
  const available = availableOf(level)
  return {
    ...reckoned,
    because: inWords(level, {
      ...{ ...policy, ...reckoned, available, days: daysOf(level, policy) },
      sellingDays: sellingDaysOf(level, policy),
    }),
  }
}

/** The same without the words: most levels are not low, and nobody reads why. */
export function reckon(level: LevelFacts, policy: ReplenishmentPolicy): Reckoned {
  const position = availableOf(level) + level.incoming
  const leadTimeDays = level.offer?.leadTimeDays ?? policy.leadTimeDays
  const days = sellingDaysOf(level, policy)
  const soldIn = (span: number): number => Math.ceil((level.sold * span) / days)

  const reorderPoint = level.reorderPoint ?? level.safetyStock + soldIn(leadTimeDays)
  const lasting = Math.max(1, soldIn(lastsFor({ ...policy, leadTimeDays })))
  const orderUpTo = Math.max(level.orderUpTo ?? reorderPoint + lasting, reorderPoint + 1)

  // Nothing is sold, nothing is kept, nobody asked for any: not low, but dead.
  const low = level.replenished && reorderPoint > 0 && position <= reorderPoint
  const wanted = orderUpTo - position
  const quantity = low ? Math.min(inPacks(wanted, level.offer), mostUnits) : 0
  return { low, quantity, position, reorderPoint, orderUpTo, leadTimeDays }
}

/**
 * A level has one order at a time, so the next one comes a lead time after this one at the earliest: until then it has to last, however
 * short the policy would have it. (Order-up-to level of periodic review, with the lead time as the period.)
 */
const lastsFor = ({
  coverDays,
  leadTimeDays,
}: Pick<ReplenishmentPolicy, 'coverDays' | 'leadTimeDays'>): number => Math.max(coverDays, leadTimeDays)

const availableOf = ({ onHand, reserved }: LevelFacts): number => Math.max(0, onHand - reserved)

/** Over how many days its sales were summed. */
const daysOf = ({ knownDays }: LevelFacts, { windowDays }: ReplenishmentPolicy): number =>
  Math.min(windowDays, Math.max(fewestDays, Math.floor(knownDays)))

/**
 * Of these, the days on which it could be sold: an empty shelf does not say that nobody wants it. (Counted as days without sales, each
 * shortage would make the next order smaller, and the next shortage longer.)
 */
function sellingDaysOf(level: LevelFacts, policy: ReplenishmentPolicy): number {
  const days = daysOf(level, policy)
  return Math.min(days, Math.max(fewestDays, days - level.emptyDays))
}

type Packing = Pick<SupplierOffer, 'packSize' | 'minimumQuantity'>

/** The fewest units, at least so many, that the supplier sends: whole packs, and no less than his minimum. */
export function inPacks(wanted: number, packing: Packing | null): number {
  if (!packing) return wanted
  const { packSize, minimumQuantity } = packing
  return Math.ceil(Math.max(wanted, minimumQuantity) / packSize) * packSize
}

/** Null when a supplier would take an order of this quantity; otherwise a sentence that names the nearest ones he would take. */
export function packingFault(quantity: number, packing: Packing): string | null {
  const above = inPacks(quantity, packing)
  if (above === quantity) return null
  const { packSize, minimumQuantity } = packing
  const below = above - packSize
  const choice = below >= minimumQuantity && below > 0 ? `${below} or ${above}` : `${above}`
  return `It comes in packs of ${packSize}, at least ${minimumQuantity}: order ${choice}.`
}

interface Reckoning extends ReplenishmentPolicy {
  readonly available: number
  readonly days: number
  readonly sellingDays: number
  readonly reorderPoint: number
  readonly orderUpTo: number
  readonly quantity: number
}

function inWords(level: LevelFacts, reckoning: Reckoning): string[] {
  if (!level.replenished) return [`${level.sku} is not ordered any more.`]
  return [whatIsThere(level, reckoning), whatIsSold(level, reckoning), whenToOrder(level, reckoning)].concat(
    reckoning.quantity === 0 ? whyNothing(level, reckoning) : whySoMany(level, reckoning),
  )
}

function whatIsThere({ sku, warehouseId, onHand, reserved, incoming }: LevelFacts, { available }: Reckoning) {
  const promised = reserved > 0 ? ` (${onHand} on hand, ${reserved} promised)` : ''
  const coming = incoming > 0 ? `, and ${incoming} are on their way` : ''
  return `${available} of ${sku} can be sold from ${warehouseId}${promised}${coming}.`
}

function whatIsSold({ sold }: LevelFacts, { days, sellingDays }: Reckoning): string {
  if (sold === 0) return `None were sold in the last ${days} days.`
  const empty = Math.round(days - sellingDays)
  const without = empty > 0 ? `, in ${empty} of which none were there` : ''
  return `${sold} were sold in the last ${days} days${without}: ${rounded(sold / sellingDays)} a day.`
}

function whenToOrder({ reorderPoint: set, safetyStock, offer }: LevelFacts, reckoning: Reckoning): string {
  const { reorderPoint, leadTimeDays } = reckoning
  if (set !== null) return `Its reorder point was set to ${reorderPoint}.`
  const delivery = offer
    ? `${offer.supplierName} delivers in ${leadTimeDays} days`
    : `No supplier sells it; a delivery is taken to need ${leadTimeDays} days`
  const sold = reorderPoint - safetyStock
  const kept = safetyStock > 0 ? `, and ${safetyStock} are kept as safety stock` : ''
  return `${delivery}, in which ${sold} are sold${kept}: it is ordered anew at ${reorderPoint}.`
}

function whyNothing({ incoming }: LevelFacts, { available, reorderPoint }: Reckoning): string {
  if (reorderPoint === 0) return 'Nothing asks for more of it.'
  const all = available + incoming
  return incoming > 0 && available <= reorderPoint
    ? `With what is on its way there are ${all}: that is enough.`
    : `${all} are more than ${reorderPoint}: that is enough.`
}

function whySoMany({ incoming, offer, orderUpTo: set }: LevelFacts, reckoning: Reckoning): string {
  const { available, reorderPoint, orderUpTo, quantity } = reckoning
  const wanted = orderUpTo - available - incoming
  const goal =
    set !== null ? `to have ${orderUpTo} again` : `to last ${lastsFor(reckoning)} days beyond the delivery`
  const packs = quantity === wanted || !offer ? '' : ` (${wanted} wanted, ${packing(offer)})`
  return `${available + incoming} are not more than ${reorderPoint}: order ${quantity} ${goal}${packs}.`
}

function packing({ packSize, minimumQuantity }: SupplierOffer): string {
  const packs = packSize > 1 ? [`in packs of ${packSize}`] : []
  const least = minimumQuantity > 1 ? [`at least ${minimumQuantity}`] : []
  return [...packs, ...least].join(', ')
}

const rounded = (perDay: number): string => String(Math.round(perDay * 100) / 100)
