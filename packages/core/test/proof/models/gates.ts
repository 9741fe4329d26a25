/** Locks, semaphores and limiters: so many may be inside. */
import { BoundedSemaphore, CapacityLimiter, type Coroutine, Lock, Semaphore, sleep } from 'polvo'
import type { History } from 'polvo/testing'
import type { Model, Op } from './model.ts'

type Gate = Lock | Semaphore | CapacityLimiter

function gate(name: string, permits: number, make: () => Gate): Model<Gate, number> {
  const fresh = String(make())
  const release = (target: Gate, history: History) => history.recordNow('release', [], () => target.release())
  return {
    name,
    kinds: ['section', 'try'],
    make,
    spec: () => ({
      initial: permits,
      apply: (free, { name, value }) => {
        if (name === 'release') return free < permits ? free + 1 : undefined
        if (value === false) return free // it may be kept for somebody who waits
        return free > 0 ? free - 1 : undefined
      },
    }),
    *perform(target, { kind }: Op, history): Coroutine {
      if (kind === 'section') yield* history.record('acquire', [], target.acquire())
      else if (!history.recordNow('tryAcquire', [], () => target.tryAcquire())) return
      try {
        yield* sleep(0)
      } finally {
        release(target, history)
      }
    },
    async performAsync(target, { kind }: Op, history) {
      if (kind === 'section') await history.record('acquire', [], target.acquire())
      else if (!history.recordNow('tryAcquire', [], () => target.tryAcquire())) return
      try {
        await sleep(0)
      } finally {
        release(target, history)
      }
    },
    mayWait: () => false,
    isFree: (target) => String(target) === fresh,
  }
}

export const gates = [
  gate('Lock', 1, () => new Lock()),
  gate('Semaphore(1)', 1, () => new Semaphore(1)),
  gate('Semaphore(2)', 2, () => new Semaphore(2)),
  gate('BoundedSemaphore(1)', 1, () => new BoundedSemaphore(1)),
  gate('CapacityLimiter(1)', 1, () => new CapacityLimiter(1)),
]
