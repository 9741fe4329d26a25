/** Memory of native async functions that wait on the same queue of promises. Fair: one shared function. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sizes } from '../kernel.ts'
import { PromiseQueue } from '../promise-queue.ts'

const queue = new PromiseQueue<number>()
const takers: Promise<number>[] = []
let waiting = 0

async function taker(): Promise<number> {
  waiting++
  return await queue.take()
}

export async function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  for (let i = 0; i < tasks; i++) takers.push(taker())
  await sleep(100)
  whenAsleep(waiting)
}
