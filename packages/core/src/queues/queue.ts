import { Call } from '../coroutine/call.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { outOfRange, QueueEmpty, QueueFull, QueueShutDown } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { RingBuffer } from '../loop/ring-buffer.ts'
import { Event } from '../sync/event.ts'
import { LineWait, WaitLine } from '../sync/wait-line.ts'

/** Where a queue keeps its items, which decides their order. */
export interface Store<T> {
  readonly length: number
  push(item: T): void
  /** The next item. Only while there is one. */
  take(): T
}

/**
 * A queue between tasks, first in, first out. `put` waits while it is full, `get` while it is empty. A cancelled `get` takes
 * nothing, a cancelled `put` adds nothing. `for await` takes items until the queue is shut down and empty. asyncio's `Queue`.
 */
export class Queue<T = unknown> implements AsyncIterable<T> {
  readonly #store: Store<T>
  readonly #maxsize: number
  readonly #finished = new Event()
  #unfinished = 0
  #isShutDown = false
  /** @internal */
  readonly _getters = new WaitLine()
  /** @internal */
  readonly _putters = new WaitLine()

  /** @param maxsize how many items it holds; 0 or less is any number */
  constructor(maxsize = 0, store: Store<T> = new FirstInFirstOut()) {
    if (typeof maxsize !== 'number' || Number.isNaN(maxsize)) {
      throw outOfRange(`A queue takes a number of items, and was given ${brief(maxsize)}.`)
    }
    this.#maxsize = maxsize
    this.#store = store
    this.#finished.set()
  }

  /** How many items it holds; 0 or less is any number. */
  get maxsize(): number {
    return this.#maxsize
  }

  /** How many items are in it. */
  qsize(): number {
    return this.#store.length
  }

  /** Whether nothing is in it. */
  empty(): boolean {
    return this.#store.length === 0
  }

  /** Whether `put` would wait; never without a `maxsize`. */
  full(): boolean {
    return this.#maxsize > 0 && this.#store.length >= this.#maxsize
  }

  /** Whether `shutdown` was called. */
  get isShutDown(): boolean {
    return this.#isShutDown
  }

  /**
   * Add an item, waiting while the queue is full. A checkpoint only where it waits. @throws QueueShutDown, also while it waits.
   */
  put(item: T): Awaitable<void> {
    return new Put(this, item)
  }

