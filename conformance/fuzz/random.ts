/**
 * Random numbers that are the same everywhere for the same seed: splitmix32, a counter that is stirred.
 *
 * @see https://doi.org/10.1145/2714064.2660195 (Steele, Lea and Flood: Fast splittable pseudorandom number generators)
 */
export class Random {
  #state = 0

  /** Several numbers make one seed. */
  constructor(...seeds: readonly number[]) {
    for (const seed of seeds) this.#state = stir(this.#state ^ stir(seed) ^ stir(seed / 2 ** 32))
  }

  /** A number from 0 up to, and without, 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    return stir(this.#state) / 2 ** 32
  }

  /** An integer, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** True in so many cases out of 1. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)] as T
  }

  /** One of several choices, each as often as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    const total = choices.reduce((sum, [weight]) => sum + weight, 0)
    let left = this.next() * total
    const chosen = choices.find(([weight]) => {
      left -= weight
      return left < 0
    })
    return (chosen ?? choices.at(-1)!)[1]
  }
}

/** Every bit of the input changes about half of the bits of the result. */
function stir(value: number): number {
  let bits = value + 0x9e3779b9
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad)
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
  return (bits ^ (bits >>> 15)) >>> 0
}
