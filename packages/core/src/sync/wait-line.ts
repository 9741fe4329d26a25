/**
 * The waiting line of a primitive: first come, first served, and leaving it costs the same from any place.
 *
 * | a waiter is | counted as live | until                                             |
 * |-------------|-----------------|---------------------------------------------------|
 * | waiting     | yes             | it is woken or cancelled                          |
 * | woken       | yes             | its task has run, and took its turn or gave it up |
 * | cancelled   | no              | its task has run                                  |
 *
 * Live waiters go before newcomers: what is free but has live waiters is not free for others.
 */
import { Operation } from '../coroutine/operation.ts'
import { CANCELLED, PENDING } from '../coroutine/waitable.ts'
import type { CancelledError } from '../errors.ts'
import { type Linked, LinkedList, unlink } from '../loop/linked-list.ts'

export class WaitLine {
  readonly #waiting = new LinkedList<LineWait<unknown>>()
  #live = 0

  /** How many wait, or were woken and have not run yet. */
  get live(): number {
    return this.#live
  }

  /**
   * Wake the head of the line, which stays the head until its task has run. Nothing happens while it is one that was woken
   * or cancelled before: when it runs, it passes the turn on if it does not take it.
   */
  wakeHead(): void {
    this.#waiting.first?._wakeUp()
  }

  /** Wake the first that waits, and have it leave the line. Returns it, null where nobody waits. */
  wakeNext(): LineWait<unknown> | null {
    for (let next = this.#waiting.shift(); next !== null; next = this.#waiting.shift()) {
      if (next._state !== PENDING) continue
      next._wakeUp()
      return next
    }
    return null
  }

  wakeAll(): void {
    while (this.wakeNext() !== null);
  }

  /** Wake those that wait and are meant, and have them leave the line. Goes through the whole line. */
  wakeThose(areMeant: (waiter: LineWait<unknown>) => boolean): void {
    this.#waiting.forEach((waiter) => {
      if (!areMeant(waiter)) return
      unlink(waiter)
      waiter._wakeUp()
    })
  }

  /** @internal */
  _join(waiter: LineWait<unknown>): void {
    this.#waiting.push(waiter)
    this.#live++
  }

  /** @internal */
  _retire(): void {
    this.#live--
  }
}

/** An operation that may have to stand in a line. */
export abstract class LineWait<T> extends Operation<T> implements Linked {
  /** @internal */
  declare _prev: Linked | null
  /** @internal */
  declare _next: Linked | null
  /** @internal */
  declare readonly _line: WaitLine

  constructor(line: WaitLine) {
    super()
    this._prev = null
    this._next = null
    this._line = line
  }

  /** Get in line. Returns false, as `_begin` and `_resume` do then. */
  protected join(): false {
    this._line._join(this as LineWait<unknown>)
    return false
  }

  /** Leave the line: it is this one's turn, or it gives up. */
  protected leave(): void {
    unlink(this)
    if (this._state !== CANCELLED) this._line._retire()
  }

  /** Nothing was given to it yet. What to do with what it was given (`_handBack`) each kind has to say for itself. */
  protected override _withdraw(): void {
    this.leave()
  }

  /** @internal */
  override _cancelWait(error: CancelledError): boolean {
    const isCancelled = super._cancelWait(error)
    if (isCancelled) this._line._retire()
    return isCancelled
  }
}
