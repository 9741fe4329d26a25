/** The work of the rows about threads and processes, in a module of its own: it is loaded on the other side. */

/** Next to nothing: what is measured is the way there and back. */
export function increment(n: number): number {
  return n + 1
}

/** How many primes there are below `n`: some 8 ms for two millions. */
export function countPrimes(n: number): number {
  const isComposite = new Uint8Array(n)
  let primes = 0
  for (let i = 2; i < n; i++) {
    if (isComposite[i] === 1) continue
    primes++
    for (let j = i * i; j < n; j += i) isComposite[j] = 1
  }
  return primes
}

/** What `countPrimes` finds below this number. */
export const BELOW = 2_000_000
export const PRIMES = 148_933

/** So many jobs are done before the watch runs. */
export const WARM_JOBS = 1_000

/** How many jobs have found what they should. */
export function checkPrimes(found: readonly number[]): number {
  return found.filter((primes) => primes === PRIMES).length
}
