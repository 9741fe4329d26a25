/** How a response goes out on node:http: as a whole, compressed, or piece by piece behind its head. */
import type { ServerResponse } from 'node:http'
import type { Coroutine } from 'polvo'
import type { Encoding } from './accept-encoding.ts'
import { compressed, compressorFor, encodingFor, noteEncoding } from './compression.ts'
import type { Exchange } from './exchange.ts'
import { TEXT } from './respond.ts'
import type { HttpResponse } from './response.ts'
import { ResponseWriter } from './writer.ts'

/** A response of plain text at which nobody looks: most of what is sent in a hurry. */
export function sendText(outgoing: ServerResponse, body: string): void {
  outgoing.writeHead(200, ['content-type', TEXT, 'content-length', String(Buffer.byteLength(body))])
  outgoing.end(body)
}

/** A response whose body is there as a whole, as it is. */
export function sendAtOnce(outgoing: ServerResponse, response: HttpResponse): void {
  const { status, body } = response
  if (status === 204 || status === 304) {
    outgoing.writeHead(status, response._head(null))
    outgoing.end()
  } else {
    outgoing.writeHead(status, response._head(lengthOf(body)))
    outgoing.end(body ?? undefined)
  }
}

/** A response whose body is there as a whole. Returns what is left to do: to compress it. */
export function sendWhole(exchange: Exchange, response: HttpResponse): Coroutine | undefined {
  const { body } = response
  const encoding = body === null ? null : chosenEncoding(exchange, response, lengthOf(body))
  if (encoding !== null) return compressAndSend(exchange.outgoing, response, encoding)
  sendAtOnce(exchange.outgoing, response)
  return undefined
}

function* compressAndSend(outgoing: ServerResponse, response: HttpResponse, encoding: Encoding): Coroutine {
  const bytes = yield* compressed(response.body as string | Uint8Array, encoding)
  noteEncoding(response, encoding)
  outgoing.writeHead(response.status, response._head(bytes.length))
  outgoing.end(bytes)
}

/** Send the head of a streamed response. Returns where its body is to be written to; null where none is sent. */
export function beginStream(
  exchange: Exchange,
  response: HttpResponse,
  hasBody: boolean,
): ResponseWriter | null {
  const { outgoing, incoming } = exchange
  const length = response.getHeader('content-length')
  const encoding = hasBody
    ? chosenEncoding(exchange, response, length === undefined ? null : Number(length))
    : null
  if (encoding !== null) noteEncoding(response, encoding)
  outgoing.writeHead(response.status, response._head(null))
  outgoing.flushHeaders()
  if (hasBody && incoming.method !== 'HEAD') {
    return new ResponseWriter(outgoing, encoding === null ? outgoing : compressorFor(outgoing, encoding))
  }
  outgoing.end()
  return null
}

function chosenEncoding(
  { running, request }: Exchange,
  response: HttpResponse,
  length: number | null,
): Encoding | null {
  const { compressionThreshold } = running
  return compressionThreshold === null ? null : encodingFor(request, response, length, compressionThreshold)
}

function lengthOf(body: string | Uint8Array | null): number {
  if (body === null) return 0
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length
}
