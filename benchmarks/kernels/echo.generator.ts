/** Tasks that keep giving way by a bare `yield`. Fair: they do nothing else, so that there is always one that is ready. */
import { type Coroutine, createTask, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

function* busy(): Coroutine {
  while (true) yield
}

function* main(tasks: number, whenBusy: () => void): Coroutine {
  for (let i = 0; i < tasks; i++) createTask(busy)
  yield
  whenBusy()
  yield* busy()
}

export function keepBusy({ tasks }: Sizes, whenBusy: () => void): Promise<void> {
  return run(main(tasks, whenBusy))
}
