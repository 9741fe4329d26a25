/**
 * The parts of a multipart body, one after another. Whoever reads a part pulls the body through the parser, chunk by chunk: what nobody
 * reads stays with the client, and little is kept in memory.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { Busboy, type BusboyFileStream, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'
import { type Awaitable, type Coroutine, fromCallback, InvalidStateError } from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import { HttpBadRequest, HttpError, HttpPayloadTooLarge, HttpUnsupportedMediaType } from './http-error.ts'
import { charsetOf, decodeText, mediaTypeOf } from './media-type.ts'
import type { RequestStream } from './request-stream.ts'

/** Limits of a form with parts; what is beyond them is a 413. */
export interface MultipartOptions {
  /** How many bytes a file may have; by default as many as the whole body. */
  maxFileSize?: number | undefined
  /** How many bytes a field that is no file may have; by default 1 MiB. */
  maxFieldSize?: number | undefined
  /** How many parts there may be; by default 1,000. */
  maxParts?: number | undefined
}

/** The parts of a `multipart/form-data` body: for `forEach` in the generator spelling, `for await` in the other. */
export class MultipartStream implements AsyncIterable<MultipartPart> {
  readonly #body: RequestStream
  readonly #busboy: BusboyInstance
  readonly #parts: MultipartPart[] = []
  #current: MultipartPart | null = null
  #failure: unknown = null
  #isFinished = false
  #hasBodyEnded = false

