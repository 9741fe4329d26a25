/** Memory of native async functions that wait for a timer. Fair: one shared function around the usual promise of a timeout. */
import type { Sizes } from '../kernel.ts'

const sleepers: Promise<void>[] = []
let asleep = 0

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

async function sleeper(): Promise<void> {
  asleep++
  await sleep(3_600_000)
}

export async function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  for (let i = 0; i < tasks; i++) sleepers.push(sleeper())
  await sleep(100)
  whenAsleep(asleep)
}
