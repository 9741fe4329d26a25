/**
 * Ways to choose who runs next.
 *
 * PCT is that of Burckhardt, Kothari, Musuvathi and Nagarakatti ("A randomized scheduler with probabilistic guarantees of finding
 * bugs", 2010): tasks have random priorities, and at a few random moments the running one gets the lowest. A bug that needs d
 * such moments is found with a probability of 1/(n·kᵈ) or more in each run, where n tasks take k steps.
 */
import type { Choose } from './ready-line.ts'
import { Seeded } from './seeded.ts'

/**
 * How the order of the ready tasks is chosen: at random; by random priorities with a few preemptions (PCT), which finds rarer
 * races; as usual, first in, first out; or the last that became ready first, pass by pass.
 */
export type Strategy = 'random' | 'pct' | 'fifo' | 'lifo'

export const STRATEGIES: readonly Strategy[] = ['random', 'pct', 'fifo', 'lifo']

/** @param choices how many choices a run has, more or less */
export function chooserFor(strategy: Strategy, seed: number, preemptions: number, choices: number): Choose {
  switch (strategy) {
    case 'random':
      return atRandom(new Seeded(seed))
    case 'pct':
      return byPriority(new Seeded(seed), preemptions, choices)
    case 'fifo':
      return () => 0
    case 'lifo':
      return lastFirst
  }
}

function atRandom(random: Seeded): Choose {
  return (candidates) => random.below(candidates.length)
}

/** The last of those that were ready when the pass began: nobody runs twice while another waits. */
const lastFirst: Choose = (candidates) =>
  Math.max(
    0,
    candidates.findLastIndex(({ isNew }) => !isNew),
  )

function byPriority(random: Seeded, preemptions: number, choices: number): Choose {
  const priorities = new Map<object | null, number>()
  const moments = new Set(Array.from({ length: preemptions }, () => random.below(Math.max(1, choices))))
  let lowest = 0
  let at = 0
  return (candidates) => {
    for (const { task, hasYielded } of candidates) {
      if (!priorities.has(task)) priorities.set(task, random.next())
      // One that waits by yielding would run for ever.
      if (hasYielded) priorities.set(task, --lowest)
    }
    const highest = () => {
      const ranks = candidates.map(({ task }) => priorities.get(task) as number)
      return ranks.indexOf(Math.max(...ranks))
    }
    if (moments.has(at++)) priorities.set(candidates[highest()]?.task ?? null, --lowest)
    return highest()
  }
}
