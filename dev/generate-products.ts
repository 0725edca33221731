/** `npm run products -- 10000 > products.csv`: a product file to try imports with; the same one every time. */
import { stringify } from 'csv-stringify'
import { generatedProducts } from './generated/catalog.ts'
import { productRows, sampleColumns } from './generated/product-csv.ts'
import { runCommand } from './running-shop.ts'
import { Advice } from './supervisor/advice.ts'

await runCommand(async () => {
  const [count = ''] = process.argv.slice(2)
  if (!/^[1-9]\d{0,6}$/.test(count)) throw new Advice('npm run products -- 10000 > products.csv')
  const rows = stringify({ header: true, columns: [...sampleColumns] })
  rows.pipe(process.stdout)
  for (const product of generatedProducts({ count: Number(count) })) {
    for (const row of productRows(product)) {
      if (!rows.write(row)) await new Promise((resolve) => rows.once('drain', resolve))
    }
  }
  rows.end()
})
