/**
 * Bodies that come compressed, by `content-encoding`: decoded as they arrive, by the streams of node:zlib.
 */
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { firstValue, type RawHeaders } from './headers.ts'

export const acceptEncoding = 'gzip, deflate, br'

/** A way to compress a body. */
export type Coding = 'gzip' | 'deflate' | 'br'

/** The coding of a body, null where it has none. One that is not known here is the reader's business. */
export function codingOf(headers: RawHeaders): Coding | null {
  const coding = firstValue(headers, 'content-encoding')?.trim().toLowerCase()
  switch (coding) {
    case 'gzip':
    case 'deflate':
    case 'br':
      return coding
    case 'x-gzip':
      return 'gzip'
    default:
      return null
  }
}

/** Who gets what comes out of a decoder. After `destroy()` nothing is called any more. */
export interface Decoded {
  onDecoded(chunk: Buffer): void
  onDecodedAll(): void
  onUndecodable(error: Error): void
  /** After `write` returned false: there is room again. */
  onDecoderDrained(): void
}

export interface Decoder {
  /** Returns false when it has enough for now. */
  write(chunk: Uint8Array): boolean
  end(): unknown
  pause(): unknown
  resume(): unknown
  destroy(): unknown
}

/** A decoder for a body that begins with `start`, which is still to be written to it. */
export function createDecoder(coding: Coding, start: Uint8Array, to: Decoded): Decoder {
  const stream = decoderStream(coding, start)
  stream.on('data', (chunk: Buffer) => to.onDecoded(chunk))
  stream.on('end', () => to.onDecodedAll())
  stream.on('error', (error) => to.onUndecodable(error))
  stream.on('drain', () => to.onDecoderDrained())
  return stream
}

function decoderStream(coding: Coding, start: Uint8Array) {
  if (coding === 'gzip') return createGunzip()
  if (coding === 'br') return createBrotliDecompress()
  // "deflate" means a zlib stream, which begins with its method, 8; some servers send the bare deflate data
  // all the same.
  return (start[0]! & 0x0f) === 8 ? createInflate() : createInflateRaw()
}
