import { generatedProducts } from '../../dev/generated/catalog.ts'
import type { GeneratedProduct } from '../../dev/generated/catalog.ts'
import { productRows, sampleColumns } from '../../dev/generated/product-csv.ts'

export { sampleColumns }

/** A file of generated products, as text. */
export function aProductFile(wanted: { count: number; from?: number }): string {
  const rows = [...generatedProducts(wanted)].flatMap((product: GeneratedProduct) => productRows(product))
  return [sampleColumns, ...rows].map((cells) => cells.map(quoted).join(',')).join('\n')
}

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
