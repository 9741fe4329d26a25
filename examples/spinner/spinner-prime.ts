/**
 * The spinner beside work that keeps the processor busy, in three ways:
 *
 *     node spinner-prime.ts blocked    the loop has no turn, and the spinner never shows
 *     node spinner-prime.ts nap        the work sleeps for 0 ms now and then, and takes longer for it
 *     node spinner-prime.ts thread     the work is done in a thread
 */
import { inspect } from 'node:util'
import { toThread } from '@polvo/threads'
import { type Coroutine, createTask } from 'polvo'
import { main } from 'polvo/node'
import { isPrime, isPrimeWithNaps } from '../primes/is-prime.ts'
import { spin } from './spin.ts'

const N = 5_000_111_000_222_021

const WAYS: Record<string, () => Coroutine<boolean>> = {
  *blocked() {
    return isPrime(N)
  },
  *nap() {
    return yield* isPrimeWithNaps(N)
  },
  *thread() {
    return yield* toThread(isPrime, N)
  },
}

function* supervisor(check: () => Coroutine<boolean>): Coroutine<boolean> {
  const spinner = createTask(spin, 'thinking!')
  console.log('spinner object:', inspect(spinner))
  const isPrime = yield* check()
  spinner.cancel()
  return isPrime
}

const check = WAYS[process.argv[2] ?? 'thread']
if (check === undefined) {
  console.error(`usage: spinner-prime ${Object.keys(WAYS).join('|')}`)
  process.exitCode = 2
} else {
  const isPrime = await main(() => supervisor(check))
  if (isPrime !== undefined) console.log(N.toLocaleString('en'), isPrime ? 'is prime' : 'is not prime')
}
