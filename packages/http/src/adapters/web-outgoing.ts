/**
 * What is written like a response of node:http, and becomes a web Response: at once where the body is there as a whole, else with a
 * stream that is filled no faster than it is read.
 */
import { Writable } from 'node:stream'
import type { WebIncoming } from './web-incoming.ts'

/** By the definition of fetch they have none, not even an empty one. */
const STATUSES_WITHOUT_BODY = new Set([204, 205, 304])
/** What proxies note for a client that has gone away; nobody sees it. */
const CLIENT_GONE = 499

export class WebOutgoing extends Writable {
  statusCode = 200
  headersSent = false
  shouldKeepAlive = true
  readonly #incoming: WebIncoming
  readonly #hasBody: boolean
  readonly #signal: AbortSignal
  #resolve: ((response: Response) => void) | null
  readonly #headers = new Headers()
  #whole: string | Uint8Array | null = null
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null
  /** Somebody has written, and waits until it is read. */
  #written: (() => void) | null = null

  constructor(request: Request, incoming: WebIncoming, resolve: (response: Response) => void) {
    super({ decodeStrings: true })
    this.#incoming = incoming
    this.#hasBody = request.method !== 'HEAD'
    this.#resolve = resolve
    this.#signal = request.signal
    this.#signal.addEventListener('abort', this.#onAbort)
    this.on('error', () => {}) // Whoever reads the body is told.
    if (this.#signal.aborted) this.#onAbort()
  }

  /** Nothing will be written here. */
  giveUp(): void {
    this.#resolve = null
    this.#signal.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => {
    this.#incoming.destroy()
    this.destroy()
  }

  // ---------------------------------------------------------------- the head

  setHeader(name: string, value: string | number | readonly string[]): this {
    this.#headers.delete(name)
    for (const one of Array.isArray(value) ? value : [value]) this.#headers.append(name, String(one))
    return this
  }

  getHeader(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined
  }

  /** @param fields names and values in turn, as polvo's server gives them */
  writeHead(status: number, fields: readonly string[] = []): this {
    this.statusCode = status
    this.headersSent = true
    for (let i = 0; i < fields.length; i += 2) {
      this.#headers.append(fields[i] as string, fields[i + 1] as string)
    }
    return this
  }

  /** The body will come piece by piece. */
  flushHeaders(): void {
    if (this.#resolve === null) return
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#goOn(),
        cancel: () => this.#onAbort(),
      },
      { highWaterMark: 1 },
    )
    this.#respond(body)
  }

  #respond(body: ReadableStream<Uint8Array> | string | Uint8Array | null): void {
    const { statusCode: status } = this
    const isBare = !this.#hasBody || STATUSES_WITHOUT_BODY.has(status)
    const resolve = this.#resolve
    this.#resolve = null
    resolve?.(
      new Response(isBare ? null : (body as ConstructorParameters<typeof Response>[0]), {
        status,
        headers: this.#headers,
      }),
    )
  }

  // ---------------------------------------------------------------- the body

  /** Node's streams have several shapes of it; all of them end here. */
  override end(...given: unknown[]): this {
    const [body] = given
    const isWhole = this.#resolve !== null && (typeof body === 'string' || body instanceof Uint8Array)
    if (!isWhole) return super.end(...(given as []))
    this.#whole = body
    this.#incoming.socket.bytesWritten += Buffer.byteLength(body)
    return super.end()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#resolve !== null) this.flushHeaders()
    this.#incoming.socket.bytesWritten += chunk.length
    this.#controller?.enqueue(chunk)
    this.#written = done
    if ((this.#controller?.desiredSize ?? 1) > 0) this.#goOn()
  }

  #goOn(): void {
    const done = this.#written
    this.#written = null
    done?.()
  }

  override _final(done: () => void): void {
    if (this.#resolve !== null) this.#respond(this.#whole)
    else this.#controller?.close()
    done()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    if (this.#resolve !== null) {
      this.statusCode = CLIENT_GONE
      this.#respond(null)
    } else if (!this.writableFinished) {
      try {
        this.#controller?.error(error ?? new Error('The response was cut short.'))
      } catch {} // Its reader has cancelled it.
    }
    this.#goOn()
    callback(error)
  }
}
