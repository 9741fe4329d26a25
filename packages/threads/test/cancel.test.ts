import { ThreadPoolExecutor } from '@polvo/threads'
import { createTask, gather, moveOnAfter, run, sleep, TimeoutError, timeout } from 'polvo'
import { describe, expect, test } from 'vitest'
import { isAlive } from '../../core/test/support/real.ts'
import {
  cellIs,
  errorOf,
  everywhere,
  inBothKinds,
  sharedCell,
  type TestWork,
  threadCount,
  withPool,
  workUrl,
} from './support/pools.ts'

const oneWorker = { maxWorkers: 1, gracePeriod: 200 }

describe('cancelling', () => {
  everywhere(
    'drops work that has not begun',
    {
      *generator(pool, work) {
        const first = pool.submit(work.slowly, 30, 'slow')
        const second = pool.submit(work.countCalls)
        expect(second.cancel()).toBe(true)
        yield* first
        expect(pool.stats.waiting).toBe(0)
        expect(yield* work.countCalls()).toBe(1)
      },
      async async(pool, work) {
        const first = pool.submit(work.slowly, 30, 'slow')
        const second = pool.submit(work.countCalls)
        expect(second.cancel()).toBe(true)
        await first
        expect(pool.stats.waiting).toBe(0)
        expect(await work.countCalls()).toBe(1)
      },
    },
    oneWorker,
  )

  everywhere(
    'reaches a loop that never awaits, and its worker goes on',
    {
      *generator(_, work) {
        const worker = yield* work.whoAmI()
        expect(yield* moveOnAfter(50, () => work.spinUntilCancelled(null))).toBeUndefined()
        expect(yield* work.whoAmI()).toBe(worker)
      },
      async async(_, work) {
        const worker = await work.whoAmI()
        expect(await moveOnAfter(50, () => work.spinUntilCancelled(null))).toBeUndefined()
        expect(await work.whoAmI()).toBe(worker)
      },
    },
    { maxWorkers: 1, gracePeriod: 5000 },
  )

  inBothKinds(
    'reaches the await of a coroutine in the worker',
    { maxWorkers: 1, gracePeriod: 5000 },
    async (_, work) => {
      const worker = await work.whoAmI()
      const began = performance.now()
      await errorOf(() => timeout(50, () => work.slowly(60_000, 'never')))
      expect(performance.now() - began).toBeLessThan(4000)
      expect(await work.whoAmI()).toBe(worker)
    },
  )

  inBothKinds(
    'ends the worker of work that does not stop, and only that',
    { maxWorkers: 2, gracePeriod: 100 },
    async (pool, work) => {
      const [stubborn, neighbour] = await gather(...pair(work))
      const spinning = createTask(() => work.spin(20_000))
      const next = createTask(() => work.slowly(700, 'a neighbour'))
      const waiting = pool.submit(work.double, 21)
      await sleep(100)
      const began = performance.now()
      spinning.cancel()
      await errorOf(() => spinning)
      expect(performance.now() - began).toBeLessThan(3000)
      expect(await gather(next, waiting)).toEqual(['a neighbour', 42])
      const after = new Set(await gather(...pair(work)))
      expect(after.size).toBe(2)
      expect([...after].filter((id) => id === stubborn || id === neighbour)).toHaveLength(1)
    },
  )

  inBothKinds('the future of submit at once leaves the worker its time', oneWorker, async (pool, work) => {
    await work.add(1, 1)
    const future = pool.submit(work.spin, 20_000)
    await sleep(20)
    future.cancel()
    expect(future.cancelled()).toBe(true)
    expect(pool.stats).toEqual({ workers: 1, idle: 0, waiting: 0 })
    expect(await work.add(2, 2)).toBe(4)
  })

  inBothKinds(
    'never ends a worker with an infinite grace period',
    { maxWorkers: 1, gracePeriod: Infinity },
    async (_, work) => {
      const worker = await work.whoAmI()
      expect(await errorOf(() => timeout(20, () => work.spin(300)))).toBeInstanceOf(TimeoutError)
      expect(await work.whoAmI()).toBe(worker)
    },
  )
})

describe('in a thread, cancelling', () => {
  const inThreads = (name: string, body: (work: TestWork) => Promise<unknown>) =>
    test(name, async () => {
      const options = { maxWorkers: 1, gracePeriod: 5000 }
      expect(await withPool(ThreadPoolExecutor, options, (_, work) => body(work))).toEqual([])
    })

  inThreads('lets finally blocks of coroutines await, and waits for them', async (work) => {
    const cell = sharedCell()
    const task = createTask(work.awaitThenCleanUp as (cell: Int32Array) => PromiseLike<void>, cell)
    await cellIs(cell, 1)
    task.cancel()
    await errorOf(() => task)
    expect(cell[0]).toBe(2)
  })

  inThreads('gives way to an error in the clean-up', async (work) => {
    const cell = sharedCell()
    const task = createTask(() => work.failInCleanUp(cell))
    await cellIs(cell, 1)
    task.cancel()
    expect((await errorOf(() => task)).message).toBe('the clean-up failed')
  })

  test('an error in the clean-up of work that nobody waits for is reported', async () => {
    const reports = await withPool(ThreadPoolExecutor, { maxWorkers: 1 }, async (pool, work) => {
      const cell = sharedCell()
      const future = pool.submit(work.failInCleanUp, cell)
      await cellIs(cell, 1)
      future.cancel()
      await pool.shutdown()
    })
    expect(reports).toEqual([expect.stringMatching(/the clean-up failed/)])
  })
})

test.runIf(process.platform === 'linux')('threads are as many after as before', async () => {
  const work = (pool: ThreadPoolExecutor) => pool.module<typeof import('./support/work.ts')>(workUrl)
  const count = () =>
    run(async () => {
      await using pool = new ThreadPoolExecutor({ maxWorkers: 3, gracePeriod: 50 })
      await gather(work(pool).slowly(50, ''), work(pool).slowly(50, ''), work(pool).slowly(50, ''))
      await errorOf(() => timeout(50, () => work(pool).spin(20_000)))
      return threadCount() as number
    })
  await count()
  const before = threadCount() as number
  expect(await count()).toBeGreaterThan(before)
  expect(threadCount()).toBe(before)
})

inBothKinds('a process that was ended is gone', { maxWorkers: 1, gracePeriod: 50 }, async (pool, work) => {
  if (pool instanceof ThreadPoolExecutor) return
  const pid = await work.whoAmI()
  expect(isAlive(pid)).toBe(true)
  await errorOf(() => timeout(20, () => work.spin(20_000)))
  expect(isAlive(pid)).toBe(false)
})

function pair(work: TestWork) {
  return [work.whoAmISlowly(50), work.whoAmISlowly(50)] as const
}
