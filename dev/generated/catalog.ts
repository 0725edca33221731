/** Plausible products without end, the same ones every time: for trying imports, and for measuring with more than sixty. */
import { colours, materials, promises, purposes, qualities, shelves, sizes, syllables } from './words.ts'

export interface GeneratedProduct {
  readonly handle: string
  readonly title: string
  readonly html: string
  readonly brand: string
  /** From the top of the tree down. */
  readonly path: readonly string[]
  readonly type: string
  readonly tags: readonly string[]
  /** What its variants differ by; none when there is one variant only. */
  readonly options: readonly string[]
  readonly variants: readonly GeneratedVariant[]
}

export interface GeneratedVariant {
  readonly sku: string
  readonly choices: readonly string[]
  readonly barcode: string
  readonly grams: number
  /** Euro cents. */
  readonly priceMinor: number
  readonly compareAtMinor: number | null
  readonly units: number
}

/** The products from number `from` (counted from 0); each follows from its number alone. */
export function* generatedProducts({
  count,
  from = 0,
}: {
  count: number
  from?: number
}): Generator<GeneratedProduct> {
  for (let number = from; number < from + count; number += 1) yield generatedProduct(number)
}

function generatedProduct(number: number): GeneratedProduct {
  const dice = diceOf(number)
  const shelf = dice.oneOf(Object.keys(shelves))
  const type = dice.oneOf(shelves[shelf] ?? ['Thing'])
  const [quality, material] = [dice.oneOf(qualities), dice.oneOf(materials)]
  const [brand, model] = [brandOf(dice.upTo(60)), nameOf(dice, 3)]
  const title = dice.oneOf([
    `${quality} ${material} ${type}`,
    `${model} ${quality} ${type}`,
    `${material} ${type} ${model}`,
    `${model} ${type} in ${material}`,
  ])
  const purpose = dice.oneOf(purposes)
  const html = [
    `<p>${quality} ${type.toLowerCase()} of ${material.toLowerCase()} for ${purpose}, by ${brand}.</p>`,
    `<p>${dice.oneOf(promises)}. ${dice.oneOf(promises)}. Series ${model}.</p>`,
  ].join('')
  return {
    ...{ handle: `${slug(title)}-${number}`, title, html, brand, path: shelf.split(' > '), type },
    tags: [quality, material, ...(dice.upTo(10) === 0 ? ['New'] : [])].map((tag) => tag.toLowerCase()),
    ...variantsOf({ dice, number, worn: shelf.endsWith('Clothing') || shelf.endsWith('Running') }),
  }
}

function variantsOf({ dice, number, worn }: { dice: Dice; number: number; worn: boolean }) {
  const priceMinor = 490 + dice.upTo(400) * 100
  const sold = dice.upTo(5) === 0
  const choices = worn
    ? sizes.slice(dice.upTo(2), 3 + dice.upTo(3)).map((size) => [size])
    : colours
        .slice(dice.upTo(8))
        .slice(0, 1 + dice.upTo(3))
        .map((colour) => [colour])
  const many = choices.length > 1
  const variants = choices.map((choice, index): GeneratedVariant => ({
    sku: many ? `GEN-${number}-${index + 1}` : `GEN-${number}`,
    choices: many ? choice : [],
    barcode: String(4_000_000_000_000 + number * 10 + index),
    grams: 50 + dice.upTo(500) * 10,
    priceMinor,
    compareAtMinor: sold ? priceMinor + 1_000 : null,
    units: dice.upTo(8) === 0 ? 0 : 1 + dice.upTo(40),
  }))
  return { options: many ? [worn ? 'Size' : 'Colour'] : [], variants }
}

const brandOf = (number: number): string => nameOf(diceOf(1_000_000 + number), 2)

function nameOf(dice: Dice, parts: number): string {
  const name = Array.from({ length: parts }, () => dice.oneOf(syllables)).join('')
  return name.charAt(0).toUpperCase() + name.slice(1)
}

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-')

interface Dice {
  /** A whole number from 0 to before `most`. */
  upTo(most: number): number
  oneOf<T>(choices: readonly T[]): T
}

/** Mulberry32: small, quick, and the same on every machine. */
function diceOf(seed: number): Dice {
  let state = (seed * 0x9e3779b1) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const upTo = (most: number): number => Math.floor(next() * most)
  return {
    upTo,
    oneOf: <T>(choices: readonly T[]): T => {
      const chosen = choices[upTo(choices.length)]
      if (chosen === undefined) throw new Error('There is nothing to choose from.')
      return chosen
    },
  }
}
