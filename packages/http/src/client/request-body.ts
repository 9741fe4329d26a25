/**
 * What a request sends as its body: how it is typed, how long it is, and whether it can be sent a second
 * time.
 */
import { misuse } from 'polvo/lowlevel'
import type { Coding } from './decompress.ts'
import { MultipartForm } from './multipart.ts'
import { type Chunks, isSource } from './sources.ts'
import { bytesOf, describe, Upload } from './upload.ts'

/**
 * A body to send. Text, bytes (also an array of them), forms, URLSearchParams and Blobs are sent with their
 * length; any other source of bytes is streamed, once, in chunked encoding.
 */
export type RequestData =
  | string
  | Uint8Array
  | ArrayBuffer
  | URLSearchParams
  | FormData
  | MultipartForm
  | Blob
  | Chunks

/** A body opened for one exchange, as a connection takes it. */
export type Content = Buffer | AsyncIterable<Uint8Array> | Upload | null

export interface RequestBody {
  /** Its content-type. */
  readonly type: string
  /** Its content-encoding; null for none. */
  readonly coding: Coding | null
  /** In bytes, where its content does not tell; null where it does, or nobody knows. */
  readonly length: number | null
  /** Whether it can be opened more than once. */
  readonly canRepeat: boolean
  open(): Content
  /** As `open`, piece by piece and for nobody in particular. */
  chunks(): Chunks
}

/** The body for the options of a request, null for none. @throws TypeError */
export function requestBody(
  json: unknown,
  data: RequestData | undefined,
  serializeJson: (value: unknown) => string | undefined,
): RequestBody | null {
  if (json === undefined) return data === undefined ? null : bodyOfData(data)
  if (data !== undefined) throw misuse('A request has one body: give json or data, not both.')
  const text = serializeJson(json)
  if (text === undefined) throw misuse(`json takes what JSON can say, and was given ${describe(json)}.`)
  return bytesBody('application/json', Buffer.from(text))
}

function bodyOfData(data: RequestData): RequestBody {
  if (typeof data === 'string') return bytesBody('text/plain;charset=utf-8', Buffer.from(data))
  if (ArrayBuffer.isView(data) || data instanceof ArrayBuffer) return bytesBody(OCTETS, bytesOf(data))
  if (data instanceof URLSearchParams) {
    return bytesBody('application/x-www-form-urlencoded;charset=utf-8', Buffer.from(data.toString()))
  }
  if (data instanceof FormData) return formBody(MultipartForm._from(data))
  if (data instanceof MultipartForm) return formBody(data)
  if (data instanceof Blob) {
    const open = () => data.stream()
    return { type: data.type || OCTETS, coding: null, length: data.size, canRepeat: true, open, chunks: open }
  }
  if (Array.isArray(data)) return bytesBody(OCTETS, Buffer.concat(data.map(bytesOf)))
  if (isSource(data)) {
    const open = () => new Upload(data)
    return { type: OCTETS, coding: null, length: null, canRepeat: false, open, chunks: () => data }
  }
  throw misuse(
    'data takes text, bytes, forms, URLSearchParams, a Blob or a source of bytes, and was given ' +
      `${describe(data)}. For an object, give json, or new URLSearchParams(object).`,
  )
}

function formBody(form: MultipartForm): RequestBody {
  const { _type: type, _length: length, _canRepeat: canRepeat } = form
  const chunks = () => form._chunks()
  // A stream is read in a task of its own, so that its code may await.
  const open = () => (canRepeat ? chunks() : new Upload(chunks()))
  return { type, coding: null, length, canRepeat, open, chunks }
}

const OCTETS = 'application/octet-stream'

function bytesBody(type: string, bytes: Buffer): RequestBody {
  return { type, coding: null, length: null, canRepeat: true, open: () => bytes, chunks: () => [bytes] }
}
