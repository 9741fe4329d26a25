/** Calling async functions and `Promise.all`. Fair: one shared function, and each call suspends once, as a task does. */
import type { Sizes } from '../kernel.ts'

let ended = 0

async function child(): Promise<void> {
  await undefined
  ended++
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  ended = 0
  for (let i = 0; i < repeats; i++) {
    const children: Promise<void>[] = []
    for (let j = 0; j < tasks; j++) children.push(child())
    await Promise.all(children)
  }
  return ended
}
