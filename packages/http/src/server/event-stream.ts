/** Server-sent events: a response that tells a browser's EventSource of what happens, for as long as it listens. */
import { type Awaitable, type Checked, type Coroutine, call, getRunningLoop, type TimerHandle } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import type { Exchange } from './exchange.ts'
import { HttpResponse, type ResponseOptions, type StreamedBody } from './response.ts'
import type { ResponseWriter } from './writer.ts'

/** An event, as `EventSource` of a browser has it. */
export interface ServerSentEvent {
  /** What happened; anything but a string is sent as JSON. */
  data: unknown
  /** Its kind; by default `message`. */
  event?: string | undefined
  /** What a client that comes back says it has seen last, in the header `last-event-id`. */
  id?: string | undefined
  /** After how many milliseconds to come back, when the connection is lost. */
  retry?: number | undefined
}

/** What `eventStream` takes beside its function. */
export interface EventStreamOptions extends ResponseOptions {
  /** How often to say that the connection is alive, in milliseconds; by default 15,000, null for never. */
  keepAlive?: number | null | undefined
}

/** Sends events to one client, no faster than it takes them. */
export class EventStreamWriter {
  readonly #writer: ResponseWriter
  /** What the client has seen last, where it comes back; empty where it does not say. */
  readonly lastEventId: string

  /** @internal */
  constructor(writer: ResponseWriter, lastEventId: string) {
    this.#writer = writer
    this.lastEventId = lastEventId
  }

  /**
   * Send an event; a string is its data. Waits while the client is slower than the writer; else it is no checkpoint.
   * @throws ClientDisconnected where the client has gone away, TypeError for an event that cannot be
   */
  send(event: ServerSentEvent | string): Awaitable<void> {
    return this.#writer.write(textOf(typeof event === 'string' ? { data: event } : event))
  }

  /** Send a comment, which no listener hears of. */
  comment(text: string): Awaitable<void> {
    return this.#writer.write(
      `${linesOf(text)
        .map((line) => `: ${line}`)
        .join('\n')}\n\n`,
    )
  }
}

/**
 * A response of server-sent events, which `write` sends, in either spelling. The function is cancelled when the client goes away.
 *
 *     return eventStream(function* (events) {
 *       yield* forEach(interval(1000), function* () { yield* events.send({ event: 'time', data: new Date() }) })
 *     })
 */
export function eventStream<R>(
  write: (events: EventStreamWriter) => R & Checked<R>,
  { keepAlive = 15_000, ...options }: EventStreamOptions = {},
): HttpResponse {
  if (typeof write !== 'function')
    throw misuse('eventStream() takes a function that is given a writer of events.')
  const response = HttpResponse._of(
    new EventBody(write, keepAlive),
    'text/event-stream; charset=utf-8',
    options,
  )
  for (const [name, value] of [
    ['cache-control', 'no-cache'],
    ['x-accel-buffering', 'no'],
  ] as const) {
    if (response.getHeader(name) === undefined) response.setHeader(name, value)
  }
  return response
}

class EventBody implements StreamedBody {
  readonly #write: (events: EventStreamWriter) => unknown
  readonly #keepAlive: number | null

  constructor(write: (events: EventStreamWriter) => unknown, keepAlive: number | null) {
    this.#write = write
    this.#keepAlive = keepAlive
  }

  *send(exchange: Exchange, response: HttpResponse): Coroutine {
    const writer = exchange.begin(response)
    if (writer === null) return
    const alive = this.#keepAlive === null ? null : new KeepAlive(writer, this.#keepAlive)
    try {
      yield* call(this.#write, new EventStreamWriter(writer, exchange.request.header('last-event-id') ?? ''))
    } finally {
      alive?.stop()
    }
    yield* writer._end()
  }
}

/** Writes a comment now and then: what is between may close connections on which nothing moves. */
class KeepAlive {
  readonly #writer: ResponseWriter
  readonly #ms: number
  #timer: TimerHandle

  constructor(writer: ResponseWriter, ms: number) {
    this.#writer = writer
    this.#ms = ms
    this.#timer = this.#arm()
  }

  #arm(): TimerHandle {
    return getRunningLoop().callLater(this.#ms, () => {
      this.#writer._writeIfRoom(':\n\n')
      this.#timer = this.#arm()
    })
  }

  stop(): void {
    this.#timer.cancel()
  }
}

function textOf({ data, event, id, retry }: ServerSentEvent): string {
  const lines: string[] = []
  if (event !== undefined) lines.push(`event: ${oneLine('event', event)}`)
  if (id !== undefined) lines.push(`id: ${oneLine('id', id)}`)
  if (retry !== undefined) lines.push(`retry: ${retry}`)
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  if (text === undefined) throw misuse('The data of an event is a string, or what JSON can say.')
  for (const line of linesOf(text)) lines.push(`data: ${line}`)
  return `${lines.join('\n')}\n\n`
}

function oneLine(name: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value
  throw misuse(`The ${name} of an event is one line of text, and was given ${JSON.stringify(value)}.`)
}

function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/)
}
