/** Ping-pong of two async-spelled tasks over two queues. Fair: unbounded, so that `putNowait` will do. */
import { createTask, Queue, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

async function answer(pings: Queue<number>, pongs: Queue<number>, repeats: number): Promise<void> {
  for (let i = 0; i < repeats; i++) pongs.putNowait((await pings.get()) + 1)
}

export function batch({ repeats }: Sizes): Promise<number> {
  return run(async () => {
    const pings = new Queue<number>()
    const pongs = new Queue<number>()
    createTask(answer, pings, pongs, repeats)
    let messages = 0
    for (let i = 0; i < repeats; i++) {
      pings.putNowait(messages + 1)
      messages = await pongs.get()
    }
    return messages
  })
}
