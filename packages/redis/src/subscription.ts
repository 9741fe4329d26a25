import { inspect } from 'node:util'
import {
  type Awaitable,
  type Coroutine,
  channel,
  EndOfChannel,
  Future,
  type Receiver,
  type Sender,
} from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import { checkCount } from './errors.ts'
import type { Subscriber } from './subscriber.ts'

/** What `subscribe` and `psubscribe` take beside the names. */
export interface SubscribeOptions<B extends boolean = boolean> {
  /** Give messages as bytes; by default false, as text. */
  buffers?: B | undefined
  /** How many messages are kept for a reader that is slow; by default 10,000. Those that come then are dropped and counted. */
  capacity?: number | undefined
}

/** What was published. */
export interface Message<T = string> {
  /** Where it was published. */
  readonly channel: string
  /** The pattern that the channel matched; null where it was subscribed to by its name. */
  readonly pattern: string | null
  /** What was said. */
  readonly message: T
}

/**
 * The messages of channels, as they come: the receiving end of a subscription. `for await` and `forEach` go on until it is
 * closed. It survives the loss of the connection; `reconnects` counts how often that was.
 */
export class Subscription<T = string> implements AsyncIterable<Message<T>>, Disposable {
  /** @internal */
  readonly _kind: 'subscribe' | 'psubscribe'
  /** The channels or patterns. */
  readonly names: readonly string[]
  /** How many messages were dropped because nobody took them in time. */
  missed = 0
  /** How often the connection was lost and made again. What was said in between was missed, and nobody knows how much. */
  reconnects = 0
  private readonly subscriber: Subscriber
  private readonly asBuffers: boolean
  private readonly sender: Sender<Message<T>>
  private readonly receiver: Receiver<Message<T>>
  private readonly confirmed = new Future<void>()
  private failure: unknown = null
  private isClosed = false

  /** @internal */
  constructor(
    subscriber: Subscriber,
    kind: 'subscribe' | 'psubscribe',
    names: readonly string[],
    { buffers = false, capacity = 10_000 }: SubscribeOptions,
  ) {
    this.subscriber = subscriber
    this._kind = kind
    this.names = names
    this.asBuffers = buffers
    ;[this.sender, this.receiver] = channel<Message<T>>(checkCount('capacity', capacity))
  }

  // ---------------------------------------------------------------- for programs

  /**
   * The next message, waiting for one. A checkpoint only where it waits. Cancelled: none was taken.
   * @throws EndOfChannel once it is closed, ConnectionError where the server refused the subscription for good
   */
  receive(): Awaitable<Message<T>> {
    return namedCall('subscription.receive()', receive, this.receiver, this) as never
  }

  /** A message that is there. @throws QueueEmpty where there is none; else as `receive` */
  receiveNowait(): Message<T> {
    return this.receiver.receiveNowait()
  }

  /** The next message, or the end; otherwise as `receive`. */
  next(): Awaitable<IteratorResult<Message<T>, undefined>> {
    return namedCall('subscription.next()', nextMessage, this.receiver, this) as never
  }

  [Symbol.asyncIterator](): AsyncIterator<Message<T>, undefined> {
    return {
      next: () => this.next() as PromiseLike<unknown> as Promise<IteratorResult<Message<T>, undefined>>,
    }
  }

  /** End it: a receive that waits throws EndOfChannel, messages that are here can still be received. A second call does nothing. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.subscriber.remove(this as Subscription<unknown>)
    this.sender.close()
  }

  /** For `using` and `use`: as `close()`. */
  [Symbol.dispose](): void {
    this.close()
  }

  // ---------------------------------------------------------------- for the subscriber

  /** @internal */
  *_open(): Coroutine {
    this.subscriber.add(this as Subscription<unknown>)
    try {
      yield* this.confirmed
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** @internal */
  get _failure(): unknown {
    return this.failure
  }

  /** @internal */
  get _isConfirmed(): boolean {
    return this.confirmed.done()
  }

  /** @internal The server has confirmed it: the first time, or after the connection was lost. */
  _confirm(): void {
    if (this.confirmed.done()) this.reconnects++
    else this.confirmed.setResult()
  }

  /** @internal */
  _fail(error: unknown): void {
    this.failure = error
    if (!this.confirmed.done()) this.confirmed.setException(error)
    this.close()
  }

  /** @internal */
  _deliver(name: string, pattern: string | null, message: Buffer): void {
    const given = (this.asBuffers ? message : message.toString()) as T
    try {
      this.sender.sendNowait({ channel: name, pattern, message: given })
    } catch {
      this.missed++
    }
  }

  toString(): string {
    return `<Subscription ${this.names.join(',')} ${this.isClosed ? 'closed' : 'open'} missed=${this.missed}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function* receive<T>(receiver: Receiver<Message<T>>, subscription: Subscription<T>): Coroutine<Message<T>> {
  try {
    return yield* receiver.receive()
  } catch (error) {
    throw error instanceof EndOfChannel ? (subscription._failure ?? error) : error
  }
}

function* nextMessage<T>(
  receiver: Receiver<Message<T>>,
  subscription: Subscription<T>,
): Coroutine<IteratorResult<Message<T>, undefined>> {
  try {
    return { done: false, value: yield* receiver.receive() }
  } catch (error) {
    if (!(error instanceof EndOfChannel)) throw error
    if (subscription._failure !== null) throw subscription._failure
    return { done: true, value: undefined }
  }
}
