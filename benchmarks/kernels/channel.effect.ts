/** Ping-pong of two fibers of Effect over two queues. Fair: the smallest buffer it has a queue for. */
import { Effect, Fiber, Queue } from 'effect'
import type { Sizes } from '../kernel.ts'

const answer = Effect.fnUntraced(function* (
  pings: Queue.Queue<number>,
  pongs: Queue.Queue<number>,
  repeats: number,
) {
  for (let i = 0; i < repeats; i++) yield* Queue.offer(pongs, (yield* Queue.take(pings)) + 1)
})

const main = Effect.fnUntraced(function* (repeats: number) {
  const pings = yield* Queue.bounded<number>(1)
  const pongs = yield* Queue.bounded<number>(1)
  const answering = yield* Effect.forkChild(answer(pings, pongs, repeats))
  let messages = 0
  for (let i = 0; i < repeats; i++) {
    yield* Queue.offer(pings, messages + 1)
    messages = yield* Queue.take(pongs)
  }
  yield* Fiber.join(answering)
  return messages
})

export function batch({ repeats }: Sizes): Promise<number> {
  return Effect.runPromise(main(repeats))
}
