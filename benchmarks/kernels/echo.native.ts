/** Async functions that keep giving way. Fair: by `setImmediate`, since `await undefined` would let no socket be read. */
import { setImmediate } from 'node:timers/promises'
import type { Sizes } from '../kernel.ts'

async function busy(): Promise<void> {
  while (true) await setImmediate()
}

export async function keepBusy({ tasks }: Sizes, whenBusy: () => void): Promise<void> {
  const all = Array.from({ length: tasks }, busy)
  whenBusy()
  await Promise.all(all)
}
