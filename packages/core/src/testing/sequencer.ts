import { namedCall } from '../coroutine/call.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { InvalidStateError } from '../errors.ts'
import { inspectKey } from '../host/inspect.ts'
import type { Resource } from '../structured/use.ts'
import { Event } from '../sync/event.ts'
import { checkInteger } from './arguments.ts'

/**
 * Puts pieces of several tasks into an order: each says at which place it comes, from 0, and waits until all before it are through.
 *
 *     const order = new Sequencer()
 *     await order.step(1)                       // what follows, up to the next await, is second
 *     await use(order.at(2), async () => { … }) // all of the body is third
 *
 * Modelled on Trio's.
 */
export class Sequencer {
  readonly #turns = new Map<number, Event>()
  readonly #taken = new Set<number>()
  #turn = 0

  /** Wait for place `n`. What follows, up to the next suspension, runs before what comes at `n + 1`. A checkpoint only where it waits. */
  step(n: number): Awaitable<void> {
    checkInteger('sequencer.step()', n, 0, Number.MAX_SAFE_INTEGER)
    return namedCall(`sequencer.step(${n})`, () => this.#step(n)) as Awaitable<void>
  }

  *#step(n: number): Coroutine {
    yield* this.#reach(n)
    this.#pass()
  }

  /** A resource: `use(order.at(n), body)` runs the body at place `n`, and goes on to the next when it has ended, however. */
  at(n: number): Resource<number> {
    checkInteger('sequencer.at()', n, 0, Number.MAX_SAFE_INTEGER)
    return { enter: () => this.#reach(n), exit: () => this.#pass() }
  }

  *#reach(n: number): Coroutine<number> {
    if (n < this.#turn || this.#taken.has(n)) {
      throw new InvalidStateError(`Place ${n} of a sequencer was taken before; each comes once.`)
    }
    this.#taken.add(n)
    try {
      if (n > this.#turn) yield* this.#turnOf(n).wait()
    } catch (error) {
      this.#taken.delete(n)
      throw error
    }
    return n
  }

  #turnOf(n: number): Event {
    const turn = this.#turns.get(n) ?? new Event()
    this.#turns.set(n, turn)
    return turn
  }

  #pass(): void {
    this.#turns.delete(this.#turn)
    this.#turns.get(++this.#turn)?.set()
  }

  toString(): string {
    return `<Sequencer turn=${this.#turn} waiting=${[...this.#turns.keys()].join(', ') || 'none'}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}