  /** Add an item at once. Never suspends. @throws QueueFull, QueueShutDown. */
  putNowait(item: T): void {
    if (this.#isShutDown) throw new QueueShutDown('The queue was shut down: nothing can be put into it.')
    if (this.full()) throw new QueueFull(`The queue is full: it holds ${this.#maxsize}. Await put() to wait.`)
    this.#store.push(item)
    this.#unfinished++
    this.#finished.clear()
    this._getters.wakeNext()
  }

  /**
   * Take an item, waiting while the queue is empty. A checkpoint only where it waits.
   * @throws QueueShutDown when it is shut down and empty, also while it waits.
   */
  get(): Awaitable<T> {
    return new Get(this)
  }

  /** Take an item at once. Never suspends. @throws QueueEmpty; QueueShutDown when it is shut down and empty. */
  getNowait(): T {
    if (this.empty()) {
      this._refuseWhenShutDown()
      throw new QueueEmpty('The queue is empty. Await get() to wait.')
    }
    const item = this.#store.take()
    this._putters.wakeNext()
    return item
  }

  /** Say that an item that was taken has been dealt with; see `join`. @throws RangeError when called too often. */
  taskDone(): void {
    if (this.#unfinished === 0) throw outOfRange('taskDone() was called more often than items were put.')
    if (--this.#unfinished === 0) this.#finished.set()
  }

  /** Wait until `taskDone` was called for every item that was put. A checkpoint only where it waits. */
  join(): Awaitable<void> {
    return new Call(untilFinished, [this.#finished], 'queue.join', 0)
  }

  /**
   * Take no more items: `put` fails from now on, `get` once the queue is empty. With `immediate` it is emptied, and `join`
   * no longer waits for what was in it. A second call does nothing, but may make it immediate.
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    this.#isShutDown = true
    if (immediate) {
      while (!this.empty()) {
        this.#store.take()
        if (this.#unfinished > 0) this.#unfinished--
      }
      if (this.#unfinished === 0) this.#finished.set()
    }
    this._getters.wakeAll()
    this._putters.wakeAll()
  }

  /** @internal */
  _refuseWhenShutDown(): void {
    if (this.#isShutDown) throw new QueueShutDown('The queue was shut down, and is empty.')
  }

  /** The next item, or the end: when the queue is shut down and empty. Otherwise as `get`. */
  next(): Awaitable<IteratorResult<T, undefined>> {
    return new Call(nextItem, [this], 'queue.next', 0) as Awaitable<IteratorResult<T, undefined>>
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: () => this.next() as PromiseLike<IteratorResult<T, undefined>> as Promise<IteratorResult<T>>,
    }
  }

  toString(): string {
    const waiting = ` getters=${this._getters.live} putters=${this._putters.live}`
    return `<${this.constructor.name} size=${this.qsize()} maxsize=${this.#maxsize}${waiting}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** As `Queue`, last in, first out. asyncio's `LifoQueue`. */
export class LifoQueue<T = unknown> extends Queue<T> {
  constructor(maxsize = 0) {
    super(maxsize, new LastInFirstOut())
  }
}

class FirstInFirstOut<T> implements Store<T> {
  readonly #items = new RingBuffer<T>(8)

  get length(): number {
    return this.#items.length
  }

  push(item: T): void {
    this.#items.push(item)
  }

  take(): T {
    const item = this.#items.peek()
    this.#items.drop()
    return item
  }
}

class LastInFirstOut<T> implements Store<T> {
  readonly #items: T[] = []

  get length(): number {
    return this.#items.length
  }

  push(item: T): void {
    this.#items.push(item)
  }

  take(): T {
    return this.#items.pop() as T
  }
}

class Get<T> extends LineWait<T> {
  readonly #queue: Queue<T>

  constructor(queue: Queue<T>) {
    super(queue._getters)
    this.#queue = queue
  }

  override _describe(): string {
    return 'queue.get()'
  }

  protected override _begin(): boolean {
    if (this.#queue.empty()) {
      this.#queue._refuseWhenShutDown()
      return this.join()
    }
    this._value = this.#queue.getNowait()
    return true
  }

  /** The item it was woken for may be gone, taken by `getNowait`: it gets in line again then. */
  protected override _resume(): boolean {
    this.leave()
    return this._begin()
  }

  protected override _handBack(): void {
    this.leave()
    if (!this.#queue.empty()) this.#queue._getters.wakeNext()
  }
}

class Put<T> extends LineWait<void> {
  readonly #queue: Queue<T>
  readonly #item: T

  constructor(queue: Queue<T>, item: T) {
    super(queue._putters)
    this.#queue = queue
    this.#item = item
  }

  override _describe(): string {
    return `queue.put(${brief(this.#item)})`
  }

  protected override _begin(): boolean {
    if (this.#queue.full() && !this.#queue.isShutDown) return this.join()
    this.#queue.putNowait(this.#item)
    return true
  }

  /** The place it was woken for may be gone, taken by `putNowait`: it gets in line again then. */
  protected override _resume(): boolean {
    this.leave()
    return this._begin()
  }

  protected override _handBack(): void {
    this.leave()
    if (!this.#queue.full()) this.#queue._putters.wakeNext()
  }
}

function* untilFinished(finished: Event): Coroutine {
  yield* finished.wait()
}

function* nextItem<T>(queue: Queue<T>): Coroutine<IteratorResult<T, undefined>> {
  try {
    return { done: false, value: yield* queue.get() }
  } catch (error) {
    if (error instanceof QueueShutDown) return { done: true, value: undefined }
    throw error
  }
}
