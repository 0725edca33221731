import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { OrderId } from '../../domain/ids.ts'
import { renderConfirmation } from '../../domain/notifications/confirmation.ts'
import { oneLine, serviceInWords, webLink } from '../../domain/notifications/letter.ts'
import type { LetterParcel, OrderLetter } from '../../domain/notifications/letter.ts'
import { renderShipped } from '../../domain/notifications/shipped.ts'

function aLetter(changes: Partial<OrderLetter> = {}): OrderLetter {
  return {
    orderId: 'ord_01jd6vq9kqe8tbz2m4k8w9x7cd' as OrderId,
    number: 'CW-10042',
    currency: 'EUR',
    placedAt: '2026-11-22T23:59:59.000Z',
    lines: [
      { name: 'Merino socks', sku: 'SOCK-3', quantity: 2, unitPriceMinor: 2450, totalMinor: 4900 },
      { name: 'Enamel mug', sku: 'MUG-1', quantity: 1, unitPriceMinor: 1199, totalMinor: 1199 },
    ],
    totals: {
      subtotalMinor: 6099,
      discountMinor: 610,
      shippingMinor: 549,
      taxMinor: 0,
      taxIncludedMinor: 964,
      roundingMinor: 0,
      totalMinor: 6038,
    },
    shippingLabel: 'DHL Parcel, 2 days',
    orderUrl: 'https://shop.example/orders/ord_1?token=abc&lang=en',
    personal: {
      email: 'ada@example.com',
      shipTo: {
        name: 'Ada Lovelace',
        line1: 'Marktgasse 7',
        city: 'Bern',
        postalCode: '3011',
        country: 'CH',
      },
    },
    ...changes,
  }
}

const aParcel = (changes: Partial<LetterParcel> = {}): LetterParcel => ({
  carrier: 'DHLExpress',
  service: 'ExpressWorldwide',
  trackingCode: '4711',
  trackingUrl: 'https://carrier.example/track/4711',
  lines: [{ name: 'Merino socks', quantity: 2 }],
  ...changes,
})

/** What a reader sees of the HTML: without tags, with one space for each run of white space. */
function seen(html: string): string {
  return html
    .replace(/^[\s\S]*<body/, '<body')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('\u00a0', ' ')
    .replace(/\s+/g, ' ')
}

const plain = (text: string): string => text.replaceAll('\u00a0', ' ').replace(/ +/g, ' ')

const money = (totals: Partial<OrderLetter['totals']>): OrderLetter['totals'] => ({
  subtotalMinor: 0,
  discountMinor: 0,
  shippingMinor: 0,
  taxMinor: 0,
  taxIncludedMinor: 0,
  roundingMinor: 0,
  totalMinor: 0,
  ...totals,
})

