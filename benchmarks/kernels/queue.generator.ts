/** Ping-pong of two tasks over two queues. Fair: unbounded, so that `putNowait` will do. */
import { type Coroutine, createTask, Queue, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

function* answer(pings: Queue<number>, pongs: Queue<number>, repeats: number): Coroutine {
  for (let i = 0; i < repeats; i++) pongs.putNowait((yield* pings.get()) + 1)
}

function* main(repeats: number): Coroutine<number> {
  const pings = new Queue<number>()
  const pongs = new Queue<number>()
  createTask(answer, pings, pongs, repeats)
  let messages = 0
  for (let i = 0; i < repeats; i++) {
    pings.putNowait(messages + 1)
    messages = yield* pongs.get()
  }
  return messages
}

export function batch({ repeats }: Sizes): Promise<number> {
  return run(main(repeats))
}
