/** Cancelling some of the async-spelled tasks that wait for one primitive. Fair: as its generator twin. */
import { type Awaitable, createTask, Runner, sleep, type Task, wait } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { foreverOn, placesOf } from '../waiting.ts'

const runner = new Runner()
let line: Task<unknown>[] | null = null
let forever: () => Awaitable<unknown>

async function waiter(): Promise<unknown> {
  return await forever()
}

async function main({ tasks, waiters = 0, waitFor = 'event' }: Sizes, watch: Stopwatch): Promise<number> {
  if (line === null) {
    forever = foreverOn(waitFor)
    line = Array.from({ length: waiters }, () => createTask(waiter))
    await sleep(0)
  }
  const places = placesOf(tasks, waiters)
  const leaving = places.map((place) => line![place]!)
  watch.resume()
  for (const task of leaving) task.cancel()
  await wait(leaving)
  watch.pause()
  for (const place of places) line[place] = createTask(waiter)
  await sleep(0)
  return leaving.filter((task) => task.cancelled()).length
}

export function batch(sizes: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  return runner.run(() => main(sizes, watch))
}
