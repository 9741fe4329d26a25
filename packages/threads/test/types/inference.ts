/** What the types say. Checked by the compiler, never run. */
import { type ThreadPoolExecutor, toThread, type WorkResults } from '@polvo/threads'
import type { Awaitable, Coroutine, Future } from 'polvo'

declare const pool: ThreadPoolExecutor
const work = pool.module<typeof import('../support/work.ts')>(new URL('../support/work.ts', import.meta.url))

export const plain: Awaitable<number> = work.add(1, 2)
export const generator: Awaitable<string> = work.slowly(1, 'x')
export const asyncFunction: Awaitable<string> = work.greet()

// @ts-expect-error a wrong argument
work.add('1', 2)
// @ts-expect-error not a function of the module
work.nothing()
// @ts-expect-error exported, but no function
work.user()

export const ofModule: Future<number> = pool.submit(work.add, 1, 2)
export const ofFunction: Future<string> = pool.submit((n: number) => String(n), 1)
export const ofAsync: Future<string> = pool.submit(async (n: number) => String(n), 1)
export const ofGenerator: Future<boolean> = pool.submit(function* (): Coroutine<boolean> {
  return true
})
// @ts-expect-error a wrong argument
pool.submit(work.add, '1', 2)

export const mapped: WorkResults<number> = pool.map(work.double, [1, 2])
// @ts-expect-error wrong items
pool.map(work.double, ['1'])

export const inThread: Awaitable<number> = toThread(work.add, 1, 2)
export const coroutineInThread: Awaitable<string> = toThread(work.slowly, 1, 'x')
// @ts-expect-error an argument is missing
toThread(work.add, 1)
