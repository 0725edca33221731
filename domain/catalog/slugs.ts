/** The longest slug, in characters. */
export const longestSlug = 100

/**
 * A name as it stands in an address: `Café Crème Mug` becomes `cafe-creme-mug`. Letters of any alphabet stay; accents go. Empty
 * when nothing of the name can be kept.
 */
export function slugOf(name: string): string {
  const words = withoutAccents(name)
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replace(/['’]/g, '')
    .split(/[^\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
  let slug = ''
  for (const word of words) {
    const longer = slug === '' ? word : `${slug}-${word}`
    if ([...longer].length > longestSlug) break
    slug = longer
  }
  return slug === '' ? [...(words[0] ?? '')].slice(0, longestSlug).join('') : slug
}

const letter = '[\\p{Ll}\\p{Lo}\\p{Lm}\\p{M}\\p{N}]'

/** For schemas: small letters and digits of any alphabet, with single hyphens between. */
export const slugPattern = `^${letter}+(-${letter}+)*$`

const slugShape = new RegExp(slugPattern, 'u')

export function isSlug(text: string): boolean {
  return [...text].length <= longestSlug && slugShape.test(text)
}

/**
 * `é` becomes `e`, `ß` becomes `ss`, `ø` becomes `o`: what people type who do not have the key. Marks of other scripts stay: without
 * them, Japanese `が` would be another syllable.
 */
export function withoutAccents(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]+/g, '')
    .replace(/[ßæœøłđðþıħŧ]/giu, (letter) => undecomposed[letter.toLowerCase()] ?? letter)
    .normalize('NFC')
}

/** Letters that Unicode does not take apart into a letter and its accent. */
const undecomposed: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
  ŧ: 't',
}
