import { type Awaitable, type Coroutine, type Executor, getRunningLoop } from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import { carryContext } from './carry-context.ts'
import { PoolExecutor, runIn } from './pool-executor.ts'
import { ThreadPoolExecutor } from './thread-pool.ts'
import type { AnyFunction } from './work.ts'

/**
 * Run `fn(...args)` in a thread, and wait for its result, while the loop goes on.
 *
 *     const digest = yield* toThread(work.hash, data)
 *     const n = await toThread((text: string) => JSON.parse(text).length, text)
 *
 * The thread is one of the loop's default executor, which is made if there is none, and ends with the run. `fn` is
 * as for `ThreadPoolExecutor.submit`; context variables are copied, so far as their values can be cloned, to the
 * variables of the same name. Lazy and single-use. A checkpoint. A cancellation goes on when the work has stopped,
 * or its thread was ended after the `gracePeriod`.
 */
export function toThread<Args extends unknown[], T>(
  fn: (...args: Args) => Coroutine<T>,
  ...args: Args
): Awaitable<T>
export function toThread<Args extends unknown[], R>(
  fn: (...args: Args) => R,
  ...args: Args
): Awaitable<Awaited<R>>
export function toThread(fn: AnyFunction, ...args: unknown[]): Awaitable<never> {
  return namedCall(`toThread(${fn?.name || fn})`, inThread<never>, fn, args)
}

function* inThread<T>(fn: AnyFunction, args: readonly unknown[]): Coroutine<T> {
  const executor = defaultExecutor()
  if (executor instanceof PoolExecutor) return (yield* runIn(executor, fn, args, carryContext())) as T
  return (yield* executor.submit(fn as (...args: unknown[]) => unknown, ...args)) as T
}

function defaultExecutor(): Executor {
  const loop = getRunningLoop()
  const executor = loop.getDefaultExecutor()
  if (executor !== null) return executor
  const made = new ThreadPoolExecutor()
  loop.setDefaultExecutor(made)
  return made
}
