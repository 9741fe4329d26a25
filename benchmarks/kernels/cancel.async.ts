/** Cancelling async-spelled tasks that wait. Fair: as its generator twin. */
import { createTask, Future, run, sleep, type Task, wait } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'

let cleaned = 0

async function blocked(): Promise<void> {
  try {
    await new Future<void>()
  } finally {
    cleaned++
  }
}

export function batch({ tasks }: Sizes, watch: Stopwatch): Promise<number> {
  return run(async () => {
    watch.pause()
    cleaned = 0
    const all: Task<void>[] = []
    for (let i = 0; i < tasks; i++) all.push(createTask(blocked))
    await sleep(0)
    watch.resume()
    for (const task of all) task.cancel()
    await wait(all)
    watch.pause()
    return cleaned
  })
}
