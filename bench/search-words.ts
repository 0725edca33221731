/** What shoppers type: names of products, some of them unfinished, some with a typo. The same ones in every run. */
import { generatedProducts } from '../dev/generated/catalog.ts'

/** So many different queries about a catalog of `products`. */
export function searchWords({ products, queries }: { products: number; queries: number }): string[] {
  const step = Math.max(1, Math.floor(products / queries))
  return Array.from({ length: queries }, (_, number) => {
    const [product] = generatedProducts({ count: 1, from: (number * step) % products })
    const words = (product?.title ?? '').toLowerCase().split(' ')
    switch (number % 4) {
      case 0:
        return words.join(' ')
      case 1:
        return words.slice(-2).join(' ').slice(0, -2)
      case 2:
        return words.map(withSwap).join(' ')
      default:
        return words.at(-1) ?? ''
    }
  })
}

/** Two letters in the middle of a long word change places. */
function withSwap(word: string): string {
  if (word.length < 5) return word
  const at = Math.floor(word.length / 2)
  return `${word.slice(0, at)}${word.charAt(at + 1)}${word.charAt(at)}${word.slice(at + 2)}`
}
