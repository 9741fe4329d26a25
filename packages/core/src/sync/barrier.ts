/**
 * A barrier: so many tasks wait for each other, and go on together. It can be used again and again.
 *
 * | state     | is true                                            | next                          |
 * |-----------|----------------------------------------------------|-------------------------------|
 * | filling   | parties arrive and wait                            | draining, resetting, broken   |
 * | draining  | all have arrived, and leave; new ones stand aside  | filling, resetting, broken    |
 * | resetting | `reset` sends those that wait away with an error   | filling, broken               |
 * | broken    | `abort`: whoever waits or comes gets an error      | filling (`reset`)             |
 */
import { Call } from '../coroutine/call.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { BrokenBarrierError, outOfRange } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { Condition } from './condition.ts'

type State = 'filling' | 'draining' | 'resetting' | 'broken'

/** A barrier: so many tasks wait for each other, and go on together. It can be used again and again. asyncio's `Barrier`. */
export class Barrier {
  readonly #parties: number
  readonly #condition = new Condition()
  #state: State = 'filling'
  /** How many are inside. */
  #count = 0

  /** @throws RangeError unless `parties` is an integer of 1 or more. */
  constructor(parties: number) {
    if (!Number.isInteger(parties) || parties < 1) {
      throw outOfRange(`A barrier is for 1 or more parties, and was given ${brief(parties)}.`)
    }
    this.#parties = parties
  }

  /** How many have to arrive. */
  get parties(): number {
    return this.#parties
  }

  /** How many wait for the others now. */
  get nWaiting(): number {
    return this.#state === 'filling' ? this.#count : 0
  }

  /** Whether it was aborted, and not reset since. */
  get broken(): boolean {
    return this.#state === 'broken'
  }

  /**
   * Wait for the others. Returns how many were there before, 0 for the first that came. A checkpoint, but for the last. A
   * cancelled waiter is not counted any more, so the next to come has a number that was given before, as in asyncio.
   *
   * @throws BrokenBarrierError where the barrier is or gets aborted, or is reset meanwhile.
   */
  wait(): Awaitable<number> {
    return new Call(
      this.#locked,
      [this.#arrive],
      'barrier.wait',
      0,
      this,
    ) as Awaitable<unknown> as Awaitable<number>
  }

  /** As a resource: waits for the others, and the value is the number that `wait` gives. */
  enter(): Awaitable<number> {
    return this.wait()
  }

  /** Nothing is to be given back. */
  exit(): void {}

  /**
   * Begin anew: whoever waits gets a BrokenBarrierError, and a broken barrier works again. Hardly ever a checkpoint: it takes a
   * lock that is held for moments.
   */
  reset(): Awaitable<void> {
    return new Call(
      this.#locked,
      [this.#reset],
      'barrier.reset',
      0,
      this,
    ) as Awaitable<unknown> as Awaitable<void>
  }

  /** Break it: whoever waits or comes gets a BrokenBarrierError, until it is reset. A checkpoint as `reset` is. */
  abort(): Awaitable<void> {
    return new Call(
      this.#locked,
      [this.#abort],
      'barrier.abort',
      0,
      this,
    ) as Awaitable<unknown> as Awaitable<void>
  }

  *#locked(body: (this: Barrier) => Coroutine<unknown>): Coroutine<unknown> {
    yield* this.#condition.acquire()
    try {
      return yield* body.call(this)
    } finally {
      this.#condition.release()
    }
  }

  *#arrive(): Coroutine<number> {
    yield* this.#condition.waitFor(() => this.#state !== 'draining' && this.#state !== 'resetting')
    if (this.#state === 'broken')
      throw new BrokenBarrierError('The barrier was aborted; reset() it to use it again.')
    const number = this.#count++
    try {
      if (this.#count === this.#parties) this.#enterState('draining')
      else yield* this.#untilAllArrived()
      return number
    } finally {
      this.#count--
      this.#leave()
    }
  }

  *#untilAllArrived(): Coroutine {
    yield* this.#condition.waitFor(() => this.#state !== 'filling')
    if (this.#state === 'draining') return
    throw new BrokenBarrierError('The barrier was aborted or reset while this task waited.')
  }

  #leave(): void {
    if (this.#count > 0) return
    if (this.#state === 'draining' || this.#state === 'resetting') this.#state = 'filling'
    this.#condition._wake(Number.POSITIVE_INFINITY) // Not notifyAll(): one that is ended by force has no lock.
  }

  *#reset(): Coroutine {
    this.#enterState(this.#count > 0 ? 'resetting' : 'filling')
  }

  *#abort(): Coroutine {
    this.#enterState('broken')
  }

  #enterState(state: State): void {
    this.#state = state
    this.#condition.notifyAll()
  }

  toString(): string {
    return `<Barrier ${this.#state} ${this.#count}/${this.#parties}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}
