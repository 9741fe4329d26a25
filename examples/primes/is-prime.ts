/**
 * Whether a number is prime, by trial division: slow on purpose, since it stands for all work that keeps a processor
 * busy.
 */
import { type Coroutine, sleep } from 'polvo'

export function isPrime(n: number): boolean {
  if (n < 4) return n > 1
  if (n % 2 === 0) return false
  const last = Math.floor(Math.sqrt(n))
  for (let divisor = 3; divisor <= last; divisor += 2) {
    if (n % divisor === 0) return false
  }
  return true
}

const NAP_EVERY = 100_000

/** The same, letting the loop have a turn now and then. */
export function* isPrimeWithNaps(n: number): Coroutine<boolean> {
  if (n < 4) return n > 1
  if (n % 2 === 0) return false
  const last = Math.floor(Math.sqrt(n))
  for (let divisor = 3; divisor <= last; divisor += 2) {
    if (n % divisor === 0) return false
    if (divisor % NAP_EVERY === 1) yield* sleep(0)
  }
  return true
}

/** What a check gave, and how long it took where it was made. */
export interface Verdict {
  readonly n: number
  readonly isPrime: boolean
  readonly seconds: number
}

export function check(n: number): Verdict {
  const began = performance.now()
  return { n, isPrime: isPrime(n), seconds: (performance.now() - began) / 1000 }
}
