/** Spawning tasks of Effection and awaiting them. Fair: one shared operation that suspends once; `all` takes twice as long. */
import { type Operation, run, spawn, type Task, until } from 'effection'
import type { Sizes } from '../kernel.ts'

const resolved = Promise.resolve()
let ended = 0

function* child(): Operation<void> {
  yield* until(resolved)
  ended++
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  return await run(function* () {
    ended = 0
    for (let i = 0; i < repeats; i++) {
      const children: Task<void>[] = []
      for (let j = 0; j < tasks; j++) children.push(yield* spawn(child))
      for (const task of children) yield* task
    }
    return ended
  })
}
