/** Ping-pong of two tasks of Effection over two queues. Fair: `createQueue`, whose add never waits. */
import { createQueue, type Operation, type Queue, run, spawn } from 'effection'
import type { Sizes } from '../kernel.ts'

function* take(queue: Queue<number, never>): Operation<number> {
  return (yield* queue.next()).value
}

function* answer(pings: Queue<number, never>, pongs: Queue<number, never>, repeats: number): Operation<void> {
  for (let i = 0; i < repeats; i++) pongs.add((yield* take(pings)) + 1)
}

export async function batch({ repeats }: Sizes): Promise<number> {
  return await run(function* () {
    const pings = createQueue<number, never>()
    const pongs = createQueue<number, never>()
    yield* spawn(() => answer(pings, pongs, repeats))
    let messages = 0
    for (let i = 0; i < repeats; i++) {
      pings.add(messages + 1)
      messages = yield* take(pongs)
    }
    return messages
  })
}
