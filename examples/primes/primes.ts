/**
 * Which of twenty numbers are prime, and how long each check takes: one after the other, in threads, or in processes.
 *
 *     node primes.ts [sequential|threads|processes] [WORKERS]
 */
import { availableParallelism } from 'node:os'
import { ProcessPoolExecutor, ThreadPoolExecutor } from '@polvo/threads'
import { type Coroutine, forEach, use } from 'polvo'
import { main } from 'polvo/node'
import { check, type Verdict } from './is-prime.ts'
import { NUMBERS } from './numbers.ts'

const [way = 'processes', workers = String(availableParallelism())] = process.argv.slice(2)

function print({ n, isPrime, seconds }: Verdict): void {
  console.log(`${String(n).padStart(16)}  ${isPrime ? 'P' : ' '}  ${seconds.toFixed(6).padStart(9)}s`)
}

function* sequential(): Coroutine {
  for (const n of NUMBERS) print(check(n))
}

/** Each verdict is printed when it is there: the small numbers first. */
function* inPool(pool: ThreadPoolExecutor | ProcessPoolExecutor): Coroutine {
  const work = pool.module<typeof import('./is-prime.ts')>(new URL('./is-prime.ts', import.meta.url))
  const checkAndPrint = function* (n: number): Coroutine {
    print(yield* work.check(n))
  }
  yield* forEach(NUMBERS, checkAndPrint, { concurrency: Number(workers) })
}

const WAYS: Record<string, () => Coroutine> = {
  sequential,
  *threads() {
    yield* use(new ThreadPoolExecutor({ maxWorkers: Number(workers) }), inPool)
  },
  *processes() {
    yield* use(new ProcessPoolExecutor({ maxWorkers: Number(workers) }), inPool)
  },
}

const run = WAYS[way]
if (run === undefined || !(Number(workers) >= 1)) {
  console.error(`usage: primes [${Object.keys(WAYS).join('|')}] [WORKERS]`)
  process.exitCode = 2
} else {
  const began = performance.now()
  await main(run)
  if (process.exitCode === undefined) {
    const seconds = ((performance.now() - began) / 1000).toFixed(2)
    const by = way === 'sequential' ? 'one after the other' : `with ${workers} ${way}`
    console.log(`${NUMBERS.length} checks in ${seconds}s, ${by}`)
  }
}
