/** Rejecting some of the promises that async functions wait for. Fair: errors without stacks; there is no line to leave. */
import type { Sizes, Stopwatch } from '../kernel.ts'
import { placesOf } from '../waiting.ts'

interface Waiter {
  done: Promise<void>
  reject: (error: Error) => void
}

let line: Waiter[] | null = null
let rejected = 0

async function waiting(forever: Promise<void>): Promise<void> {
  try {
    await forever
  } finally {
    rejected++
  }
}

function newWaiter(): Waiter {
  const { promise, reject } = Promise.withResolvers<void>()
  return { done: waiting(promise), reject }
}

export async function batch({ tasks, waiters = 0 }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  Error.stackTraceLimit = 0
  line ??= Array.from({ length: waiters }, newWaiter)
  rejected = 0
  const places = placesOf(tasks, waiters)
  const leaving = places.map((place) => line![place]!)
  watch.resume()
  for (const { reject } of leaving) reject(new Error('cancelled'))
  await Promise.allSettled(leaving.map(({ done }) => done))
  watch.pause()
  for (const place of places) line[place] = newWaiter()
  return rejected
}
