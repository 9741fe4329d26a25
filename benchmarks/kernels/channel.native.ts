/** Ping-pong of two async functions over queues of promises. Fair: a put never waits, and a take makes one promise. */
import type { Sizes } from '../kernel.ts'
import { PromiseQueue } from '../promise-queue.ts'

async function answer(pings: PromiseQueue<number>, pongs: PromiseQueue<number>, repeats: number) {
  for (let i = 0; i < repeats; i++) pongs.put((await pings.take()) + 1)
}

export async function batch({ repeats }: Sizes): Promise<number> {
  const pings = new PromiseQueue<number>()
  const pongs = new PromiseQueue<number>()
  const answering = answer(pings, pongs, repeats)
  let messages = 0
  for (let i = 0; i < repeats; i++) {
    pings.put(messages + 1)
    messages = await pongs.take()
  }
  await answering
  return messages
}
