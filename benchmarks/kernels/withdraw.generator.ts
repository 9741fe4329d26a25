/** Cancelling some of the tasks that wait for one primitive. Fair: from everywhere in the line. */
import { type Awaitable, type Coroutine, createTask, Runner, type Task, wait } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { foreverOn, placesOf } from '../waiting.ts'

const runner = new Runner()
let line: Task<unknown>[] | null = null
let forever: () => Awaitable<unknown>

function* waiter(): Coroutine<unknown> {
  return yield* forever()
}

function* main({ tasks, waiters = 0, waitFor = 'event' }: Sizes, watch: Stopwatch): Coroutine<number> {
  if (line === null) {
    forever = foreverOn(waitFor)
    line = Array.from({ length: waiters }, () => createTask(waiter))
    yield
  }
  const places = placesOf(tasks, waiters)
  const leaving = places.map((place) => line![place]!)
  watch.resume()
  for (const task of leaving) task.cancel()
  yield* wait(leaving)
  watch.pause()
  for (const place of places) line[place] = createTask(waiter)
  yield
  return leaving.filter((task) => task.cancelled()).length
}

export function batch(sizes: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  return runner.run(main(sizes, watch))
}
