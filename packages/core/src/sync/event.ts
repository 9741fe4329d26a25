import type { Awaitable } from '../coroutine/types.ts'
import { inspectKey } from '../host/inspect.ts'
import { LineWait, WaitLine } from './wait-line.ts'

/**
 * A flag that tasks can wait for: `set` wakes all of them, in the order they came; `clear` makes later ones wait again.
 * asyncio's `Event`.
 */
export class Event {
  #isSet = false
  /** @internal */
  readonly _line = new WaitLine()

  /** Whether the flag is set. */
  isSet(): boolean {
    return this.#isSet
  }

  /** Set the flag, and wake whoever waits. A second call does nothing. */
  set(): void {
    this.#isSet = true
    this._line.wakeAll()
  }

  /** Take the flag down. Whoever was woken by then goes on all the same. */
  clear(): void {
    this.#isSet = false
  }

  /** Wait until the flag is set. A checkpoint only where it is not set yet. */
  wait(): Awaitable<true> {
    return new EventWait(this)
  }

  toString(): string {
    return `<Event ${this.#isSet ? 'set' : 'unset'} waiters=${this._line.live}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

class EventWait extends LineWait<true> {
  readonly #event: Event

  constructor(event: Event) {
    super(event._line)
    this.#event = event
    this._value = true
  }

  override _describe(): string {
    return 'event.wait()'
  }

  protected override _begin(): boolean {
    return this.#event.isSet() || this.join()
  }

  protected override _resume(): boolean {
    this.leave()
    return true
  }

  protected override _handBack(): void {
    this.leave()
  }
}
