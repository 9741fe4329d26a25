/**
 * The loop for code that runs outside any: made on first use, always running, never closed. The class of the loop is
 * known to a higher layer, which provides the maker.
 */
import { loopHere } from './current.ts'
import type { Scheduler } from './scheduler.ts'

let make: (() => Scheduler) | null = null
let instance: Scheduler | null = null

export function provideDefaultLoop(maker: () => Scheduler): void {
  make = maker
}

export function defaultLoop(): Scheduler {
  if (instance === null) {
    if (make === null) throw new Error('polvo: the event loop was not loaded. Please report this.')
    instance = make()
  }
  return instance
}

/** The loop of the code that is running, or the default one. */
export function loopForWork(): Scheduler {
  return loopHere() ?? defaultLoop()
}
