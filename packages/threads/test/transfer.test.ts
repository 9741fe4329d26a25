import { transfer } from '@polvo/threads'
import { expect, test } from 'vitest'
import { inBothKinds } from './support/pools.ts'

inBothKinds(
  'an argument that is marked is moved to a thread, and copied to a process',
  { maxWorkers: 1 },
  async (pool, work) => {
    const numbers = new Float64Array(1000).fill(2)
    expect(await pool.submit(work.sum, transfer(numbers))).toBe(2000)
    expect(numbers.length).toBe(pool.constructor.name === 'ThreadPoolExecutor' ? 0 : 1000)
  },
)

inBothKinds('an argument that is not marked is copied', { maxWorkers: 1 }, async (_, work) => {
  const numbers = new Float64Array([1, 2])
  expect(await work.sum(numbers)).toBe(3)
  expect(numbers.length).toBe(2)
})

inBothKinds('a result may be moved back', { maxWorkers: 1 }, async (_, work) => {
  expect((await work.makeBuffer(1_000_000)).byteLength).toBe(1_000_000)
})

test('what cannot be marked is refused', () => {
  expect(() => transfer(5 as never)).toThrow(/takes something to be moved to another thread, and was given 5/)
})
