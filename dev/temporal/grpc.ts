/**
 * One question to Temporal over plain gRPC, with nothing but Node: whoever only waits for a server needs no client library. A gRPC
 * message is five bytes (not compressed, length) and the protobuf message behind them.
 */
import { connect } from 'node:http2'
import type { IncomingHttpHeaders } from 'node:http2'

/** Asks a method whose request has one text in field `field`; resolves with the bytes of the answer, rejects on any refusal. */
export function askGrpc({
  address,
  method,
  field,
  text,
  timeoutMs,
}: {
  address: string
  method: string
  field: number
  text: string
  timeoutMs: number
}): Promise<Buffer> {
  const value = Buffer.from(text)
  const message = Buffer.concat([Buffer.from([(field << 3) | 2, value.length]), value])
  const frame = Buffer.alloc(5)
  frame.writeUInt32BE(message.length, 1)
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`)
    const fail = (error: Error): void => {
      session.destroy()
      reject(error)
    }
    session.once('error', fail)
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let status: unknown
    const chunks: Buffer[] = []
    stream.setTimeout(timeoutMs, () => fail(new Error(`${address} did not answer within ${timeoutMs} ms`)))
    stream.on('response', (headers: IncomingHttpHeaders) => (status = headers['grpc-status']))
    stream.on('trailers', (trailers: IncomingHttpHeaders) => (status ??= trailers['grpc-status']))
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('error', fail)
    stream.once('end', () => {
      session.close()
      if (String(status) === '0') resolve(Buffer.concat(chunks).subarray(5))
      else reject(new Error(`${method} was refused with gRPC status ${String(status)}`))
    })
    stream.end(Buffer.concat([frame, message]))
  })
}
