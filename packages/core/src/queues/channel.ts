/**
 * Channels: a queue in two ends, which can be handed to different tasks, cloned, and closed on their own. The last sender's
 * close ends the stream for the receivers; the last receiver's tells the senders that nobody listens.
 *
 * An item goes from hand to hand: a receiver that waits is given it at once, a sender that waits is relieved of it at once, and
 * between them a buffer holds up to `capacity` items (none by default: a send waits for its receiver).
 *
 * Invariant: receivers wait only while the buffer and the line of senders are empty; senders wait only while the buffer is full.
 */
import { Call } from '../coroutine/call.ts'
import { bringThenNear } from '../coroutine/operation.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { CANCELLED } from '../coroutine/waitable.ts'
import {
  BrokenResource,
  type CancelledError,
  ClosedResource,
  EndOfChannel,
  outOfRange,
  QueueEmpty,
  QueueFull,
} from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { LineWait, WaitLine } from '../sync/wait-line.ts'

/** In place of an item, where there is none. */
const NOTHING: unique symbol = Symbol('nothing')

/** What both ends share. */
class Shared<T> {
  readonly capacity: number
  readonly buffer: T[] = []
  readonly receiving = new WaitLine()
  readonly sending = new WaitLine()
  senders = 1
  receivers = 1

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Pass an item on to whoever waits, or to the buffer. Returns false where neither takes it. */
  offer(item: T): boolean {
    if (this.receivers === 0)
      throw new BrokenResource('Nobody receives any more: every receiver of the channel is closed.')
    const receiver = this.receiving.wakeNext() as Receive<T> | null
    if (receiver !== null) receiver.give(item)
    else if (this.buffer.length < this.capacity) this.buffer.push(item)
    else return false
    return true
  }

  /** An item that is there, from the buffer or a sender that waits; NOTHING where there is none. */
  poll(): T | typeof NOTHING {
    const sender = this.sending.wakeNext() as Send<T> | null
    if (this.buffer.length === 0) return sender === null ? NOTHING : sender.take()
    if (sender !== null) this.buffer.push(sender.take())
    return this.buffer.shift() as T
  }

  /** An item was given to a receiver that will not take it: it is the next one's, before all others. */
  giveBack(item: T): void {
    const receiver = this.receiving.wakeNext() as Receive<T> | null
    if (receiver !== null) receiver.give(item)
    else this.buffer.unshift(item)
  }

  endOfChannel(): EndOfChannel {
    return new EndOfChannel(
      'Nothing more will come: every sender of the channel is closed, and its items are taken.',
    )
  }
}

/** One of possibly several handles of an end. */
abstract class End<T> {
  /** @internal */
  readonly _shared: Shared<T>
  #isClosed = false

  /** @internal */
  constructor(shared: Shared<T>) {
    this._shared = shared
  }

