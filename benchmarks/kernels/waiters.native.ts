/** Many async functions that wait for one promise. Fair: all wait when it is resolved. */
import type { Sizes } from '../kernel.ts'

let woken = 0

async function waiter(event: Promise<void>): Promise<void> {
  await event
  woken++
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  woken = 0
  for (let i = 0; i < repeats; i++) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const all: Promise<void>[] = []
    for (let j = 0; j < tasks; j++) all.push(waiter(promise))
    resolve()
    await Promise.all(all)
  }
  return woken
}
