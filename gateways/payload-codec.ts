import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common'
import proto from '@temporalio/proto'

/** A key of 32 bytes in base 64, and the name by which an encrypted payload asks for it. */
export interface PayloadKey {
  readonly id: string
  readonly key: string
}

const encrypted = 'binary/encrypted'
const marker = Buffer.from('"personal":')
const ivBytes = 12
const tagBytes = 16

/**
 * Encrypts every payload that holds a `personal` field, with AES-256-GCM under the newest key, and leaves all others readable, so
 * that an operator can follow an order in the Web UI without seeing who placed it (docs/decisions/payload-codec.md).
 */
export function personalCodec(keys: readonly PayloadKey[]): PayloadCodec {
  const [newest] = keys
  if (newest === undefined) throw new RangeError('At least one payload key is needed.')
  const keyOf = new Map(keys.map(({ id, key }) => [id, Buffer.from(key, 'base64')]))
  return {
    encode: async (payloads) =>
      payloads.map((payload) =>
        isPersonal(payload) ? seal(payload, newest.id, keyOf.get(newest.id)!) : payload,
      ),
    decode: async (payloads) => payloads.map((payload) => open(payload, keyOf)),
  }
}

/** The converter that API and workers share. */
export function dataConverter(keys: readonly PayloadKey[]): DataConverter {
  return { payloadCodecs: [personalCodec(keys)] }
}

function isPersonal({ data }: Payload): boolean {
  return data !== undefined && data !== null && Buffer.from(data).includes(marker)
}

function seal(payload: Payload, keyId: string, key: Buffer): Payload {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish()
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return {
    metadata: { encoding: Buffer.from(encrypted), 'encryption-key-id': Buffer.from(keyId) },
    data: Buffer.concat([iv, cipher.getAuthTag(), sealed]),
  }
}

function open(payload: Payload, keyOf: ReadonlyMap<string, Buffer>): Payload {
  const { metadata, data } = payload
  if (!data || Buffer.from(metadata?.['encoding'] ?? []).toString() !== encrypted) return payload
  const keyId = Buffer.from(metadata?.['encryption-key-id'] ?? []).toString()
  const key = keyOf.get(keyId)
  if (!key) {
    throw new Error(
      `A payload was encrypted with the key "${keyId}": add it to PAYLOAD_KEYS, behind the newest.`,
    )
  }
  const bytes = Buffer.from(data)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  const plain = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()])
  return proto.temporal.api.common.v1.Payload.decode(plain)
}
