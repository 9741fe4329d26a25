/** A web Request as something that can be read like a message of node:http. */
import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'

/** What is known of the connection. */
export interface WebConnection {
  readonly remoteAddress: undefined
  /** Bytes of bodies: heads are the host's business. */
  bytesWritten: number
  readonly encrypted?: boolean
}

export class WebIncoming extends Readable {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly httpVersion = '1.1'
  readonly socket: WebConnection
  /** Whether all of the body has arrived. */
  complete: boolean
  readonly #body: ReadableStream<Uint8Array> | null
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null

  constructor(request: Request) {
    super()
    const { protocol, host, pathname, search } = new URL(request.url)
    this.method = request.method
    this.url = pathname + search
    this.headers = { host, ...Object.fromEntries(request.headers) }
    const connection = { remoteAddress: undefined, bytesWritten: 0 }
    this.socket = protocol === 'https:' ? { ...connection, encrypted: true } : connection
    this.#body = request.body
    this.complete = this.#body === null
  }

  override _read(): void {
    if (this.#body === null) this.push(null)
    else void this.#pull(this.#body)
  }

  async #pull(body: ReadableStream<Uint8Array>): Promise<void> {
    try {
      this.#reader ??= body.getReader()
      const { done, value } = await this.#reader.read()
      if (this.destroyed) return
      if (done) this.complete = true
      this.push(done ? null : value)
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error('The body has broken off', { cause: error }))
    }
  }

  /** What was not read is given back to whoever sends it. */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.complete) {
      const cancelled = this.#reader === null ? this.#body?.cancel(error) : this.#reader.cancel(error)
      cancelled?.catch(() => {}) // It has broken off already.
    }
    callback(this.listenerCount('error') === 0 ? null : error)
  }
}
