/**
 * Cuts one direction of an HTTP/1 connection into heads, body bytes and message ends (RFC 9112), for the fault
 * proxy, which calls `push` with what arrived and `next` until it answers null.
 * Invariant: the `bytes` of the pieces, put together, are the bytes pushed, in order and unchanged. What is not
 * well-formed HTTP is never interpreted: from there on every piece is 'raw'.
 */

/** What the proxy has to know of a message; `method` and `path` are '' in a response, `status` is 0 in a request. */
export interface Head {
  readonly method: string
  readonly path: string
  readonly status: number
  /** Whether the sender lets the connection be used for another message. */
  readonly keepAlive: boolean
  /** Whether the body is only sent after a `100 Continue`. */
  readonly expectsContinue: boolean
}

export type Piece =
  | { readonly kind: 'head'; readonly bytes: Buffer; readonly head: Head }
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'end' }
  | { readonly kind: 'raw'; readonly bytes: Buffer }

type State = 'head' | 'length' | 'chunked' | 'until close' | 'end' | 'raw'
type ChunkPart = 'size' | 'data end' | 'trailer'

const MAX_HEAD = 65_536
const MAX_CHUNK_LINE = 16_384
const NEWLINE = 10
const NOTHING = Buffer.alloc(0)

const REQUEST_LINE = /^([\w!#$%&'*+.^`|~-]+) (\S+) HTTP\/1\.([01])$/
const REQUEST_LINE_SO_FAR = /^(?:\r?|[\w!#$%&'*+.^`|~-]+(?: .*)?)$/s
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: .*)?$/
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/
const CHUNK_SIZE = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?\r\n$/i

export class Framer {
  /** In responses: the method that is being answered, since the answer to a HEAD has no body. */
  method = ''
  readonly #isRequest: boolean
  #input: Buffer = NOTHING
  #state: State = 'head'
  #startLine: RegExpExecArray | null = null
  #headers = new Map<string, string>()
  /** In a head: where the line that is not complete yet begins, and how far it was searched for its end. */
  #lineStart = 0
  #searched = 0
  /** Bytes of the body, or of the current chunk, that are still to come. */
  #left = 0
  #chunkPart: ChunkPart = 'size'
  #chunkLine = ''

  constructor(side: 'request' | 'response') {
    this.#isRequest = side === 'request'
  }

  /** How many bytes were pushed and not taken yet. */
  get buffered(): number {
    return this.#input.length
  }

  /** Whether the message under way is one that the end of the stream completes. */
  get untilClose(): boolean {
    return this.#state === 'until close'
  }

  push(bytes: Buffer): void {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes])
  }

  /** Takes everything that is buffered, whatever it is. */
  rest(): Buffer {
    return this.#take(this.#input.length)
  }

  /** Takes the next piece, or returns null when it needs more input. An interim response (1xx) has no 'end'. */
  next(): Piece | null {
    if (this.#state === 'end') {
      this.#state = 'head'
      return { kind: 'end' }
    }
    if (this.#input.length === 0) return null
    switch (this.#state) {
      case 'head':
        return this.#nextHead()
      case 'length': {
        const bytes = this.#take(Math.min(this.#left, this.#input.length))
        this.#left -= bytes.length
        if (this.#left === 0) this.#state = 'end'
        return { kind: 'body', bytes }
      }
      case 'chunked':
        return this.#nextChunked()
      case 'until close':
        return { kind: 'body', bytes: this.rest() }
      case 'raw':
        return this.#giveUp()
    }
  }

  #take(length: number): Buffer {
    const bytes = this.#input.subarray(0, length)
    this.#input = length === this.#input.length ? NOTHING : this.#input.subarray(length)
    return bytes
  }

  #giveUp(): Piece {
    this.#state = 'raw'
    return { kind: 'raw', bytes: this.rest() }
  }

  /**
   * Reads line by line and judges each line as soon as it is complete: a peer that talks something else would
   * otherwise wait for an answer while the proxy waits for an empty line.
   */
  #nextHead(): Piece | null {
    for (;;) {
      const newline = this.#input.indexOf(NEWLINE, this.#searched)
      if (newline < 0) {
        this.#searched = this.#input.length
        const hopeless = this.#startLine === null && !this.#mayBecomeStartLine()
        return hopeless || this.#input.length > MAX_HEAD ? this.#giveUp() : null
      }
      const line = this.#input.toString('latin1', this.#lineStart, newline)
      this.#lineStart = this.#searched = newline + 1
      if (line === '\r') {
        if (this.#startLine !== null) return this.#completeHead(this.#startLine)
        continue
      }
      if (!line.endsWith('\r') || !this.#readLine(line.slice(0, -1))) return this.#giveUp()
    }
  }

  #mayBecomeStartLine(): boolean {
    const text = this.#input.toString('latin1', this.#lineStart, this.#input.length)
    return this.#isRequest ? REQUEST_LINE_SO_FAR.test(text) : 'HTTP/'.startsWith(text.slice(0, 5))
  }

  #readLine(line: string): boolean {
    if (this.#startLine === null) {
      this.#startLine = (this.#isRequest ? REQUEST_LINE : STATUS_LINE).exec(line)
      return this.#startLine !== null
    }
    const header = HEADER.exec(line)
    if (header === null) return false
    const name = header[1]!.toLowerCase()
    const earlier = this.#headers.get(name)
    this.#headers.set(name, (earlier === undefined ? '' : `${earlier}, `) + header[2]!.toLowerCase())
    return true
  }

  #completeHead(startLine: RegExpExecArray): Piece {
    const status = this.#isRequest ? 0 : Number(startLine[2])
    const state = this.#isRequest ? this.#requestBody() : this.#responseBody(status)
    if (state === 'raw') return this.#giveUp()
    const connection = this.#headers.get('connection') ?? ''
    const http11 = startLine[this.#isRequest ? 3 : 1] === '1'
    const head: Head = {
      method: this.#isRequest ? startLine[1]! : '',
      path: this.#isRequest ? startLine[2]! : '',
      status,
      keepAlive: http11 ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection),
      expectsContinue: this.#headers.get('expect') === '100-continue',
    }
    const bytes = this.#take(this.#lineStart)
    this.#state = state
    this.#startLine = null
    this.#headers = new Map()
    this.#lineStart = this.#searched = 0
    return { kind: 'head', bytes, head }
  }

  /** Both lengths at once, or a coding that is not chunked, is how requests are smuggled: do not guess. */
  #requestBody(): State {
    const coding = this.#headers.get('transfer-encoding')
    if (coding === undefined) return this.#headers.has('content-length') ? this.#byLength() : 'end'
    return this.#headers.has('content-length') ? 'raw' : this.#byCoding(coding, 'raw')
  }

  #responseBody(status: number): State {
    if (status < 200 && status !== 101) return 'head'
    const connected = this.method === 'CONNECT' && status < 300
    if (this.method === 'HEAD' || connected || status === 101 || status === 204 || status === 304)
      return 'end'
    const coding = this.#headers.get('transfer-encoding')
    if (coding !== undefined) return this.#byCoding(coding, 'until close')
    return this.#headers.has('content-length') ? this.#byLength() : 'until close'
  }

  #byLength(): State {
    const length = this.#headers.get('content-length') ?? ''
    this.#left = Number(length)
    if (!/^\d+$/.test(length) || !Number.isSafeInteger(this.#left)) return 'raw'
    return this.#left === 0 ? 'end' : 'length'
  }

  #byCoding(coding: string, otherwise: State): State {
    this.#left = 0
    this.#chunkPart = 'size'
    this.#chunkLine = ''
    return /(?:^|,)[ \t]*chunked$/.test(coding) ? 'chunked' : otherwise
  }

  /** Finds where the message ends without holding bytes back: sizes are read in passing. */
  #nextChunked(): Piece {
    const input = this.#input
    let at = 0
    while (at < input.length && this.#state === 'chunked') {
      if (this.#left > 0) {
        const step = Math.min(this.#left, input.length - at)
        this.#left -= step
        at += step
        continue
      }
      const newline = input.indexOf(NEWLINE, at)
      const end = newline < 0 ? input.length : newline + 1
      this.#chunkLine += input.toString('latin1', at, end)
      at = end
      if (this.#chunkLine.length > MAX_CHUNK_LINE) return this.#giveUp()
      if (newline >= 0 && !this.#readChunkLine()) return this.#giveUp()
    }
    return { kind: 'body', bytes: this.#take(at) }
  }

  #readChunkLine(): boolean {
    const line = this.#chunkLine
    this.#chunkLine = ''
    if (this.#chunkPart === 'trailer') {
      if (line === '\r\n') this.#state = 'end'
      return line.endsWith('\r\n')
    }
    if (this.#chunkPart === 'data end') {
      this.#chunkPart = 'size'
      return line === '\r\n'
    }
    const size = CHUNK_SIZE.exec(line)
    this.#left = Number.parseInt(size?.[1] ?? '', 16)
    this.#chunkPart = this.#left > 0 ? 'data end' : 'trailer'
    return size !== null
  }
}
