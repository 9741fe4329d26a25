/**
 * Scenes for sweeps and explorations: small programs around one primitive each, in both spellings. Whichever task is cancelled, and
 * whoever runs first, the others come to their end, nothing is lost, and what a scene says of itself holds.
 */
import type { Coroutine } from 'polvo'
import type { SweepOptions, Watch } from 'polvo/testing'

export interface Scene {
  readonly name: string
  readonly generator: (watch: Watch) => Coroutine<unknown>
  readonly async: (watch: Watch) => Promise<unknown>
  readonly options?: SweepOptions
}

/** Throws where what has to hold does not. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`broken: ${what}`)
}

/** How many are in a place where so many may be. */
export class Room {
  #inside = 0
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  enter(): void {
    holds(++this.#inside <= this.#limit, `${this.#inside} are where ${this.#limit} may be`)
  }

  leave(): void {
    this.#inside--
  }
}
