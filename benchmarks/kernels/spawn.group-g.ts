/** Starting children in a task group and waiting for all. Fair: one shared function, and each child suspends once. */
import { type Coroutine, run, taskGroup } from 'polvo'
import type { Sizes } from '../kernel.ts'

let ended = 0

function* child(): Coroutine {
  yield
  ended++
}

function* main(tasks: number): Coroutine<number> {
  ended = 0
  yield* taskGroup(function* (group): Coroutine {
    for (let i = 0; i < tasks; i++) group.createTask(child)
  })
  return ended
}

export function batch({ tasks }: Sizes): Promise<number> {
  return run(main(tasks))
}
