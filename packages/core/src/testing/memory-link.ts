/** What the way between two memory sockets does to the bytes. */
import { checkInteger, checkNumber, MAX_TIMER } from './arguments.ts'
import type { Seeded } from './seeded.ts'

/** What a memory connection is like; all of it may be left out. */
export interface LinkOptions {
  /** How many milliseconds bytes are on their way: a number, or from … to. By default 0, which is the next pass. */
  latency?: number | readonly [min: number, max: number] | undefined
  /** How many bytes arrive at once at most: a number, or from … to. By default as they were written. */
  chunk?: number | readonly [min: number, max: number] | undefined
  /** Lose the connection after so many bytes, of both directions together: a number, or from … to. By default never. */
  loseAfter?: number | readonly [min: number, max: number] | undefined
}

type Range = readonly [min: number, max: number]

export class Link {
  readonly #random: Seeded
  readonly #latency: Range
  readonly #chunk: Range | null
  #bytesLeft: number

  /** @throws TypeError and RangeError for options that cannot be, which are those of `taker` */
  constructor(taker: string, { latency = 0, chunk, loseAfter }: LinkOptions, random: Seeded) {
    this.#random = random
    this.#latency = rangeFrom(`${taker}({ latency })`, latency, checkNumber, 0, MAX_TIMER)
    const most = Number.MAX_SAFE_INTEGER
    this.#chunk = chunk === undefined ? null : rangeFrom(`${taker}({ chunk })`, chunk, checkInteger, 1, most)
    this.#bytesLeft =
      loseAfter === undefined
        ? Number.POSITIVE_INFINITY
        : this.#within(rangeFrom(`${taker}({ loseAfter })`, loseAfter, checkInteger, 0, most))
  }

  /** How long the next bytes are on their way. */
  latency(): number {
    const [min, max] = this.#latency
    return this.#random.between(min, max)
  }

  /** How many of so many bytes arrive at once. */
  chunk(size: number): number {
    return this.#chunk === null ? size : Math.min(size, this.#within(this.#chunk))
  }

  /** Count bytes that have arrived. Returns whether they were the last. */
  isLostAfter(bytes: number): boolean {
    this.#bytesLeft -= bytes
    return this.#bytesLeft <= 0
  }

  #within([min, max]: Range): number {
    return min + this.#random.below(max - min + 1)
  }
}

function rangeFrom(
  name: string,
  given: number | Range,
  check: (name: string, value: unknown, min: number, max: number) => void,
  least: number,
  most: number,
): Range {
  const [min, max] = typeof given === 'number' ? [given, given] : given
  check(name, min, least, most)
  check(name, max, min, most)
  return [min, max]
}