  /** Whether this handle was closed; others of the same end may be open. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Give this handle up. A receive that waits with it throws ClosedResource; a send that waits goes on waiting, and its item
   * can be received. A second call does nothing.
   */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.closed()
  }

  /** @internal */
  protected abstract closed(): void

  /** @internal */
  _check(): void {
    if (this.#isClosed) throw new ClosedResource(`${this} was closed here; clone it before to keep a handle.`)
  }

  /** For `using`: as `close()`. */
  [Symbol.dispose](): void {
    this.close()
  }

  toString(): string {
    const { buffer, capacity } = this._shared
    return `<${this.constructor.name} ${this.#isClosed ? 'closed' : 'open'} items=${buffer.length}/${capacity}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** The end of a channel that is sent to, or one of its handles; see `channel`. */
export class Sender<T> extends End<T> {
  /**
   * Send an item, waiting until a receiver or the buffer takes it. A checkpoint only where it waits. Cancelled: it was not sent.
   * @throws BrokenResource when every receiver is closed, ClosedResource when this handle is.
   */
  send(item: T): Awaitable<void> {
    return new Send(this, item)
  }

  /** Send an item at once. @throws QueueFull where it would have to wait; else as `send`. */
  sendNowait(item: T): void {
    this._check()
    if (!this._shared.offer(item)) throw new QueueFull('The channel takes no item now. Await send() to wait.')
  }

  /**
   * Another handle for the same end; the end is closed when all of them are. @throws ClosedResource when this one is closed.
   */
  clone(): Sender<T> {
    this._check()
    this._shared.senders++
    return new Sender(this._shared)
  }

  /** @internal */
  protected override closed(): void {
    if (--this._shared.senders === 0) this._shared.receiving.wakeAll()
  }
}

/**
 * The end of a channel that is received from, or one of its handles; see `channel`. `for await` receives until the channel
 * ends.
 */
export class Receiver<T> extends End<T> implements AsyncIterable<T> {
  /**
   * Receive an item, waiting for one. A checkpoint only where it waits. Cancelled: none was taken.
   * @throws EndOfChannel when every sender is closed and the items are taken, ClosedResource when this handle is closed.
   */
  receive(): Awaitable<T> {
    return new Receive(this)
  }

  /** Receive an item at once. @throws QueueEmpty where it would have to wait; else as `receive`. */
  receiveNowait(): T {
    this._check()
    const item = this._shared.poll()
    if (item !== NOTHING) return item
    if (this._shared.senders === 0) throw this._shared.endOfChannel()
    throw new QueueEmpty('The channel has no item now. Await receive() to wait.')
  }

  /**
   * Another handle for the same end; the end is closed when all of them are. @throws ClosedResource when this one is closed.
   */
  clone(): Receiver<T> {
    this._check()
    this._shared.receivers++
    return new Receiver(this._shared)
  }

  /** The next item, or the end of the channel; otherwise as `receive`. */
  next(): Awaitable<IteratorResult<T, undefined>> {
    return new Call(nextItem, [this], 'receiver.next', 0) as Awaitable<unknown> as Awaitable<
      IteratorResult<T, undefined>
    >
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.next() as PromiseLike<unknown> as Promise<IteratorResult<T, undefined>> }
  }

  /** @internal */
  protected override closed(): void {
    this._shared.receiving.wakeThose((receive) => (receive as Receive<T>).end === this)
    if (--this._shared.receivers === 0) this._shared.sending.wakeAll()
  }
}

class Send<T> extends LineWait<void> {
  static {
    bringThenNear(this)
  }

  readonly #item: T
  readonly end: Sender<T>
  #isTaken = false

  constructor(end: Sender<T>, item: T) {
    super(end._shared.sending)
    this.end = end
    this.#item = item
  }

  /** A receiver relieves it of its item. */
  take(): T {
    this.#isTaken = true
    return this.#item
  }

  /** @internal */
  override get _isCommitted(): boolean {
    return this.#isTaken
  }

  override _describe(): string {
    return `sender.send(${brief(this.#item)})`
  }

  protected override _begin(): boolean {
    this.end._check()
    return this.end._shared.offer(this.#item) || this.join()
  }

  /** Woken by a receiver that took the item; or, all receivers gone, with the item still here. */
  protected override _resume(): boolean {
    this.leave()
    if (!this.#isTaken) throw new BrokenResource('Nobody receives any more: the item was not sent.')
    return true
  }

  protected override _handBack(): void {
    this.leave()
  }
}

class Receive<T> extends LineWait<T> {
  static {
    bringThenNear(this)
  }

  readonly end: Receiver<T>
  #isGiven = false

  constructor(end: Receiver<T>) {
    super(end._shared.receiving)
    this.end = end
  }

  override _describe(): string {
    return 'receiver.receive()'
  }

  /** A sender, or a receiver that gave up, hands over an item. */
  give(item: T): void {
    this.#isGiven = true
    this._value = item
  }

  /**
   * @internal One that was given an item and has not run yet gives it back here and now, not when it runs: until then the item would be
   * missed, behind others and by whoever hears that the channel is at its end.
   */
  override _cancelWait(error: CancelledError): boolean {
    if (super._cancelWait(error)) return true
    if (!this.#isGiven) return false
    this.#isGiven = false
    this._line._retire()
    const item = this._value as T
    this._value = error
    this._state = CANCELLED
    this.end._shared.giveBack(item)
    return true
  }

  protected override _begin(): boolean {
    return this.poll() || this.join()
  }

  /** Woken by an item; or, this handle closed or all senders gone, without. Then one may have been given back meanwhile. */
  protected override _resume(): boolean {
    this.leave()
    return this.#isGiven || this.poll()
  }

  /** Returns false where there is nothing yet. */
  private poll(): boolean {
    this.end._check()
    const shared = this.end._shared
    const item = shared.poll()
    if (item !== NOTHING) this._value = item
    else if (shared.senders === 0) throw shared.endOfChannel()
    return item !== NOTHING
  }

  protected override _handBack(): void {
    this.leave()
    if (this.#isGiven) this.end._shared.giveBack(this._value as T)
  }
}

function* nextItem<T>(receiver: Receiver<T>): Coroutine<IteratorResult<T, undefined>> {
  try {
    return { done: false, value: yield* receiver.receive() }
  } catch (error) {
    if (error instanceof EndOfChannel) return { done: true, value: undefined }
    throw error
  }
}

/**
 * Make a channel: two ends, for tasks that produce and tasks that consume.
 *
 *     const [sender, receiver] = channel<Page>()
 *     group.createTask(function* () {
 *       using _ = sender
 *       for (const url of urls) yield* sender.send(yield* fetchPage(url))
 *     })
 *     yield* forEach(receiver, function* (page) { … })
 *
 * After Trio's memory channels.
 *
 * @param capacity how many items the buffer holds: 0 by default, so that a send waits for its receiver; Infinity for any number
 * @throws RangeError for anything else
 */
export function channel<T = unknown>(capacity = 0): [sender: Sender<T>, receiver: Receiver<T>] {
  if (capacity !== Number.POSITIVE_INFINITY && (!Number.isInteger(capacity) || capacity < 0)) {
    throw outOfRange(`channel() takes an integer of 0 or more, or Infinity; it was given ${brief(capacity)}.`)
  }
  const shared = new Shared<T>(capacity)
  return [new Sender(shared), new Receiver(shared)]
}
