/**
 * What a fault strikes, from its beginning to its record: a request and its response in http, a connection in tcp.
 *
 * | phase   | what is true                                          | what may follow                            |
 * |---------|-------------------------------------------------------|--------------------------------------------|
 * | held    | a delay is running, the target has not been asked     | passing; over, when the client leaves      |
 * | refused | the proxy answers once it has swallowed the request   | over, once answered or the client leaves   |
 * | hung    | nothing will ever be answered                         | over, when the client leaves               |
 * | passing | bytes flow as fast as both sides and the pace allow   | refused, when the target is down; over     |
 *
 * The relay moves it. Closing the proxy ends every phase. "Over" is the end of the exchange; its record says how.
 */
import { STATUS_CODES } from 'node:http'
import type { FaultKind } from './faults.ts'
import type { Head } from './http-framing.ts'

/**
 * How an exchange ended:
 * - `done`: answered in full (also by an 'error' fault); in tcp, both sides ended in good order
 * - `reset`: the proxy reset it, a 'blackout'
 * - `hung`: never answered, until the proxy was closed
 * - `client left`, `target left`: that side closed or reset before the answer was complete
 * - `target down`: the target could not be connected to (http: answered with 502, tcp: reset)
 * - `upgraded`: 101, or 2xx to a CONNECT; the bytes that follow pass unread
 * - `malformed`: the client or the target stopped talking HTTP in the middle; the rest passes unread
 * - `proxy closed`: the proxy was closed while it was under way
 */
export type Ended =
  | 'done'
  | 'reset'
  | 'hung'
  | 'client left'
  | 'target left'
  | 'target down'
  | 'upgraded'
  | 'malformed'
  | 'proxy closed'

/** What the proxy saw of one request (http) or one connection (tcp). Times are milliseconds of `performance.now()`. */
export interface FaultRecord {
  /** Counts from 1, in the order in which heads were complete (http) or connections accepted (tcp). */
  readonly number: number
  /** '' in tcp. */
  readonly method: string
  /** The request target as the client wrote it, '' in tcp. */
  readonly path: string
  /** The fault that struck, null for none; a transient fault that has passed is none. */
  readonly fault: FaultKind | null
  /** When the head was complete (http) or the connection accepted (tcp). */
  readonly received: number
  /** How many exchanges were under way when it arrived, itself included. */
  readonly inFlight: number
  /** When the first byte of the (final) answer was handed on. */
  firstByte: number | null
  /** When its last byte was handed on or it ended otherwise; null while it is under way. */
  finished: number | null
  /** From `received` until it was forwarded to the target or, never forwarded, until it was finished. */
  heldMs: number
  /** Bytes taken from the client, heads included. */
  bytesIn: number
  /** Bytes handed to the client, heads included. */
  bytesOut: number
  /** The status the client was answered with; null without an answer and in tcp. */
  status: number | null
  /** Null while it is under way. */
  ended: Ended | null
}

export class Exchange {
  readonly record: FaultRecord
  /** Null in tcp. */
  readonly head: Head | null
  /** The head as it came. */
  readonly bytes: Buffer
  /** The pace of both directions; 0 is unlimited. */
  readonly bytesPerSecond: number
  phase: 'held' | 'refused' | 'hung' | 'passing' = 'held'
  timer: NodeJS.Timeout | undefined
  /** What a refused exchange is answered with, and how it is recorded then. */
  status = 0
  ending: Ended = 'done'
  requestDone = false
  answered = false

  constructor(record: FaultRecord, head: Head | null, bytes: Buffer, bytesPerSecond: number) {
    this.record = record
    this.head = head
    this.bytes = bytes
    this.bytesPerSecond = bytesPerSecond
  }

  /** What the proxy answers itself. */
  refusal(keepAlive: boolean): Buffer {
    const reason = `${this.status} ${STATUS_CODES[this.status] ?? 'Error'}`
    const headers = `content-type: text/plain\r\ncontent-length: ${reason.length + 1}\r\n`
    const body = this.head!.method === 'HEAD' ? '' : `${reason}\n`
    const connection = keepAlive ? 'keep-alive' : 'close'
    return Buffer.from(`HTTP/1.1 ${reason}\r\n${headers}connection: ${connection}\r\n\r\n${body}`)
  }

  /** Complete its record. */
  finish(ended: Ended): void {
    clearTimeout(this.timer)
    const { record } = this
    record.finished = performance.now()
    record.ended = ended
    if (this.phase !== 'passing') record.heldMs = record.finished - record.received
  }
}
