/**
 * Rejecting the promises that async functions wait for. Fair: an error for each, as its `catch` may keep it, without the
 * stack, which would cost more than all the rest; `allSettled` joins them.
 */
import type { Sizes, Stopwatch } from '../kernel.ts'

let cleaned = 0

async function blocked(forever: Promise<void>): Promise<void> {
  try {
    await forever
  } finally {
    cleaned++
  }
}

export async function batch({ tasks }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  cleaned = 0
  Error.stackTraceLimit = 0
  const rejects: ((error: Error) => void)[] = []
  const all: Promise<void>[] = []
  for (let i = 0; i < tasks; i++) {
    const forever = new Promise<void>((_, reject) => {
      rejects.push(reject)
    })
    all.push(blocked(forever))
  }
  watch.resume()
  for (const reject of rejects) reject(new Error('cancelled'))
  await Promise.allSettled(all)
  watch.pause()
  return cleaned
}
