/**
 * The two places in which an executor tells a busy worker that its job is cancelled. Both hold the number of that
 * job.
 */
import { readSync } from 'node:fs'
import type { CancelFlag } from '../thread-signal.ts'

/** For a thread: memory it shares with the executor. */
export class SharedFlag implements CancelFlag {
  readonly #cells: Int32Array

  constructor(cells: Int32Array) {
    this.#cells = cells
  }

  isSetFor(id: number): boolean {
    return Atomics.load(this.#cells, 0) === id
  }
}

/** How old an answer of the system may be, in milliseconds. */
const FRESH_FOR = 1

/**
 * For a process: four bytes of a file that both have open. A loop may ask all the time; the system is asked once a
 * millisecond.
 */
export class FileFlag implements CancelFlag {
  readonly #descriptor: number
  readonly #bytes = new Int32Array(1)
  #asked = -FRESH_FOR

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  isSetFor(id: number): boolean {
    const now = performance.now()
    if (this.#bytes[0] !== id && now - this.#asked >= FRESH_FOR) {
      this.#asked = now
      readSync(this.#descriptor, this.#bytes, 0, 4, 0)
    }
    return this.#bytes[0] === id
  }
}
