/** The access log: what was asked, by whom, and how it went. Where there is none, nothing is noted. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** A request that is over. */
export interface AccessLogEntry {
  /** When it came. */
  readonly time: Date
  /** The address it came from, which may be that of a proxy; empty for a Unix socket. */
  readonly remoteAddress: string
  /** As it was sent, `GET`. */
  readonly method: string
  /** As it was sent, with the query. */
  readonly url: string
  /** That of the response; of one that was never begun it is 499, as nginx says. */
  readonly status: number
  /** How many bytes were sent, with the head. */
  readonly bytes: number
  /** From the head of the request to the end of the response, in milliseconds. */
  readonly duration: number
  /** Whether the client had all of it; false where it went away before. */
  readonly isComplete: boolean
  /** What the client says it is. */
  readonly userAgent: string
}

/** Where the access log goes: a function, or a stream of lines. */
export type AccessLog = ((entry: AccessLogEntry) => void) | { write(line: string): unknown }

const CLIENT_WENT_AWAY = 499

/** Have `log` told when the response is over. */
export function logAccess(log: AccessLog, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const time = new Date()
  const began = performance.now()
  const { socket } = incoming
  const { remoteAddress = '' } = socket
  const sentBefore = socket.bytesWritten
  outgoing.once('close', () => {
    const entry: AccessLogEntry = {
      time,
      remoteAddress,
      method: incoming.method as string,
      url: incoming.url as string,
      status: outgoing.headersSent ? outgoing.statusCode : CLIENT_WENT_AWAY,
      bytes: socket.bytesWritten - sentBefore,
      duration: performance.now() - began,
      isComplete: outgoing.writableFinished,
      userAgent: incoming.headers['user-agent'] ?? '',
    }
    if (typeof log === 'function') log(entry)
    else log.write(`${lineOf(entry)}\n`)
  })
}

/** What comes from the client stands in quotes, with control characters escaped: it cannot forge a line. */
function lineOf(entry: AccessLogEntry): string {
  const { time, remoteAddress, method, url, status, bytes, duration, isComplete, userAgent } = entry
  const end = isComplete ? '' : ' cut short'
  return (
    `${time.toISOString()} ${remoteAddress || '-'} ${JSON.stringify(`${method} ${url}`)} ${status} ${bytes} ` +
    `${duration.toFixed(1)}ms ${JSON.stringify(userAgent)}${end}`
  )
}

/** The log of an application; null where there is none. */
export function accessLogOf(option: AccessLog | boolean | undefined): AccessLog | null {
  if (option === undefined || option === false) return null
  return option === true ? process.stdout : option
}
