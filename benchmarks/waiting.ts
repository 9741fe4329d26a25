/**
 * Tasks that wait for the same primitive, of which some are cancelled and replaced: what the contestants of the row
 * `withdraw` share. They wait from one batch to the next.
 */
import { type Awaitable, Event, Lock, Queue } from 'polvo'
import type { Sizes } from './kernel.ts'

/** A function whose result waits for ever: the event is never set, the lock never released, nothing put into the queue. */
export function foreverOn(primitive: NonNullable<Sizes['waitFor']>): () => Awaitable<unknown> {
  switch (primitive) {
    case 'event': {
      const event = new Event()
      return () => event.wait()
    }
    case 'lock': {
      const lock = new Lock()
      lock.tryAcquire()
      return () => lock.acquire()
    }
    case 'queue': {
      const queue = new Queue()
      return () => queue.get()
    }
  }
}

/** Places all over the line, each another one: a prime is in step with no number of waiters that matters. */
export function placesOf(count: number, waiters: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7_919) % waiters)
}
