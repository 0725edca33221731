/** Files as they really come: each with a word of what has to be said of it. */
const header = 'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Price,Status'
const row = (
  changes: Partial<
    Record<'handle' | 'title' | 'name' | 'value' | 'sku' | 'grams' | 'price' | 'status', string>
  >,
): string => {
  const cells = {
    handle: 'thing',
    title: 'Thing',
    name: 'Title',
    value: 'Default Title',
    sku: 'T-1',
    grams: '10',
    price: '9.00',
    status: 'draft',
    ...changes,
  }
  const { handle, title, name, value, sku, grams, price, status } = cells
  return [handle, title, name, value, sku, grams, price, status].join(',')
}
const file = (...lines: string[]): string => [header, ...lines].join('\n')
const utf16 = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])

export const broken: readonly { name: string; file: string | Buffer; says: RegExp }[] = [
  { name: 'an empty one', file: '\n', says: /is empty/ },
  { name: 'only a byte order mark', file: '\ufeff\n', says: /is empty/ },
  { name: 'columns of something else', file: 'sku,qty\nA,1', says: /names no column .*Handle/ },
  { name: 'no header', file: row({}), says: /names no column .*Handle/ },
  { name: 'semicolons', file: 'Handle;Title\na;b', says: /separated by semicolons/ },
  { name: 'tabs', file: 'Handle\tTitle\na\tb', says: /separated by tabs/ },
  { name: 'a column twice', file: 'Handle,Title,title\na,b,c', says: /stands there twice/ },
  { name: 'UTF-16', file: utf16(file(row({}))), says: /UTF-16 \(little endian\)/ },
  { name: 'UTF-16 without its mark', file: Buffer.from(file(row({})), 'utf16le'), says: /zero byte/ },
  {
    name: 'Windows-1252',
    file: Buffer.from(file(row({ title: 'Café' })), 'latin1'),
    says: /Line 2 is not UTF-8.*Windows-1252.*Café/,
  },
  { name: 'a workbook of Excel', file: Buffer.from('PK\u0003\u0004rest of a zip'), says: /Excel workbook/ },
  {
    name: 'a picture',
    file: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00]),
    says: /zero byte|not UTF-8/,
  },
  { name: 'HTML', file: '<!doctype html>\n<html><body>Log in</body></html>', says: /names no column/ },
  { name: 'JSON', file: '[{"Handle": "a"}]', says: /header cannot be read|names no column/ },
  {
    name: 'a quote that is never closed',
    file: file(row({ sku: 'T-2' }), 'open,"Never closed,Title'),
    says: /"line":3.*never closed/,
  },
  {
    name: 'a quote in the middle of a cell',
    file: file(row({ title: '5" pipe' })),
    says: /A quote stands inside/,
  },
  {
    name: 'something behind a quote',
    file: file(row({ title: '"Big" thing' })),
    says: /behind a closing quote/,
  },
  {
    name: 'a comma without quotes',
    file: file(row({ title: 'Red, big' })),
    says: /has 9 cells, the header 8/,
  },
  { name: 'a row that ends early', file: file('thing,Thing,Title'), says: /has 3 cells, the header 8/ },
  { name: 'no handle', file: file(row({ handle: '' })), says: /"column":"Handle".*is blank/ },
  { name: 'a handle that is none', file: file(row({ handle: 'My Thing!' })), says: /is no handle.*my-thing/ },
  {
    name: 'a handle in two places',
    file: file(row({}), row({ handle: 'b', sku: 'B' }), row({ sku: 'T-9' })),
    says: /"line":4.*was on line 2 already/,
  },
  {
    name: 'no title',
    file: file(row({ title: '', handle: 'untitled' })),
    says: /"column":"Title".*is blank/,
  },
  {
    name: 'no column for the title of a new product',
    file: 'Handle,Variant SKU,Variant Price\nnew-thing,N-1,1',
    says: /Title.*needed by a new product/,
  },
  { name: 'no SKU', file: file(row({ sku: '' })), says: /"column":"Variant SKU".*is blank/ },
  {
    name: 'a SKU twice in a product',
    file: file(
      row({ handle: 'twice', name: 'Size', value: 'S' }),
      row({ handle: 'twice', title: '', name: '', value: 'M' }),
    ),
    says: /SKU T-1 .*(twice|already)/,
  },
  {
    name: 'a SKU of two products',
    file: file(row({ handle: 'one', sku: 'SAME' }), row({ handle: 'two', sku: 'SAME' })),
    says: /"handle":"two".*one has the SKU SAME/,
  },
  {
    name: 'a price with a comma',
    file: file(row({ price: '"9,00"' })),
    says: /"column":"Variant Price".*behind a point/,
  },
  { name: 'a price with a sign', file: file(row({ price: '€9' })), says: /is no price/ },
  { name: 'a price below nothing', file: file(row({ price: '-1' })), says: /is no price/ },
  { name: 'a price that is no number', file: file(row({ price: '1e999' })), says: /is no price/ },
  { name: 'too many decimals', file: file(row({ price: '9.999' })), says: /more than 2 decimals/ },
  { name: 'no price', file: file(row({ price: '' })), says: /write 0 if it costs nothing/ },
  {
    name: 'grams that are none',
    file: file(row({ grams: 'heavy' })),
    says: /"column":"Variant Grams".*no whole number/,
  },
  { name: 'grams below nothing', file: file(row({ grams: '-5' })), says: /not between 0/ },
  {
    name: 'a status that there is not',
    file: file(row({ status: 'live' })),
    says: /"column":"Status".*none of active/,
  },
  {
    name: 'something for sale that nobody can buy',
    file: 'Handle,Title,Status\nempty,Empty,active',
    says: /cannot be for sale/,
  },
  {
    name: 'an option without a value',
    file: file(row({ name: 'Size', value: '' })),
    says: /"column":"Option1 Value".*is blank/,
  },
  {
    name: 'two variants that are the same',
    file: file(
      row({ handle: 'same', name: 'Size', value: 'S', sku: 'S-1' }),
      row({ handle: 'same', title: '', name: '', value: 's', sku: 'S-2' }),
    ),
    says: /is the same as S-1/,
  },
  {
    name: 'a picture that is no address',
    file: 'Handle,Title,Image Src\npic,Picture,C:\\pictures\\1.jpg',
    says: /"column":"Image Src".*no address/,
  },
  {
    name: 'a title of a page',
    file: file(row({ title: 'x'.repeat(256) })),
    says: /256 characters; at most 255/,
  },
  { name: 'a title with a line break', file: file(row({ title: '"two\nlines"' })), says: /line break/ },
  {
    name: 'a comparison that is no bargain',
    file: 'Handle,Title,Variant SKU,Variant Price,Variant Compare At Price\nb,B,B-1,9,8',
    says: /must be more than the price/,
  },
  {
    name: 'a quantity below nothing',
    file: 'Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\nq,Q,Q-1,9,-3',
    says: /Variant Inventory Qty.*not between/,
  },
  { name: 'published or not', file: 'Handle,Title,Published\np,P,perhaps', says: /neither TRUE nor FALSE/ },
]
