/** Functions that suspend once, as jobs of p-queue. Fair: `addAll`, and all of a batch may run at once. */
import PQueue from 'p-queue'
import type { Sizes } from '../kernel.ts'

let ended = 0

async function child(): Promise<void> {
  await undefined
  ended++
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  ended = 0
  const queue = new PQueue({ concurrency: tasks })
  const children = Array.from({ length: tasks }, () => child)
  for (let i = 0; i < repeats; i++) await queue.addAll(children)
  return ended
}
