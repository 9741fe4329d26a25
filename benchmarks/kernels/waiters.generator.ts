/** Many tasks that wait for one event. Fair: all wait when it is set. */
import { type Coroutine, Event, run, taskGroup } from 'polvo'
import type { Sizes } from '../kernel.ts'

let woken = 0

function* waiter(event: Event): Coroutine {
  yield* event.wait()
  woken++
}

function* main({ tasks, repeats }: Sizes): Coroutine<number> {
  woken = 0
  for (let i = 0; i < repeats; i++) {
    yield* taskGroup(function* (group): Coroutine {
      const event = new Event()
      for (let j = 0; j < tasks; j++) group.createTask(waiter, event)
      yield
      event.set()
    })
  }
  return woken
}

export function batch(sizes: Sizes): Promise<number> {
  return run(main(sizes))
}
