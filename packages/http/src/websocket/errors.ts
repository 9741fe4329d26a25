/** What goes wrong on a websocket, on either side of it. */

/**
 * The connection has ended: the peer closed it, went away, or broke the protocol. `closeCode` says which (RFC
 * 6455, 7.4): 1000 and 1001 are ordinary ends, 1005 is a close without a code, 1006 no close at all.
 */
export class WebSocketClosed extends Error {
  /** Tells the errors apart across versions. */
  readonly code = 'POLVO_HTTP_WEBSOCKET_CLOSED'
  /** The close code, such as 1001. */
  readonly closeCode: number
  /** What the peer said; '' where it said nothing. */
  readonly reason: string

  constructor({ closeCode, reason, cause }: WebSocketEnd) {
    const said = reason === '' ? '' : `: ${JSON.stringify(reason)}`
    const because = cause === null ? '' : `: ${cause.message}`
    super(
      `The websocket is closed, with code ${closeCode} (${meaningOf(closeCode)})${because || said}.`,
      cause === null ? undefined : { cause },
    )
    this.closeCode = closeCode
    this.reason = reason
  }

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name
  }
}

/** How a connection came to its end. */
export interface WebSocketEnd {
  readonly closeCode: number
  readonly reason: string
  /** What broke it; null where it was closed. */
  readonly cause: Error | null
}

/**
 * A message is not of the kind that was asked for: bytes where `receiveText` waited, text where
 * `receiveBytes` did, or no JSON. It has been taken out of the line, and is in `data`.
 */
export class WebSocketMessageError extends Error {
  /** Tells the errors apart across versions. */
  readonly code = 'POLVO_HTTP_WEBSOCKET_MESSAGE'
  /** The message as it came. */
  readonly data: string | Uint8Array

  constructor(what: string, data: string | Uint8Array, options?: ErrorOptions) {
    super(what, options)
    this.data = data
  }

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no code',
  1006: 'no close was said',
  1007: 'invalid text',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'extension missing',
  1011: 'internal error',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
}

function meaningOf(closeCode: number): string {
  return MEANINGS[closeCode] ?? "the application's own"
}

/** Whether a connection that ended so was to end: an iteration over it is just over. */
export function isOrdinaryEnd({ closeCode }: WebSocketEnd): boolean {
  return closeCode === 1000 || closeCode === 1001 || closeCode === 1005
}

/**
 * The code for an error of ws: that which it tells the peer, who is not heard any more; 1006 for one of the
 * socket.
 */
export function closeCodeOf(error: Error): number {
  const code = String((error as { code?: unknown }).code ?? '')
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 1009
  if (code === 'WS_ERR_INVALID_UTF8') return 1007
  return code.startsWith('WS_ERR_') ? 1002 : 1006
}
