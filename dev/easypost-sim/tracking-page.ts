import type { wireTracker } from './tracking.ts'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const inWords = (status: string): string => {
  const words = status.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The page behind a tracker's `public_url`, as a customer sees it. It looks again every five seconds. */
export function trackingPage(tracker: ReturnType<typeof wireTracker>): string {
  const scans = tracker.tracking_details.toReversed().map(({ message, datetime, tracking_location }) => {
    const place = [tracking_location.city, tracking_location.country]
      .filter((part) => part !== null)
      .join(', ')
    return `<li><strong>${escaped(message)}</strong><span>${escaped(place)}${place === '' ? '' : ' · '}${escaped(datetime.replace('T', ' ').replace('Z', ' UTC'))}</span></li>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>${escaped(tracker.tracking_code)}</title>
<style>
body{margin:0;background:#f4f5f7;color:#1c2430;font:16px/1.5 -apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif}
main{max-width:520px;margin:48px auto;background:#fff;border:1px solid #e6e8ec;border-radius:12px;padding:32px 36px}
p{margin:0;color:#667085}h1{margin:4px 0 4px;font-size:28px}code{font-size:15px}
ol{list-style:none;margin:28px 0 0;padding:0;border-left:2px solid #e6e8ec}
li{position:relative;padding:0 0 18px 20px}li:last-child{padding-bottom:0}
li::before{content:'';position:absolute;left:-6px;top:8px;width:10px;height:10px;border-radius:50%;background:#c9ced6}
li:first-child::before{background:#1f5d4c}li span{display:block;font-size:14px;color:#667085}
</style>
</head>
<body>
<main>
<p>${escaped(tracker.carrier)}</p>
<h1>${escaped(inWords(tracker.status))}</h1>
<code>${escaped(tracker.tracking_code)}</code>
${scans.length === 0 ? '<p style="margin-top:24px">The carrier has not heard of this parcel yet.</p>' : `<ol>${scans.join('')}</ol>`}
</main>
</body>
</html>
`
}
