/** Halting tasks of Effection that wait. Fair: `suspend` is its way to wait for ever, and one by one is its way to halt. */
import { type Operation, run, sleep, spawn, suspend, type Task } from 'effection'
import type { Sizes, Stopwatch } from '../kernel.ts'

let cleaned = 0

function* blocked(): Operation<void> {
  try {
    yield* suspend()
  } finally {
    cleaned++
  }
}

export async function batch({ tasks }: Sizes, watch: Stopwatch): Promise<number> {
  return await run(function* () {
    watch.pause()
    cleaned = 0
    const all: Task<void>[] = []
    for (let i = 0; i < tasks; i++) all.push(yield* spawn(blocked))
    yield* sleep(0)
    watch.resume()
    for (const task of all) yield* task.halt()
    watch.pause()
    return cleaned
  })
}
