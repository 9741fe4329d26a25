/** Jobs of all kinds, begun and cancelled at random: afterwards nothing is left, and whoever was not cancelled has its result. */
import { ThreadPoolExecutor } from '@polvo/threads'
import { type Future, getRunningLoop, run, sleep } from 'polvo'
import { expect, test } from 'vitest'
import { seeded } from '../../core/test/support/random.ts'
import { threadCount, workUrl } from './support/pools.ts'

const JOBS = 1000

test.each([1, 2])('1,000 jobs from seed %i leave nothing', { timeout: 60_000 }, async (seed) => {
  const random = seeded(seed)
  const reports: unknown[] = []
  const before = threadCount()
  await run(async () => {
    getRunningLoop().setExceptionHandler((_, { message }) => reports.push(message))
    const pool = new ThreadPoolExecutor({ maxWorkers: 3, gracePeriod: 20 })
    const work = pool.module<typeof import('./support/work.ts')>(workUrl)
    const jobs: { future: Future<unknown>; expected: unknown }[] = []
    for (let n = 0; n < JOBS; n++) {
      const kind = random()
      if (kind < 0.6) jobs.push({ future: pool.submit(work.double, n), expected: 2 * n })
      else if (kind < 0.8)
        jobs.push({ future: pool.submit(work.slowly, 2 * random(), `${n}`), expected: `${n}` })
      else if (kind < 0.99) jobs.push({ future: pool.submit(work.spinUntilCancelled, null), expected: null })
      else jobs.push({ future: pool.submit(work.spin, 20_000), expected: null })
      if (random() < 0.3) jobs[Math.floor(random() * jobs.length)]?.future.cancel()
      if (random() < 0.2) await sleep(2 * random())
    }
    for (const { future, expected } of jobs) if (expected === null) future.cancel()
    await pool.shutdown()
    expect(pool.stats).toEqual({ workers: 0, idle: 0, waiting: 0 })
    const wrong = jobs.filter(({ future, expected }) => !future.cancelled() && future.result() !== expected)
    expect(wrong).toEqual([])
    expect(jobs.filter(({ future }) => !future.cancelled()).length).toBeGreaterThan(100)
  })
  expect(reports).toEqual([])
  if (seed > 1) expect(threadCount()).toBeLessThanOrEqual(before as number)
})
