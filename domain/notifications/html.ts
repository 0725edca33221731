import { formatMoney } from '../money.ts'
import { oneLine, sumRows } from './letter.ts'
import type { OrderLetter } from './letter.ts'

/**
 * The parts of a letter in HTML. Mail programs take tables and inline styles, and little else (Outlook renders with Word's engine,
 * Gmail drops style sheets from forwarded mails), so there is no style sheet, no image and no script.
 */
const ink = '#1c2430'
const muted = '#667085'
const line = '#e6e8ec'
const accent = '#1f5d4c'
const font = "-apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif"

/** Each table says its own type and colour: in old rendering modes tables inherit neither. */
const inherited = `font-family:${font};font-size:15px;line-height:1.5;color:${ink};`

/** A table that is there for the layout; `style` and attributes are ours, never a person's. */
function table({ rows, style = '', width = '' }: { rows: Html; style?: string; width?: string }): Html {
  return `<table role="presentation"${width === '' ? '' : ` width="${width}"`} cellpadding="0" cellspacing="0" border="0" style="${inherited}${style}">${rows}</table>`
}

/** A piece of HTML that is already safe. Only `escaped` and templates of this folder make one. */
export type Html = string

/** Text from anywhere, as HTML: on one line, with nothing in it that a mail program could take for a tag or an attribute. */
export function escaped(text: string): Html {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** The whole page around a letter: the shop's name on top, a white card, a footer. `preview` is what inboxes show beside the subject. */
export function page(parts: {
  shopName: string
  title: string
  preview: string
  body: Html
  footer: Html
}): Html {
  const card = table({
    width: '600',
    style: 'width:100%;max-width:600px;',
    rows: `
<tr><td style="padding:0 8px 20px;font-size:20px;font-weight:700;letter-spacing:-0.2px;color:${accent};">${escaped(parts.shopName)}</td></tr>
<tr><td style="background:#ffffff;border:1px solid ${line};border-radius:12px;padding:36px 36px 32px;">
${parts.body}
</td></tr>
<tr><td style="padding:20px 8px 0;font-size:12px;line-height:1.6;color:${muted};">${parts.footer}</td></tr>
`,
  })
  const backdrop = table({
    width: '100%',
    style: 'background:#f4f5f7;',
    rows: `<tr><td align="center" style="padding:32px 12px;">${card}</td></tr>`,
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light">
<title>${escaped(parts.title)}</title>
</head>
<body style="margin:0;padding:0;background:#f4f5f7;">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">${escaped(parts.preview)}</div>
${backdrop}
</body>
</html>
`
}

export function heading(text: string): Html {
  return `<h1 style="margin:0 0 8px;font-size:26px;line-height:1.25;letter-spacing:-0.4px;color:${ink};">${escaped(text)}</h1>`
}

export function paragraph(content: Html): Html {
  return `<p style="margin:0 0 20px;color:${ink};">${content}</p>`
}

/** A link inside text. */
export function link({ href, label }: { href: string; label: string }): Html {
  return `<a href="${escaped(href)}" style="color:${accent};">${escaped(label)}</a>`
}

/** A button that is a table cell, which Outlook draws too. */
export function button({ href, label }: { href: string; label: string }): Html {
  const face = `<a href="${escaped(href)}" style="display:inline-block;padding:12px 24px;font-weight:600;color:#ffffff;text-decoration:none;">${escaped(label)}</a>`
  return table({
    style: 'margin:4px 0 28px;',
    rows: `<tr><td style="background:${accent};border-radius:8px;">${face}</td></tr>`,
  })
}

export function sectionTitle(text: string): Html {
  return `<p style="margin:0 0 6px;font-size:12px;font-weight:600;letter-spacing:0.6px;text-transform:uppercase;color:${muted};">${escaped(text)}</p>`
}

/** Short texts side by side, e.g. where it goes and how. */
export function columns(cells: readonly { title: string; lines: readonly string[] }[]): Html {
  const width = Math.floor(100 / cells.length)
  const shown = cells.map(
    ({ title, lines }) =>
      `<td width="${width}%" valign="top" style="padding:24px 12px 0 0;word-break:break-word;">${sectionTitle(title)}${lines.map(escaped).join('<br>')}</td>`,
  )
  return table({
    width: '100%',
    style: `margin-top:28px;border-top:1px solid ${line};`,
    rows: `<tr>${shown.join('')}</tr>`,
  })
}

/** An amount never breaks over two lines. */
const unbroken = (text: string): Html => escaped(text).replaceAll(' ', '&nbsp;')

/** The goods with quantity, unit price and total, and the sum below them. */
export function goodsAndSum({ lines, totals, currency }: OrderLetter): Html {
  const money = (amount: number): Html => unbroken(formatMoney({ amount, currency }))
  const goods = lines.map(
    (item) => `<tr>
<td style="padding:14px 12px 14px 0;border-bottom:1px solid ${line};word-break:break-word;"><span style="font-weight:600;">${escaped(item.name)}</span><br><span style="font-size:13px;color:${muted};">${escaped(item.sku)} &nbsp;·&nbsp; ${item.quantity} × ${money(item.unitPriceMinor)}</span></td>
<td align="right" valign="top" style="padding:14px 0;border-bottom:1px solid ${line};white-space:nowrap;">${money(item.totalMinor)}</td>
</tr>`,
  )
  const styles = {
    part: `padding:4px 0;color:${muted};`,
    total: `padding:12px 0 4px;font-size:18px;font-weight:700;color:${ink};`,
    note: `padding:0;font-size:13px;color:${muted};`,
  }
  const sum = sumRows({ totals, currency }).map(
    ({ label, amount, kind }) =>
      `<tr><td style="${styles[kind]}">${escaped(label)}</td><td align="right" style="${styles[kind]}white-space:nowrap;">${unbroken(amount)}</td></tr>`,
  )
  const gap = '<tr><td colspan="2" style="height:14px;line-height:14px;">&nbsp;</td></tr>'
  return table({
    width: '100%',
    style: `border-top:1px solid ${line};`,
    rows: ['', ...goods, gap, ...sum, ''].join('\n'),
  })
}

/** What is in a parcel, in one list. */
export function packingList(lines: readonly { name: string; quantity: number }[]): Html {
  const rows = lines.map(
    ({ name, quantity }) =>
      `<tr><td valign="top" style="padding:3px 12px 3px 0;white-space:nowrap;color:${muted};">${quantity} ×</td><td width="100%" style="padding:3px 0;word-break:break-word;">${escaped(name)}</td></tr>`,
  )
  return table({ rows: rows.join('') })
}

/** A framed block inside the card, e.g. one parcel. */
export function panel(content: Html): Html {
  const frame = `padding:20px 22px;background:#f8f9fb;border:1px solid ${line};border-radius:10px;`
  return table({
    width: '100%',
    style: 'margin:0 0 16px;',
    rows: `<tr><td style="${frame}">${content}</td></tr>`,
  })
}
