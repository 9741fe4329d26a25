import { ThreadPoolExecutor, threadSignal, toThread } from '@polvo/threads'
import { ContextVar, createTask, Future, getRunningLoop, run, sleep, TimeoutError, timeout } from 'polvo'
import { describe, expect, test } from 'vitest'
import { errorOf, workUrl } from './support/pools.ts'
import { user } from './support/work.ts'

const work = new ThreadPoolExecutor().module<typeof import('./support/work.ts')>(workUrl)

describe('toThread', () => {
  test('gives what the function returns, or throws what it throws (generator)', () =>
    run(function* () {
      expect(yield* toThread((a: number, b: number) => a + b, 40, 2)).toBe(42)
      expect(yield* toThread(work.double, 21)).toBe(42)
      try {
        yield* toThread(work.burn)
        expect.fail()
      } catch (error) {
        expect(error).toMatchObject({ name: 'TooHot' })
      }
    }))

  test('gives what the function returns, or throws what it throws (async)', () =>
    run(async () => {
      expect(await toThread((a: number, b: number) => a + b, 40, 2)).toBe(42)
      expect(await toThread(work.double, 21)).toBe(42)
      expect(await errorOf(() => toThread(work.burn))).toMatchObject({ name: 'TooHot' })
    }))

  test('lets the loop go on', () =>
    run(async () => {
      let turns = 0
      const ticking = createTask(async () => {
        for (;;) {
          await sleep(5)
          turns++
        }
      })
      await toThread(work.spin, 200)
      ticking.cancel()
      expect(turns).toBeGreaterThan(5)
    }))

  test('makes the default executor, which ends with the run', async () => {
    let executor: unknown
    await run(async () => {
      expect(getRunningLoop().getDefaultExecutor()).toBe(null)
      await toThread(work.add, 1, 1)
      executor = getRunningLoop().getDefaultExecutor()
    })
    expect(executor).toBeInstanceOf(ThreadPoolExecutor)
    expect((executor as ThreadPoolExecutor).stats.workers).toBe(0)
  })

  test('uses the default executor that there is', () =>
    run(async () => {
      const pool = new ThreadPoolExecutor({ maxWorkers: 1, gracePeriod: 50 })
      getRunningLoop().setDefaultExecutor(pool)
      await toThread(work.add, 1, 1)
      expect(pool.stats.workers).toBe(1)
      expect(await errorOf(() => timeout(20, () => toThread(work.spin, 20_000)))).toBeInstanceOf(TimeoutError)
      expect(pool.stats.workers).toBe(0)
    }))

  test('takes an executor of another kind as it is', () =>
    run(async () => {
      getRunningLoop().setDefaultExecutor({
        submit(fn, ...args) {
          const future = new Future<never>()
          future.setResult(`by hand: ${fn(...args)}` as never)
          return future
        },
        shutdown: () => Promise.resolve(),
      })
      expect(await toThread((n: number) => n + 1, 41)).toBe('by hand: 42')
    }))

  test('is lazy, and serves once', () =>
    run(async () => {
      const later = toThread(work.add, 1, 1)
      expect(getRunningLoop().getDefaultExecutor()).toBe(null)
      expect(await later).toBe(2)
      expect((await errorOf(() => later)).name).toBe('InvalidStateError')
    }))
})

describe('context variables', () => {
  test('are copied, to plain functions and coroutines', () =>
    run(async () => {
      user.set('ida')
      expect(await toThread(work.greetNow)).toBe('hello ida')
      expect(await toThread(work.greet)).toBe('hello ida')
      user.set('bob')
      expect(await toThread(work.greetNow)).toBe('hello bob')
    }))

  test('that were not set are as they are by default, also behind others', () =>
    run(async () => {
      await createTask(async () => {
        user.set('ida')
        expect(await toThread(work.greetNow)).toBe('hello ida')
      })
      expect(await toThread(work.greetNow)).toBe('hello nobody')
    }))

  test('whose value cannot be cloned stay behind', () =>
    run(async () => {
      new ContextVar<() => void>('callback').set(() => {})
      user.set('ida')
      expect(await toThread(work.greetNow)).toBe('hello ida')
    }))
})

test('threadSignal() is never aborted outside of workers', () => {
  expect(threadSignal().aborted).toBe(false)
})
