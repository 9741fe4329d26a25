/** Ping-pong of two tasks over two channels. Fair: without a buffer, so that each message goes from hand to hand. */
import { type Coroutine, channel, createTask, type Receiver, run, type Sender } from 'polvo'
import type { Sizes } from '../kernel.ts'

function* answer(pings: Receiver<number>, pongs: Sender<number>, repeats: number): Coroutine {
  for (let i = 0; i < repeats; i++) yield* pongs.send((yield* pings.receive()) + 1)
}

function* main(repeats: number): Coroutine<number> {
  const [ping, pings] = channel<number>()
  const [pong, pongs] = channel<number>()
  createTask(answer, pings, pong, repeats)
  let messages = 0
  for (let i = 0; i < repeats; i++) {
    yield* ping.send(messages + 1)
    messages = yield* pongs.receive()
  }
  return messages
}

export function batch({ repeats }: Sizes): Promise<number> {
  return run(main(repeats))
}
