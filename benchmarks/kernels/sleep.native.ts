/** Async functions that sleep up to a second. Fair: the usual promise around `setTimeout`, half as dear as timers/promises. */
import { durations } from '../durations.ts'
import type { Sizes } from '../kernel.ts'

let awake = 0

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

async function sleeper(ms: number): Promise<void> {
  await sleep(ms)
  awake++
}

export async function batch({ tasks }: Sizes): Promise<number> {
  awake = 0
  await Promise.all(durations(tasks, 1_000).map(sleeper))
  return awake
}
