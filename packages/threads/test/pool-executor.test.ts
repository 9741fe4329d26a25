import { ProcessPoolExecutor, ThreadPoolExecutor } from '@polvo/threads'
import { type Executor, forEach, gather, getRunningLoop, InvalidStateError, QueueFull, run, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { errorOf, everywhere, inBothKinds, KINDS, withPool, workUrl } from './support/pools.ts'
import * as work from './support/work.ts'

describe('submit', () => {
  everywhere('gives the future of a result', {
    *generator(pool, work) {
      const future = pool.submit(work.hash, 'polvo')
      expect(future.done()).toBe(false)
      expect(yield* future).toHaveLength(64)
      expect(yield* pool.submit((a: number, b: number) => a * b, 6, 7)).toBe(42)
    },
    async async(pool, work) {
      const future = pool.submit(work.hash, 'polvo')
      expect(future.done()).toBe(false)
      expect(await future).toHaveLength(64)
      expect(await pool.submit((a: number, b: number) => a * b, 6, 7)).toBe(42)
    },
  })

  everywhere('runs coroutines of both spellings', {
    *generator(pool, work) {
      expect(yield* pool.submit(work.slowly, 2, 'generator')).toBe('generator')
      expect(yield* pool.submit(work.greet)).toBe('hello nobody')
    },
    async async(pool, work) {
      expect(await pool.submit(work.slowly, 2, 'generator')).toBe('generator')
      expect(await pool.submit(work.greet)).toBe('hello nobody')
    },
  })

  inBothKinds(
    'begins jobs in the order they were given, as many at once as there are workers',
    { maxWorkers: 1 },
    async (pool, work) => {
      const done: number[] = []
      const futures = [1, 2, 3].map((n) => pool.submit(work.add, n, 0))
      for (const future of futures) future.addDoneCallback((one) => done.push(one.result()))
      expect(pool.stats).toEqual({ workers: 1, idle: 0, waiting: 2 })
      await gather(...futures)
      expect(done).toEqual([1, 2, 3])
      expect(pool.stats).toEqual({ workers: 1, idle: 1, waiting: 0 })
    },
  )

  inBothKinds(
    'starts workers on demand, up to the limit, and uses them again',
    { maxWorkers: 2 },
    async (pool, work) => {
      expect(pool.stats.workers).toBe(0)
      const first = await work.whoAmI()
      expect(await work.whoAmI()).toBe(first)
      const both = await gather(work.slowly(50, 'slow'), work.whoAmI(), work.whoAmI())
      expect(both[1]).not.toBe(first)
      expect(pool.stats.workers).toBe(2)
    },
  )

  inBothKinds('refuses more than may wait', { maxWorkers: 1, maxQueue: 1 }, async (pool, work) => {
    const futures = [pool.submit(work.add, 1, 1), pool.submit(work.add, 2, 2)]
    expect(() => pool.submit(work.add, 3, 3)).toThrow(QueueFull)
    expect((await errorOf(() => work.add(3, 3))).name).toBe('QueueFull')
    expect(await gather(...futures)).toEqual([2, 4])
  })

  test.each(KINDS)('is what runInExecutor takes (%s)', async (_, Kind) => {
    await run(function* () {
      const pool: Executor = new Kind({ maxWorkers: 1 })
      const loop = getRunningLoop()
      loop.setDefaultExecutor(pool)
      expect(yield* loop.runInExecutor(null, (n: number) => n + 1, 41)).toBe(42)
      expect(yield* loop.runInExecutor(pool, async (n: number) => n + 2, 40)).toBe(42)
    })
  })
})

describe('a module', () => {
  everywhere('has its functions called as if they were here', {
    *generator(_, work) {
      expect(yield* work.add(1, 2)).toBe(3)
      expect(yield* gather(work.add(1, 1), work.slowly(1, 'two'))).toEqual([2, 'two'])
    },
    async async(_, work) {
      expect(await work.add(1, 2)).toBe(3)
      expect(await gather(work.add(1, 1), work.slowly(1, 'two'))).toEqual([2, 'two'])
    },
  })

  inBothKinds('is loaded once by a worker, and keeps its state there', { maxWorkers: 1 }, async (_, work) => {
    expect([await work.countCalls(), await work.countCalls()]).toEqual([1, 2])
  })

  inBothKinds('can be awaited by mistake', { maxWorkers: 1 }, async (_, work) => {
    expect(await (await work).add(1, 1)).toBe(2)
  })

  inBothKinds('has only what it exports', { maxWorkers: 1 }, async (_, work) => {
    const { missing } = work as unknown as { missing: typeof work.greetNow }
    expect((await errorOf(() => missing())).message).toMatch(/exports no function named missing/)
  })

  test('must be there', () => {
    const pool = new ThreadPoolExecutor()
    expect(() => pool.module(new URL('./nowhere.ts', import.meta.url))).toThrow(/there is no such file/)
    expect(() => pool.module('./work.ts')).toThrow(/takes a URL/)
  })

  test('is the same code here, where its signal is never aborted', () => {
    expect(work.add(1, 2)).toBe(3)
    expect(work.whoAmI()).toBeGreaterThan(0)
  })
})

describe('map', () => {
  everywhere('gives the results in the order of the items', {
    *generator(pool, work) {
      const results: number[] = []
      yield* forEach(pool.map(work.double, [3, 1, 2]), (n) => {
        results.push(n)
      })
      expect(results).toEqual([6, 2, 4])
    },
    async async(pool, work) {
      const results: number[] = []
      for await (const n of pool.map(work.double, [3, 1, 2])) results.push(n)
      expect(results).toEqual([6, 2, 4])
    },
  })

  inBothKinds('takes no more items than the buffer holds', { maxWorkers: 1 }, async (pool, work) => {
    let taken = 0
    function* endless() {
      for (;;) yield ++taken
    }
    const results: number[] = []
    for await (const n of pool.map(work.double, endless(), { bufferSize: 2 })) {
      results.push(n)
      if (results.length === 3) break
    }
    expect(results).toEqual([2, 4, 6])
    expect(taken).toBe(5)
    expect(pool.stats.waiting).toBe(0)
  })

  inBothKinds('ends with the first error, and cancels the rest', { maxWorkers: 1 }, async (pool, work) => {
    const results = pool.map(work.failAtTwo, [1, 2, 3, 4])
    expect(await results.next()).toEqual({ done: false, value: 1 })
    expect((await errorOf(() => results.next())).message).toBe('two')
    expect(await results.next()).toEqual({ done: true, value: undefined })
    expect(pool.stats).toEqual({ workers: 1, idle: 1, waiting: 0 })
  })
})

test('map gives up what it has begun where not all may wait', async () => {
  await withPool(ThreadPoolExecutor, { maxWorkers: 1, maxQueue: 1 }, async (pool, work) => {
    expect(() => pool.map(work.double, [1, 2, 3])).toThrow(QueueFull)
    expect(pool.stats.waiting).toBe(0)
    const results: number[] = []
    for await (const n of pool.map(work.double, [1, 2, 3], { bufferSize: 1 })) results.push(n)
    expect(results).toEqual([2, 4, 6])
  })
})

describe('errors of the work', () => {
  inBothKinds(
    'come with class name, code, stack, cause and properties',
    { maxWorkers: 1 },
    async (_, work) => {
      const error = await errorOf(() => work.burn())
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({ name: 'TooHot', message: 'paper burns', code: 'TOO_HOT', degrees: 451 })
      expect(error.stack).toMatch(/burn.*support\/work\.ts/)
      expect(error.cause).toBeInstanceOf(RangeError)
      expect((error.cause as Error).message).toBe('at 451')
    },
  )

  inBothKinds('may be no errors at all', { maxWorkers: 1 }, async (_, work) => {
    expect(await errorOf(() => work.throwPlain())).toEqual({ plain: true })
  })

  test.each(KINDS)('that nobody looked at are reported at the end of the run (%s)', async (_, Kind) => {
    const reports = await withPool(Kind, { maxWorkers: 1 }, async (pool, work) => {
      pool.submit(work.burn)
      await pool.shutdown()
    })
    expect(reports).toEqual([expect.stringMatching(/TooHot: paper burns/)])
  })

  inBothKinds(
    'a result that cannot be sent is named, and the worker goes on',
    { maxWorkers: 1 },
    async (_, work) => {
      const worker = await work.whoAmI()
      const error = await errorOf(() => work.returnFunction())
      expect(error).toBeInstanceOf(TypeError)
      expect(error.message).toMatch(
        /^The result of returnFunction\(\) cannot be sent to another thread: .*could not be cloned/,
      )
      expect(await work.whoAmI()).toBe(worker)
    },
  )

  inBothKinds(
    'an argument that cannot be sent is named, and who waits behind it is served',
    { maxWorkers: 1 },
    async (pool, work) => {
      const blocker = pool.submit(work.slowly, 20, 'slow')
      const wrong = pool.submit(work.add as (...args: unknown[]) => unknown, 1, () => 2)
      const right = pool.submit(work.add, 2, 2)
      expect((await errorOf(() => wrong)).message).toMatch(/^Argument 2 of add\(\) cannot be sent/)
      expect(await gather(blocker, right)).toEqual(['slow', 4])
    },
  )
})

describe('a function given directly', () => {
  const outside = 41

  inBothKinds('is told which variable it must not use', { maxWorkers: 1 }, async (pool) => {
    const error = await errorOf(() =>
      pool.submit(function addOne() {
        return outside + 1
      }),
    )
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(
      /^addOne\(\) uses outside, which does not exist in a worker.*Pass outside as an argument/,
    )
    expect(error.cause).toBeInstanceOf(ReferenceError)
  })

  inBothKinds(
    'may be an arrow, a method, an async function or a generator, and import what it needs',
    { maxWorkers: 1 },
    async (pool) => {
      const methods = {
        plain(n: number) {
          return n + 1
        },
        *gen(n: number) {
          yield
          return n + 2
        },
      }
      // Vitest would rewrite an import that it sees.
      const later = new Function('return async (n) => (await import("node:path")).basename("a/" + n)')()
      expect(await pool.submit(methods.plain, 1)).toBe(2)
      expect(await pool.submit(methods.gen, 1)).toBe(3)
      expect(await pool.submit(later, 1)).toBe('1')
      expect(await pool.submit((n: number) => n - 1, 1)).toBe(0)
    },
  )

  test('that has no text is refused at once', () => {
    const pool = new ThreadPoolExecutor()
    expect(() => pool.submit(Math.max, 1, 2)).toThrow(/was given max\(\), which is native or bound/)
    expect(() => pool.submit(work.add.bind(null, 1), 2)).toThrow(/native or bound/)
    expect(() => pool.submit(class A {} as never)).toThrow(/was given the class A/)
    expect(() => pool.submit(5 as never)).toThrow(/takes a function and its arguments, and was given 5/)
  })
})

test.each([
  [{ maxWorkers: 0 }, RangeError, /maxWorkers takes 1 or more, and was given 0/],
  [{ maxQueue: -1 }, RangeError, /maxQueue takes 0 or more/],
  [{ gracePeriod: Number.NaN }, RangeError, /gracePeriod takes 0 or more, and was given NaN/],
  [{ memoryLimit: '5' as never }, TypeError, /memoryLimit takes a number, and was given 5/],
])('%j is refused', (options, kind, message) => {
  for (const Kind of [ThreadPoolExecutor, ProcessPoolExecutor]) {
    expect(() => new Kind(options)).toThrow(kind)
    expect(() => new Kind(options)).toThrow(message)
  }
})

describe('shutdown', () => {
  inBothKinds('waits for the work taken, and takes no more', { maxWorkers: 1 }, async (pool, work) => {
    const futures = [pool.submit(work.add, 1, 1), pool.submit(work.add, 2, 2)]
    await pool.shutdown()
    expect(futures.map((future) => future.result())).toEqual([2, 4])
    expect(pool.stats.workers).toBe(0)
    expect(() => pool.submit(work.add, 1, 1)).toThrow(InvalidStateError)
    await pool.shutdown()
  })

  inBothKinds('cancels what has not begun when it is told to', { maxWorkers: 1 }, async (pool, work) => {
    const futures = [pool.submit(work.slowly, 20, 'slow'), pool.submit(work.add, 2, 2)]
    await pool.shutdown({ cancelFutures: true })
    expect(futures.map((future) => future.cancelled())).toEqual([false, true])
    expect(await futures[0]).toBe('slow')
  })

  inBothKinds('does not wait when it is told not to', { maxWorkers: 1 }, async (pool, work) => {
    const future = pool.submit(work.slowly, 20, 'slow')
    await pool.shutdown({ wait: false })
    expect(future.done()).toBe(false)
    expect(await future).toBe('slow')
    await pool.shutdown()
    expect(pool.stats.workers).toBe(0)
  })

  test.each(KINDS)('comes at the end of use and of await using (%s)', async (_, Kind) => {
    await run(async () => {
      const used = await use(new Kind({ maxWorkers: 1 }), async (pool) => {
        pool.submit((n: number) => n, 1)
        return pool
      })
      expect(used.stats.workers).toBe(0)
      let disposed: InstanceType<typeof Kind> | undefined
      {
        await using pool = new Kind({ maxWorkers: 1 })
        disposed = pool
        expect(await pool.module<typeof work>(workUrl).add(1, 1)).toBe(2)
      }
      expect(disposed.stats.workers).toBe(0)
    })
  })

  test.each(KINDS)('cancels all work where the body of use fails (%s)', async (_, Kind) => {
    await run(async () => {
      const futures: { cancelled(): boolean }[] = []
      const began = performance.now()
      const error = await errorOf(() =>
        use(new Kind({ maxWorkers: 1, gracePeriod: 5000 }), async (pool) => {
          const work = pool.module<typeof import('./support/work.ts')>(workUrl)
          await work.add(1, 1)
          futures.push(pool.submit(work.spinUntilCancelled, null), pool.submit(work.add, 1, 1))
          throw new RangeError('the body failed')
        }),
      )
      expect(error.message).toBe('the body failed')
      expect(futures.map((future) => future.cancelled())).toEqual([true, true])
      expect(performance.now() - began).toBeLessThan(4000)
    })
  })
})

test('shows itself', async () => {
  await run(async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 3 })
    pool.submit((n: number) => n, 1)
    expect(String(pool)).toBe('<ThreadPoolExecutor workers=1 of 3 idle=0 waiting=0>')
    await pool.shutdown()
  })
})
