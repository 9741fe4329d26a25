/**
 * A consumer of a stream's group. Each entry is given to one consumer, and is its job until it is acknowledged; so none is lost,
 * and one may be done twice. In this order a consumer takes
 *
 * 1. what it was given before and did not acknowledge: it has crashed, and has the same name again;
 * 2. every now and then, what others were given and left alone for `claimAfter`: they have crashed, or failed;
 * 3. what is new.
 */
import {
  type Awaitable,
  type CancelScope,
  type Checked,
  type Coroutine,
  call,
  cancelScope,
  createTask,
  forEach,
  isCancelled,
  sleep,
} from 'polvo'
import { namedCall, outOfRange } from 'polvo/lowlevel'
import type { Client } from './client.ts'
import { ConnectionError, checkCount, ReplyError } from './errors.ts'
import { inspectOf } from './inspect.ts'
import { type Entry, entryOf, type RawEntry } from './stream-reader.ts'

/** What `client.consumerGroup` takes beside the names. */
export interface ConsumerGroupOptions {
  /** Where a group that is made begins: '0' (the default) for the first entry, '$' for what is added from now on. */
  from?: string | undefined
  /** How many entries are taken at once, at the most; by default 10. They wait here, and for nobody else. */
  count?: number | undefined
  /** Entries that nobody acknowledged for so many milliseconds are taken over; by default 60,000. */
  claimAfter?: number | undefined
}

/** What `group.process` takes beside the handler. */
export interface ProcessOptions {
  /** How many entries are handled at once; by default 1. */
  concurrency?: number | undefined
  /**
   * Called with an entry whose handler has failed. The entry stays unacknowledged, and comes again after `claimAfter`. By default
   * the error ends `process`.
   */
  onError?: ((entry: Entry, error: unknown) => void) | undefined
}

/** One consumer of a group. See `client.consumerGroup`. Iterating acknowledges each entry when the next one is asked for. */
export class ConsumerGroup implements AsyncIterable<Entry> {
  readonly #client: Client
  /** The stream, the group and the name of this consumer. */
  readonly stream: string
  /** The name of the group. */
  readonly group: string
  /** The name of this consumer. */
  readonly consumer: string
  readonly #from: string
  readonly #count: number
  readonly #claimAfter: number
  #ready: Entry[] = []
  /** Handed out, and neither acknowledged nor given up. */
  readonly #held = new Set<string>()
  #isMade = false
  /** Where it is in what it was given before; null when it is through with that. */
  #recovering: string | null = '0'
  #claimCursor = '0-0'
  #nextClaim = 0
  #isStopped = false
  #waiting: CancelScope | null = null

  /** @internal */
  constructor(
    client: Client,
    stream: string,
    group: string,
    consumer: string,
    { from = '0', count = 10, claimAfter = 60_000 }: ConsumerGroupOptions,
  ) {
    this.#client = client
    this.stream = stream
    this.group = group
    this.consumer = consumer
    this.#from = from
    this.#count = checkCount('count', count)
    this.#claimAfter = checkCount('claimAfter', claimAfter)
  }

  // ---------------------------------------------------------------- for programs