describe('the confirmation mail', () => {
  it('shows the goods, the sum, the address, the number and the link, as HTML and as text', () => {
    const { subject, html, text } = renderConfirmation({ shopName: 'Cartwright', letter: aLetter() })

    assert.equal(subject, 'Your order CW-10042 is confirmed')
    for (const shown of [seen(html), plain(text)]) {
      assert.match(shown, /CW-10042/)
      assert.match(shown, /November 22, 2026/)
      assert.match(shown, /Merino socks/)
      assert.match(shown, /SOCK-3/)
      assert.match(shown, /2 × €24\.50/)
      assert.match(shown, /€49\.00/)
      assert.match(shown, /Subtotal €60\.99/)
      assert.match(shown, /Discount -€6\.10/)
      assert.match(shown, /Shipping €5\.49/)
      assert.match(shown, /Total €60\.38/)
      assert.match(shown, /Ada Lovelace\s+Marktgasse 7\s+3011 Bern\s+Switzerland/)
      assert.match(shown, /DHL Parcel, 2 days/)
    }
    assert.ok(html.includes('href="https://shop.example/orders/ord_1?token=abc&amp;lang=en"'))
    assert.ok(text.includes('https://shop.example/orders/ord_1?token=abc&lang=en'))
  })

  it('adds tax on top, and only mentions tax that the prices include', () => {
    const included = renderConfirmation({ shopName: 'Cartwright', letter: aLetter() })
    const totals = money({ subtotalMinor: 10_000, taxMinor: 825, shippingMinor: 500, totalMinor: 11_325 })
    const onTop = renderConfirmation({ shopName: 'Cartwright', letter: aLetter({ currency: 'USD', totals }) })

    assert.match(seen(included.html), /Shipping €5\.49 Total €60\.38 Includes tax of €9\.64/)
    assert.match(seen(onTop.html), /Shipping \$5\.00 Tax \$8\.25 Total \$113\.25/)
    assert.doesNotMatch(onTop.html + onTop.text, /Includes tax/)
  })

  it('writes yen without and dinars with three decimals, and their rounding', () => {
    const yen = renderConfirmation({
      shopName: 'Cartwright',
      letter: aLetter({ currency: 'JPY', totals: money({ subtotalMinor: 3980, totalMinor: 3980 }) }),
    })
    const dinars = renderConfirmation({
      shopName: 'Cartwright',
      letter: aLetter({
        currency: 'KWD',
        totals: money({ subtotalMinor: 12_345, shippingMinor: 1500, roundingMinor: -5, totalMinor: 13_840 }),
      }),
    })

    assert.match(seen(yen.html), /Subtotal ¥3,980 Shipping Free Total ¥3,980/)
    assert.match(
      seen(dinars.html),
      /Subtotal KWD 12\.345 Shipping KWD 1\.500 Rounding -KWD 0\.005 Total KWD 13\.840/,
    )
    assert.match(plain(dinars.text), /Total KWD 13\.840/)
  })

  it('takes nothing that a customer wrote for HTML', () => {
    const evil = `<img src=x onerror="alert('1')">&amp;`
    const letter = aLetter({
      number: evil,
      shippingLabel: evil,
      lines: [{ name: evil, sku: evil, quantity: 1, unitPriceMinor: 1, totalMinor: 1 }],
      personal: {
        email: evil,
        shipTo: {
          name: evil,
          line1: evil,
          line2: evil,
          city: evil,
          region: evil,
          postalCode: evil,
          country: 'US',
        },
      },
    })
    const mails = [
      renderConfirmation({ shopName: evil, letter }),
      renderShipped({
        shopName: evil,
        letter,
        parcels: [aParcel({ carrier: evil, service: evil, trackingCode: evil, lines: letter.lines })],
      }),
    ]

    for (const { html } of mails) {
      assert.ok(!html.includes('<img'))
      assert.ok(html.includes('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;'))
    }
  })

  it('keeps any name inside its own line, whatever characters it has', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const letter = aLetter({ number: name })
        const { subject, html, text } = renderConfirmation({ shopName: 'Cartwright', letter })

        assert.doesNotMatch(subject, /[\r\n\u2028\u2029]/)
        assert.equal(
          text.split('\n').length,
          renderConfirmation({ shopName: 'Cartwright', letter: aLetter() }).text.split('\n').length,
        )
        assert.equal(
          html.match(/<[a-z]/g)?.length,
          renderConfirmation({ shopName: 'Cartwright', letter: aLetter() }).html.match(/<[a-z]/g)?.length,
        )
      }),
    )
  })

  it('leaves out a link that a browser should not follow', () => {
    for (const orderUrl of ['javascript:alert(1)', 'not a link', 'data:text/html,x']) {
      const { html, text } = renderConfirmation({ shopName: 'Cartwright', letter: aLetter({ orderUrl }) })

      assert.ok(!html.includes('href='))
      assert.ok(!text.includes(orderUrl))
    }
    assert.equal(webLink('https://shop.example/a'), 'https://shop.example/a')
    assert.equal(webLink(null), null)
  })
})

describe('the shipping mail', () => {
  it('shows each parcel with its carrier, its tracking number, its link and what is in it', () => {
    const parcels = [
      aParcel(),
      aParcel({
        carrier: 'UPS',
        service: 'UPSStandard',
        trackingCode: '1Z9',
        trackingUrl: null,
        lines: [{ name: 'Enamel mug', quantity: 1 }],
      }),
    ]
    const { subject, html, text } = renderShipped({ shopName: 'Cartwright', letter: aLetter(), parcels })

    assert.equal(subject, 'Your order CW-10042 is on its way')
    for (const shown of [seen(html), plain(text)]) {
      assert.match(shown, /DHL Express Worldwide/)
      assert.match(shown, /4711/)
      assert.match(shown, /2 × Merino socks/)
      assert.match(shown, /UPS Standard/)
      assert.match(shown, /1Z9/)
      assert.match(shown, /1 × Enamel mug/)
      assert.match(shown, /Ada Lovelace/)
    }
    assert.equal(html.match(/Track this parcel/g)?.length, 1)
    assert.ok(text.includes('https://carrier.example/track/4711'))
  })
})

describe('the words of a letter', () => {
  it('names a carrier once, in words', () => {
    const named = (carrier: string, service: string): string => serviceInWords({ carrier, service })

    assert.equal(named('DHLExpress', 'ExpressWorldwide'), 'DHL Express Worldwide')
    assert.equal(named('UPS', 'UPSStandard'), 'UPS Standard')
    assert.equal(named('USPS', 'GroundAdvantage'), 'USPS Ground Advantage')
    assert.equal(named('FedEx', 'FEDEX_GROUND'), 'FedEx GROUND')
    assert.equal(named('Cartwright Table', 'Standard'), 'Cartwright Table Standard')
  })

  it('takes control characters and direction marks out of a line', () => {
    assert.equal(oneLine('  a\r\nb\u202ec\u0000d '), 'a bc d')
  })
})
