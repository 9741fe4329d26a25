/** Cancelling tasks that wait. Fair: each waits for a future of its own, as the native ones do, and `wait` joins them. */
import { type Coroutine, createTask, Future, run, type Task, wait } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'

let cleaned = 0

function* blocked(): Coroutine {
  try {
    yield* new Future<void>()
  } finally {
    cleaned++
  }
}

function* main(tasks: number, watch: Stopwatch): Coroutine<number> {
  watch.pause()
  cleaned = 0
  const all: Task<void>[] = []
  for (let i = 0; i < tasks; i++) all.push(createTask(blocked))
  yield
  watch.resume()
  for (const task of all) task.cancel()
  yield* wait(all)
  watch.pause()
  return cleaned
}

export function batch({ tasks }: Sizes, watch: Stopwatch): Promise<number> {
  return run(main(tasks, watch))
}
