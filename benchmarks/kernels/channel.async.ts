/** Ping-pong of two async-spelled tasks over two channels. Fair: without a buffer, as its generator twin. */
import { channel, createTask, type Receiver, run, type Sender } from 'polvo'
import type { Sizes } from '../kernel.ts'

async function answer(pings: Receiver<number>, pongs: Sender<number>, repeats: number): Promise<void> {
  for (let i = 0; i < repeats; i++) await pongs.send((await pings.receive()) + 1)
}

export function batch({ repeats }: Sizes): Promise<number> {
  return run(async () => {
    const [ping, pings] = channel<number>()
    const [pong, pongs] = channel<number>()
    createTask(answer, pings, pong, repeats)
    let messages = 0
    for (let i = 0; i < repeats; i++) {
      await ping.send(messages + 1)
      messages = await pongs.receive()
    }
    return messages
  })
}
