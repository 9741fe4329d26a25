/** Semaphores whose permits are taken and given back by hand, and that notice when there are too many. */
import { BoundedSemaphore, use } from 'polvo'
import type { Drafts, Family, Plays } from '../family.ts'
import type { Body, Op } from '../program.ts'

export type PermitOperation =
  | Op<'acquire', { semaphore: number }>
  | Op<'release', { semaphore: number }>
  | Op<'isLocked', { semaphore: number }>
  | Op<'withPermit', { semaphore: number; body: Body }>

export const permits: Family = {
  simple: { acquire: 12, release: 4, isLocked: 5 },
  compound: { withPermit: 14 },
  sequels: { acquire: ['release', 'sleep'] },
  waking: ['release'],
  left: (stage) => stage.state(Semaphores).bounded.map((semaphore) => semaphore.locked()),
}

const BOUNDS = [1, 3]

class Semaphores {
  readonly bounded = BOUNDS.map((bound) => new BoundedSemaphore(bound))
}

export const permitDrafts: Drafts<PermitOperation> = {
  acquire: ({ random }) => ({ semaphore: random.between(0, 1) }),
  release: ({ random }) => ({ semaphore: random.between(0, 1) }),
  isLocked: ({ random }) => ({ semaphore: random.between(0, 1) }),
  withPermit: (hand, place) => ({ semaphore: hand.random.between(0, 1), body: hand.body(place) }),
}

export const permitPlays: Plays<PermitOperation> = {
  acquire: ({ stage }, { semaphore }) => stage.state(Semaphores).bounded[semaphore]!.acquire(),
  release({ stage }, { semaphore }) {
    stage.state(Semaphores).bounded[semaphore]!.release()
    return []
  },
  isLocked: ({ stage }, { semaphore }) => stage.state(Semaphores).bounded[semaphore]!.locked(),
  withPermit(scene, { semaphore, body }, me) {
    return use(
      scene.stage.state(Semaphores).bounded[semaphore]!,
      scene.bodyOf(me, body, () => {}),
    )
  },
}