  /** @internal */
  constructor(body: RequestStream, headers: IncomingHttpHeaders, options: MultipartOptions) {
    const type = headers['content-type']
    if (mediaTypeOf(type) !== 'multipart/form-data') {
      throw new HttpUnsupportedMediaType('The body is no multipart/form-data.')
    }
    if (body.isRead) throw new InvalidStateError('The body was read before; it is read once.')
    this.#body = body
    this.#busboy = busboyFor(headers as BusboyHeaders, options)
    this.#busboy.on('field', (name, value, isNameCut, isCut, _encoding, type) => {
      if (isNameCut || isCut) return this.#fail(new HttpPayloadTooLarge(`The field ${name} is too long.`))
      this.#add(new MultipartPart(this, name, null, type)._chunk(Buffer.from(value))._end())
    })
    this.#busboy.on('file', (name, file, filename, _encoding, type) =>
      this.#addFile(name, file, filename, type),
    )
    for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      this.#busboy.on(event, () => this.#fail(new HttpPayloadTooLarge('The form has too many parts.')))
    }
    this.#busboy.on('error', (cause) => this.#fail(brokenForm(cause)))
    this.#busboy.on('finish', () => {
      this.#isFinished = true
    })
  }

  #addFile(name: string, file: BusboyFileStream, filename: string, type: string): void {
    const part = new MultipartPart(this, name, filename ?? '', type)
    file.on('data', (chunk: Buffer) => part._chunk(chunk))
    file.on('end', () => part._end())
    file.on('limit', () => this.#fail(new HttpPayloadTooLarge(`The file ${name} is too long.`)))
    file.on('error', (cause) => this.#fail(brokenForm(cause)))
    this.#add(part)
  }

  #add(part: MultipartPart): void {
    this.#parts.push(part)
  }

  #fail(error: unknown): void {
    this.#failure ??= error
  }

  /** The next part; what was not read of the one before is skipped. A checkpoint where it waits. */
  next(): Awaitable<IteratorResult<MultipartPart, undefined>> {
    return namedCall('request.multipart().next()', nextPart, this)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<MultipartPart, undefined> {
    for (;;) {
      const { done, value } = await this.next()
      if (done) return
      yield value
    }
  }

  /** @internal */
  *_next(): Coroutine<MultipartPart | undefined> {
    if (this.#current !== null) while ((yield* this.#current._next()) !== undefined);
    for (;;) {
      const part = this.#parts.shift()
      if (part !== undefined) {
        this.#current = part
        return part
      }
      if (!(yield* this._pull())) return undefined
    }
  }

  /** @internal Have the parser take another chunk of the body. Returns whether there is more to come. */
  *_pull(): Coroutine<boolean> {
    if (this.#failure !== null) throw this.#failure
    if (this.#isFinished) return false
    if (this.#hasBodyEnded) {
      yield // The parser ends its streams in ticks of Node's.
      return true
    }
    const chunk = yield* this.#body._next()
    const busboy = this.#busboy
    if (chunk !== undefined) yield* fromCallback((done) => busboy.write(chunk, () => done()))
    else {
      this.#hasBodyEnded = true
      busboy.end()
    }
    if (this.#failure !== null) throw this.#failure
    return true
  }
}

function* nextPart(stream: MultipartStream): Coroutine<IteratorResult<MultipartPart, undefined>> {
  const value = yield* stream._next()
  return value === undefined ? { done: true, value } : { done: false, value }
}

function busboyFor(headers: BusboyHeaders, options: MultipartOptions): BusboyInstance {
  const { maxFileSize, maxFieldSize = 1_048_576, maxParts = 1000 } = options
  try {
    return new Busboy({
      headers,
      limits: {
        parts: maxParts,
        fieldSize: maxFieldSize,
        headerPairs: 100,
        ...(maxFileSize !== undefined && { fileSize: maxFileSize }),
      },
    })
  } catch (cause) {
    throw brokenForm(cause)
  }
}

function brokenForm(cause: unknown): HttpError {
  if (cause instanceof HttpError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new HttpBadRequest(`The form is broken: ${reason}`, { cause })
}

/** A part of a form. Its content is read once, before the next part is asked for. */
export class MultipartPart implements AsyncIterable<Buffer> {
  /** The name of the field. */
  readonly name: string
  /** The name the file has at the client's, without folders; null for a field that is no file. Do not use it as a path. */
  readonly filename: string | null
  /** The content-type it says it has. */
  readonly type: string
  readonly #form: MultipartStream
  readonly #chunks: Buffer[] = []
  #hasEnded = false

  /** @internal */
  constructor(form: MultipartStream, name: string, filename: string | null, type: string) {
    this.#form = form
    this.name = name
    this.filename = filename
    this.type = type
  }

  /** @internal */
  _chunk(chunk: Buffer): this {
    this.#chunks.push(chunk)
    return this
  }

  /** @internal */
  _end(): this {
    this.#hasEnded = true
    return this
  }

  /** The next chunk of its content. A checkpoint where it waits. */
  next(): Awaitable<IteratorResult<Buffer, undefined>> {
    return namedCall('part.next()', nextChunk, this)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined> {
    for (;;) {
      const { done, value } = await this.next()
      if (done) return
      yield value
    }
  }

  /** All that is left of its content. A checkpoint where it waits. */
  bytes(): Awaitable<Buffer> {
    return namedCall('part.bytes()', partBytes, this)
  }

  /** All that is left of its content, as text in the charset of its type, else UTF-8. A checkpoint where it waits. */
  text(): Awaitable<string> {
    return namedCall('part.text()', partText, this)
  }

  /** @internal */
  *_next(): Coroutine<Buffer | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined || this.#hasEnded) return chunk
      if (!(yield* this.#form._pull())) return undefined
    }
  }
}

function* nextChunk(part: MultipartPart): Coroutine<IteratorResult<Buffer, undefined>> {
  const value = yield* part._next()
  return value === undefined ? { done: true, value } : { done: false, value }
}

function* partBytes(part: MultipartPart): Coroutine<Buffer> {
  const chunks: Buffer[] = []
  for (let chunk = yield* part._next(); chunk !== undefined; chunk = yield* part._next()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function* partText(part: MultipartPart): Coroutine<string> {
  const bytes = yield* partBytes(part)
  return decodeText(bytes, charsetOf(part.type) ?? 'utf-8')
}
