/**
 * What a request sends as its body: how it is typed, how long it is, and whether it can be sent a second
 * time.
 */
import { misuse } from 'polvo/lowlevel'
import { Multipart } from './multipart.ts'
import { bytesOf, type Chunks, describe, Upload } from './upload.ts'

/**
 * A body to send. Text, bytes (also an array of them), forms, URLSearchParams and Blobs are sent with their
 * length; any other iterable of bytes is streamed, once, in chunked encoding.
 */
export type RequestData = string | Uint8Array | ArrayBuffer | URLSearchParams | FormData | Blob | Chunks

/** A body opened for one exchange, as a connection takes it. */
export type Content = Buffer | AsyncIterable<Uint8Array> | Upload | null

export interface RequestBody {
  /** Its content-type. */
  readonly type: string
  /** In bytes, where its content does not tell; null where it does, or nobody knows. */
  readonly length: number | null
  /** Whether it can be opened more than once. */
  readonly canRepeat: boolean
  open(): Content
}

/** The body for the options of a request, null for none. @throws TypeError */
export function requestBody(json: unknown, data: RequestData | undefined): RequestBody | null {
  if (json === undefined) return data === undefined ? null : bodyOfData(data)
  if (data !== undefined) throw misuse('A request has one body: give json or data, not both.')
  const text = JSON.stringify(json) as string | undefined
  if (text === undefined) throw misuse(`json takes what JSON can say, and was given ${describe(json)}.`)
  return bytesBody('application/json', Buffer.from(text))
}

function bodyOfData(data: RequestData): RequestBody {
  if (typeof data === 'string') return bytesBody('text/plain;charset=utf-8', Buffer.from(data))
  if (ArrayBuffer.isView(data) || data instanceof ArrayBuffer) return bytesBody(OCTETS, bytesOf(data))
  if (data instanceof URLSearchParams) {
    return bytesBody('application/x-www-form-urlencoded;charset=utf-8', Buffer.from(data.toString()))
  }
  if (data instanceof FormData) {
    const form = new Multipart(data)
    return { type: form.type, length: form.length, canRepeat: true, open: () => form }
  }
  if (data instanceof Blob) {
    return { type: data.type || OCTETS, length: data.size, canRepeat: true, open: () => data.stream() }
  }
  if (Array.isArray(data)) return bytesBody(OCTETS, Buffer.concat(data.map(bytesOf)))
  if (
    typeof data === 'object' &&
    data !== null &&
    (Symbol.asyncIterator in data || Symbol.iterator in data)
  ) {
    return { type: OCTETS, length: null, canRepeat: false, open: () => new Upload(data) }
  }
  throw misuse(
    'data takes text, bytes, FormData, URLSearchParams, a Blob or an iterable of bytes, and was given ' +
      `${describe(data)}. For an object, give json, or new URLSearchParams(object).`,
  )
}

const OCTETS = 'application/octet-stream'

function bytesBody(type: string, bytes: Buffer): RequestBody {
  return { type, length: null, canRepeat: true, open: () => bytes }
}
