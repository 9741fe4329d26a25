/** Compression of what is sent, for clients that take it. */
import type { ServerResponse } from 'node:http'
import type { Transform } from 'node:stream'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import { type Coroutine, fromCallback } from 'polvo'
import { acceptedEncodings, type Encoding } from './accept-encoding.ts'
import type { HttpRequest } from './request.ts'
import type { HttpResponse } from './response.ts'

/** How an application compresses its responses. */
export interface CompressionOptions {
  /** Bodies of fewer bytes are sent as they are; by default 1,024. */
  threshold?: number | undefined
}

const THRESHOLD = 1024
/** As much as pays for what is compressed anew each time. */
const BROTLI_QUALITY = 4

/** Types that shrink. Pictures, films and archives are compressed already. */
const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:json|javascript|xml|wasm|x-ndjson)|image\/svg|font\/(?:ttf|otf)|[^;]+\+(?:json|xml|text))/

/** Which encoding a response is to be sent in; null for as it is. Notes that it depends on the client. */
export function encodingFor(
  request: HttpRequest,
  response: HttpResponse,
  length: number | null,
  threshold: number,
): Encoding | null {
  if (length !== null && length < threshold) return null
  const { status } = response
  if (
    status === 204 ||
    status === 206 ||
    status === 304 ||
    response.getHeader('content-encoding') !== undefined
  )
    return null
  if (!COMPRESSIBLE.test(response.getHeader('content-type') ?? '')) return null
  if (/\bno-transform\b/.test(response.getHeader('cache-control') ?? '')) return null
  if (!/\baccept-encoding\b|\*/i.test(response.getHeader('vary') ?? ''))
    response.appendHeader('vary', 'accept-encoding')
  return acceptedEncodings(request.headers['accept-encoding'])[0] ?? null
}

/** Note in the header that the body is compressed: it is another one than the tag stands for. */
export function noteEncoding(response: HttpResponse, encoding: Encoding): void {
  response
    .setHeader('content-encoding', encoding)
    .removeHeader('content-length')
    .removeHeader('accept-ranges')
  const etag = response.getHeader('etag')
  if (etag !== undefined && !etag.startsWith('W/')) response.setHeader('etag', `W/${etag}`)
}

/** A whole body, compressed. */
export function* compressed(body: string | Uint8Array, encoding: Encoding): Coroutine<Buffer> {
  return yield* fromCallback<Buffer>((done) => {
    if (encoding === 'gzip') gzip(body, done)
    else brotliCompress(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }, done)
  })
}

/** A compressor before the connection. What is written leaves it at once, so that who streams is not held up. */
export function compressorFor(outgoing: ServerResponse, encoding: Encoding): Transform {
  const compressor =
    encoding === 'gzip'
      ? createGzip({ flush: constants.Z_SYNC_FLUSH })
      : createBrotliCompress({
          flush: constants.BROTLI_OPERATION_FLUSH,
          params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
        })
  compressor.pipe(outgoing)
  outgoing.once('close', () => compressor.destroy())
  return compressor
}

/** The threshold of an application; null where it does not compress. */
export function thresholdOf(options: CompressionOptions | boolean | undefined): number | null {
  if (options === undefined || options === false) return null
  return options === true ? THRESHOLD : (options.threshold ?? THRESHOLD)
}
