import { WorkerCrashed, WorkerOutOfMemory } from '@polvo/threads'
import { gather } from 'polvo'
import { describe, expect } from 'vitest'
import { errorOf, inBothKinds } from './support/pools.ts'

describe('work that', () => {
  inBothKinds(
    'calls process.exit() fails alone, and its worker is replaced',
    { maxWorkers: 2 },
    async (pool, work) => {
      const neighbour = pool.submit(work.slowly, 500, 'goes on')
      const error = await errorOf(() => work.exit(3))
      expect(error).toBeInstanceOf(WorkerCrashed)
      expect(error).toMatchObject({
        name: 'WorkerCrashed',
        code: 'POLVO_WORKER_CRASHED',
        exitCode: 3,
        signal: null,
      })
      expect(error.message).toMatch(
        /^exit\(\) was cut off: process\.exit\(3\).* in (thread|process) \d+, which has ended/,
      )
      expect(await gather(neighbour, work.add(1, 1))).toEqual(['goes on', 2])
    },
  )

  inBothKinds(
    'throws where nobody can catch it fails with that error',
    { maxWorkers: 1 },
    async (_, work) => {
      const error = await errorOf(() => work.failLater())
      expect(error).toBeInstanceOf(WorkerCrashed)
      expect(error.message).toMatch(/an error that nobody caught \(RangeError: nobody catches this\)/)
      expect(error.cause).toBeInstanceOf(RangeError)
      expect(await work.add(1, 1)).toBe(2)
    },
  )

  inBothKinds(
    'runs out of memory fails alone, and says so',
    { maxWorkers: 1, memoryLimit: 40 },
    async (pool, work) => {
      const waiting = pool.submit(work.eatMemory)
      const next = pool.submit(work.add, 1, 1)
      const error = await errorOf(() => waiting)
      expect(error).toBeInstanceOf(WorkerOutOfMemory)
      expect(error).toMatchObject({ name: 'WorkerOutOfMemory', code: 'POLVO_WORKER_OUT_OF_MEMORY' })
      expect(error.message).toMatch(/^eatMemory\(\) was cut off: memory ran out \(raise memoryLimit/)
      expect(await next).toBe(2)
    },
  )

  inBothKinds('crashes for every job in line fails each of them', { maxWorkers: 1 }, async (pool, work) => {
    const futures = [1, 2, 3].map((code) => pool.submit(work.exit, code))
    for (const [i, future] of futures.entries()) {
      expect(await errorOf(() => future)).toMatchObject({ exitCode: i + 1 })
    }
  })
})

inBothKinds(
  'a worker that dies between two jobs is warned about, and replaced',
  { maxWorkers: 1 },
  async (pool, work) => {
    const warning = new Promise<Error>((resolve) => process.once('warning', resolve))
    await work.failWhenDone()
    const { message } = await warning
    expect(message).toMatch(
      /^<(thread|process) \d+ idle> of a \w+Executor ended between two jobs.*nobody waits/,
    )
    expect(pool.stats.workers).toBe(0)
    expect(await work.add(1, 1)).toBe(2)
  },
)
