/**
 * Switching between tasks of Effection. Fair: it has no operation that only gives way; `until` a resolved promise is
 * quicker than `sleep(0)`, which waits for a timer.
 */
import { type Operation, run, spawn, type Task, until } from 'effection'
import type { Sizes } from '../kernel.ts'

const resolved = Promise.resolve()

function* worker(repeats: number): Operation<number> {
  let passes = 0
  for (; passes < repeats; passes++) yield* until(resolved)
  return passes
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  return await run(function* () {
    const work = () => worker(repeats)
    const workers: Task<number>[] = []
    for (let i = 0; i < tasks; i++) workers.push(yield* spawn(work))
    let passes = 0
    for (const task of workers) passes += yield* task
    return passes
  })
}