  /**
   * Call `handler` with each entry, and acknowledge the entry when the handler ends well. Goes on until `stop()` is called, and
   * returns when the handlers have ended. When a handler fails, the others are cancelled and what `forEach` throws then is thrown
   * (with a concurrency of more than 1 an ExceptionGroup), unless there is `onError`; its entry, and those that were cancelled, come again after `claimAfter`. While a handler runs its entry is not
   * taken over by others, however long it runs. A checkpoint.
   */
  process<R>(handler: (entry: Entry) => R & Checked<R>, options: ProcessOptions = {}): Awaitable<void> {
    const { concurrency = 1 } = options
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw outOfRange(`concurrency takes an integer of 1 or more, and was given ${inspectOf(concurrency)}.`)
    }
    return namedCall(`group.process(${handler.name})`, () =>
      this.#process(handler, concurrency, options.onError),
    )
  }

  /**
   * The next entry, waiting for one; the end once `stop()` was called. It is not acknowledged: call `ack` when its work is done.
   * A checkpoint where it waits. Cancelled: an entry that was on its way comes again later.
   */
  next(): Awaitable<IteratorResult<Entry, undefined>> {
    return namedCall('group.next()', () => this.#next()) as never
  }

  /** Acknowledge entries: their work is done. Returns how many of them were to be acknowledged. A checkpoint. */
  ack(...entries: readonly Entry[]): Awaitable<number> {
    return namedCall('group.ack()', () => this.#ack(entries))
  }

  /** Take no more entries, those left that were fetched already: what waits for one returns the end, `process` when its handlers have ended. */
  stop(): void {
    this.#isStopped = true
    this.#waiting?.cancel('the consumer was stopped')
  }

  /** Entry by entry: asking for the next one acknowledges the one before; leaving the loop does not. */
  [Symbol.asyncIterator](): AsyncIterator<Entry, undefined> {
    let previous: Entry | null = null
    const step = () =>
      namedCall(
        'group.next()',
        function* (group: ConsumerGroup): Coroutine<IteratorResult<Entry, undefined>> {
          if (previous !== null) yield* group.#ack([previous])
          previous = null
          const result = yield* group.#next()
          if (result.done !== true) previous = result.value
          return result
        },
        this,
      )
    return {
      next: () => step() as PromiseLike<unknown> as Promise<IteratorResult<Entry, undefined>>,
      return: async () => {
        if (previous !== null) this.#held.delete(previous.id)
        return { done: true, value: undefined }
      },
    }
  }

  // ---------------------------------------------------------------- working

  *#process(
    handler: (entry: Entry) => unknown,
    concurrency: number,
    onError: ProcessOptions['onError'],
  ): Coroutine {
    const keeping = createTask(() => this.#keepHeld())
    try {
      const work = (entry: Entry) => this.#work(entry, handler, onError)
      yield* forEach({ next: () => this.next() }, work, { concurrency })
    } finally {
      keeping.cancel()
    }
  }

  *#work(entry: Entry, handler: (entry: Entry) => unknown, onError: ProcessOptions['onError']): Coroutine {
    try {
      yield* call(handler as (entry: Entry) => never, entry)
      yield* this.#ack([entry])
    } catch (error) {
      this.#held.delete(entry.id)
      if (isCancelled(error) || onError === undefined) throw error
      onError(entry, error)
    }
  }

  /** Entries at work, or next in turn, are not idle: tell the server so before others take them over. */
  *#keepHeld(): Coroutine {
    for (;;) {
      yield* sleep(this.#claimAfter / 3)
      const ids = [...this.#held, ...this.#ready.map(({ id }) => id)]
      if (ids.length === 0) continue
      try {
        yield* this.#client.call('xclaim', this.stream, this.group, this.consumer, 0, ...ids, 'JUSTID')
      } catch (error) {
        // Then another may do it too. What is wrong shows in the next fetch, or acknowledgement.
        if (isCancelled(error)) throw error
      }
    }
  }

  *#ack(entries: readonly Entry[]): Coroutine<number> {
    if (entries.length === 0) return 0
    const ids = entries.map(({ id }) => id)
    const count = yield* this.#client.xack(this.stream, this.group, ...ids)
    for (const id of ids) this.#held.delete(id)
    return count
  }

  // ---------------------------------------------------------------- fetching

  *#next(): Coroutine<IteratorResult<Entry, undefined>> {
    for (;;) {
      if (this.#isStopped) return { done: true, value: undefined }
      const entry = this.#ready.shift()
      if (entry !== undefined) {
        this.#held.add(entry.id)
        return { done: false, value: entry }
      }
      yield* cancelScope((scope) => this.#fetchIn(scope))
    }
  }

  *#fetchIn(scope: CancelScope): Coroutine {
    this.#waiting = scope
    try {
      yield* this.#fetch()
    } catch (error) {
      // What was given to this consumer and got lost on the way is among what it has not acknowledged.
      if (error instanceof ConnectionError && error.mayHaveRun) this.#recovering = '0'
      else if (error instanceof ReplyError && error.prefix === 'NOGROUP') this.#isMade = false
      else throw error
    } finally {
      this.#waiting = null
    }
  }

  *#fetch(): Coroutine {
    if (!this.#isMade) yield* this.#make()
    if (this.#recovering !== null) return yield* this.#recover(this.#recovering)
    if (performance.now() >= this.#nextClaim) {
      yield* this.#claim()
      if (this.#ready.length > 0) return
    }
    const block = Math.max(1, Math.ceil(this.#nextClaim - performance.now()))
    this.#add(yield* this.#read('BLOCK', block, '>'))
  }

  *#make(): Coroutine {
    try {
      yield* this.#client.call('xgroup', 'CREATE', this.stream, this.group, this.#from, 'MKSTREAM')
    } catch (error) {
      if (!(error instanceof ReplyError && error.prefix === 'BUSYGROUP')) throw error
    }
    this.#isMade = true
  }

  *#recover(after: string): Coroutine {
    const entries = yield* this.#read(after)
    const last = entries.at(-1)
    this.#recovering = last === undefined ? null : last[0]
    this.#add(entries)
  }

  *#claim(): Coroutine {
    const { stream, group, consumer } = this
    const reply = yield* this.#client.call(
      'xautoclaim',
      ...[stream, group, consumer, this.#claimAfter, this.#claimCursor, 'COUNT', this.#count],
    )
    const [cursor, entries] = reply as readonly [string, readonly RawEntry[]]
    this.#claimCursor = cursor
    if (cursor === '0-0') this.#nextClaim = performance.now() + this.#claimAfter / 2
    this.#add(entries)
  }

  *#read(...what: readonly (string | number)[]): Coroutine<readonly RawEntry[]> {
    const [after, ...options] = [...what].reverse()
    const reply = yield* this.#client.call(
      'xreadgroup',
      ...['GROUP', this.group, this.consumer, 'COUNT', this.#count, ...options.reverse()],
      ...['STREAMS', this.stream, after as string],
    )
    const [[, entries] = ['', []]] = (reply ?? []) as readonly [string, readonly RawEntry[]][]
    return entries
  }

  #add(entries: readonly (RawEntry | null)[]): void {
    for (const entry of entries) {
      // One that was deleted is null itself, or has no fields, as the server's version has it.
      if (entry === null || this.#held.has(entry[0])) continue
      if (entry[1] !== null) this.#ready.push(entryOf(this.stream, entry))
    }
  }
}
