/** Make a failing schedule shorter: leave preemptions out, as many at once as possible, as long as it still fails. */
import type { Deviation } from './schedule.ts'

/** After so many runs what has been found is short enough. */
const MAX_RUNS = 300

/**
 * @param fails runs the program; returns the preemptions that took place, or null where it did not fail as before
 */
export async function shrinkSchedule(
  failing: readonly Deviation[],
  fails: (schedule: readonly Deviation[]) => Promise<readonly Deviation[] | null>,
): Promise<readonly Deviation[]> {
  let best = failing
  let runs = 0
  const attempt = async (shorter: readonly Deviation[]): Promise<boolean> => {
    if (runs++ >= MAX_RUNS) return false
    const happened = await fails(shorter)
    if (happened === null || happened.length > shorter.length) return false
    best = happened
    return true
  }
  for (let size = best.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < best.length; ) {
      const shorter = [...best.slice(0, from), ...best.slice(from + size)]
      if (!(await attempt(shorter))) from += size
    }
  }
  for (let i = 0; i < best.length; i++) {
    for (let chosen = 1; chosen < (best[i] as Deviation).chosen; chosen++) {
      const nearer = best.map((deviation, j) => (j === i ? { ...deviation, chosen } : deviation))
      if (await attempt(nearer)) break
    }
  }
  return best
}
