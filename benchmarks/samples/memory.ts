import type { MemoryKernel, Sizes } from '../kernel.ts'
import { finish } from './finish.ts'

export async function memorySample({ hold }: MemoryKernel, sizes: Sizes): Promise<never> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('A memory sample needs node --expose-gc.')
  const memory = () => {
    gc()
    gc()
    return process.memoryUsage()
  }
  const before = memory()
  await hold(sizes, (asleep) => {
    if (asleep !== sizes.tasks) throw new Error(`${asleep} tasks of ${sizes.tasks} are asleep.`)
    const after = memory()
    const heap = (after.heapUsed - before.heapUsed) / sizes.tasks
    const rss = (after.rss - before.rss) / sizes.tasks
    finish({ values: { heap, rss } })
  })
  throw new Error('The kernel ended before its tasks were asleep.')
}
