import type { Awaitable, Coroutine } from 'polvo'
import { misuse, namedCall } from 'polvo/lowlevel'
import type { Client } from './client.ts'
import { ConnectionError, checkCount } from './errors.ts'

/** An entry of a stream. */
export interface Entry {
  /** The stream it is of. */
  readonly stream: string
  /** Its id, such as '1700000000000-0': when it was added, and a number. */
  readonly id: string
  /** What it holds. Where a field was added twice, the last one. */
  readonly fields: Readonly<Record<string, string>>
}

/** What `client.readStream` takes beside the streams. */
export interface StreamReaderOptions {
  /** Begin after the entry with this id: '0' for the first one, '$' (the default) for what is added from now on. */
  from?: string | undefined
  /** How many entries are read at once, at the most; by default 100. */
  count?: number | undefined
}

/** An entry as the server gives it: fields are null where it was deleted. */
export type RawEntry = readonly [id: string, fields: readonly string[] | null]

const LAST = '$'

/** The entries of streams as they come. See `client.readStream`. Several may not read from one reader at the same time. */
export class StreamReader implements AsyncIterable<Entry> {
  readonly #client: Client
  readonly #count: number
  /** After which entry to go on, for each stream. */
  readonly #positions: Map<string, string>
  #ready: Entry[] = []

  /** @internal */
  constructor(client: Client, streams: readonly string[], { from = LAST, count = 100 }: StreamReaderOptions) {
    if (streams.length === 0)
      throw misuse('readStream() takes the name of a stream, or several; it was given none.')
    this.#client = client
    this.#count = checkCount('count', count)
    this.#positions = new Map(streams.map((stream) => [stream, from]))
  }

  /** The next entry, waiting for one; there is always a next one. A checkpoint where it waits. Cancelled: none was taken. */
  next(): Awaitable<IteratorResult<Entry, never>> {
    return namedCall('reader.next()', () => this.#next())
  }

  [Symbol.asyncIterator](): AsyncIterator<Entry, never> {
    return { next: () => this.next() as PromiseLike<unknown> as Promise<IteratorResult<Entry, never>> }
  }

  *#next(): Coroutine<IteratorResult<Entry, never>> {
    for (;;) {
      const entry = this.#ready.shift()
      if (entry !== undefined) return { done: false, value: entry }
      yield* this.#fetch()
    }
  }

  *#fetch(): Coroutine {
    for (const [stream, position] of this.#positions) {
      if (position === LAST) this.#positions.set(stream, yield* this.#lastId(stream))
    }
    const streams = [...this.#positions.keys(), ...this.#positions.values()]
    let reply: unknown
    try {
      reply = yield* this.#client.call('xread', 'COUNT', this.#count, 'BLOCK', 0, 'STREAMS', ...streams)
    } catch (error) {
      // Nothing was changed by asking, so it is asked again; the next attempt waits for a connection, or says there is none.
      if (error instanceof ConnectionError && error.mayHaveRun) return
      throw error
    }
    for (const [stream, entries] of (reply ?? []) as readonly [string, readonly RawEntry[]][]) {
      for (const entry of entries) this.#ready.push(entryOf(stream, entry))
      this.#positions.set(stream, (entries.at(-1) as RawEntry)[0])
    }
  }

  *#lastId(stream: string): Coroutine<string> {
    const [last] = yield* this.#client.xrevrange(stream, '+', '-', 'COUNT', 1)
    return last?.[0] ?? '0-0'
  }
}

export function entryOf(stream: string, [id, list]: RawEntry): Entry {
  const fields: Record<string, string> = {}
  for (let i = 0; list !== null && i + 1 < list.length; i += 2) {
    Object.defineProperty(fields, list[i] as string, {
      value: list[i + 1],
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return { stream, id, fields }
}
