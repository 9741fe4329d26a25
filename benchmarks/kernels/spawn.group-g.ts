/** Starting children in a task group and waiting for all. Fair: one shared function, and each child suspends once. */
import { type Coroutine, run, taskGroup } from 'polvo'
import type { Sizes } from '../kernel.ts'

let ended = 0

function* child(): Coroutine {
  yield
  ended++
}

function* main({ tasks, repeats }: Sizes): Coroutine<number> {
  ended = 0
  for (let i = 0; i < repeats; i++) {
    yield* taskGroup(function* (group): Coroutine {
      for (let j = 0; j < tasks; j++) group.createTask(child)
    })
  }
  return ended
}

export function batch(sizes: Sizes): Promise<number> {
  return run(main(sizes))
}
