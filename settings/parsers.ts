/** How the text of a setting becomes its value. Each parser throws a `Complaint` that says what is expected. */
import { accessSync, constants } from 'node:fs'
import { Complaint } from './read.ts'

type Parser<T> = (text: string) => T

/** Any text. */
export const text: Parser<string> = (given) => given

/** A whole number, both ends included. */
export function integer({ min, max }: { min: number; max: number }): Parser<number> {
  return (given) => {
    const number = Number(given)
    if (/^-?\d+$/.test(given) && number >= min && number <= max) return number
    throw new Complaint(`is "${given}": write a whole number from ${min} to ${max}.`)
  }
}

/** A TCP port; 0 lets the system pick one. */
export const port = integer({ min: 0, max: 65_535 })

/** A length of time in milliseconds. */
export const milliseconds = integer({ min: 1, max: 31_536_000_000 })

export const yesOrNo: Parser<boolean> = (given) => {
  if (/^(true|yes|on|1)$/i.test(given)) return true
  if (/^(false|no|off|0)$/i.test(given)) return false
  throw new Complaint(`is "${given}": write true or false.`)
}

export function oneOf<const T extends string>(choices: readonly T[]): Parser<T> {
  return (given) => {
    const found = choices.find((choice) => choice === given)
    if (found !== undefined) return found
    throw new Complaint(`is "${given}": write one of ${choices.join(', ')}.`)
  }
}

/** Several, separated by commas. The text `none` is the empty list. */
export function listOf<T>(item: Parser<T>): Parser<T[]> {
  return (given) => {
    if (given === 'none') return []
    const parts = given.split(',').map((part) => part.trim())
    return parts.filter((part) => part !== '').map(item)
  }
}

/**
 * An address with one of these schemes, without a trailing slash. Complaints never repeat it, because an address may hold a
 * password.
 */
export function url(...schemes: readonly string[]): Parser<string> {
  const expected = `write an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}.`
  return (given) => {
    if (!URL.canParse(given)) throw new Complaint(`is not an address: ${expected}`)
    if (!schemes.includes(new URL(given).protocol.slice(0, -1))) {
      throw new Complaint(`has the wrong scheme: ${expected}`)
    }
    return given.replace(/\/+$/, '')
  }
}

/** The scheme, host and port of a site, as browsers send it in `Origin`. */
export const origin: Parser<string> = (given) => new URL(url('http', 'https')(given)).origin

export const hostAndPort: Parser<string> = (given) => {
  if (/^[^\s/:]+:\d{1,5}$/.test(given) || /^\[[0-9a-fA-F:]+\]:\d{1,5}$/.test(given)) return given
  throw new Complaint(`is "${given}": write host:port, such as 127.0.0.1:7233.`)
}

/** ISO 3166-1 alpha-2. */
export const country: Parser<string> = (given) => {
  if (/^[A-Z]{2}$/.test(given)) return given
  throw new Complaint(`is "${given}": write a country as two capital letters, such as DE.`)
}

/** A mailbox, with or without a name: `Shop <shop@example.com>`. */
export const mailbox: Parser<string> = (given) => {
  if (/^[^<>@\s]+@[^<>@\s]+$/.test(given) || /^[^<>]+<[^<>@\s]+@[^<>@\s]+>$/.test(given)) return given
  throw new Complaint(`is "${given}": write a mail address, such as Shop <shop@example.com>.`)
}

/** A bare mail address. */
export const address: Parser<string> = (given) => {
  if (/^[^<>@\s]+@[^<>@\s]+$/.test(given)) return given
  throw new Complaint(`is "${given}": write a mail address without a name, such as stock@example.com.`)
}

/** A time zone by its IANA name. */
export const timeZone: Parser<string> = (given) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone
  } catch {
    throw new Complaint(`is "${given}": write a time zone, such as Europe/Berlin or UTC.`)
  }
}

/** The path of a file that this process may read. */
export const readableFile: Parser<string> = (given) => {
  try {
    accessSync(given, constants.R_OK)
    return given
  } catch {
    throw new Complaint(`names ${given}, which cannot be read: check the path and who may read it.`)
  }
}

/** A secret long enough to sign with. Complaints never repeat it. */
export const signingKey: Parser<string> = (given) => {
  if (given.length >= 32) return given
  throw new Complaint(
    `has a key of ${given.length} characters: use at least 32, as "openssl rand -hex 32" makes them.`,
  )
}

/** A key for AES-256 with the id that is written beside each text it encrypted. */
export const payloadKey: Parser<{ id: string; key: string }> = (given) => {
  const [id = '', key = ''] = given.split(/:(.*)/)
  const bytes = Buffer.from(key, 'base64')
  if (/^[\w-]{1,32}$/.test(id) && bytes.length === 32 && bytes.toString('base64') === key) return { id, key }
  throw new Complaint(
    'has a key that is not id:key with 32 bytes in base 64, as "openssl rand -base64 32" makes them.',
  )
}
