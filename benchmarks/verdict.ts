/**
 * How a measurement is held against its budget.
 *
 * | verdict    | is true                                                                    |
 * |------------|----------------------------------------------------------------------------|
 * | met        | the interval reaches the budget: its lower end is not above the limit      |
 * | missed     | all of the interval is beyond; or polvo's own kernel failed                |
 * | undecided  | nothing to judge by: the peer is absent, or it failed                      |
 * | no verdict | fewer than 15 rounds                                                       |
 *
 * A budget can be met by an interval whose median is beyond it. The report marks those.
 */
import type { Limit } from './budgets.ts'
import type { Interval } from './statistics.ts'

export type Verdict = 'met' | 'missed' | 'undecided' | 'no verdict'

export const ROUNDS_FOR_A_VERDICT = 15

/** How far from 1 the control pair may read. */
const CONTROL_TOLERANCE = 0.03

/** The highest value that keeps the budget: a ratio of ours to the peers', or the absolute value itself. */
export function limitOf(limit: Limit): number {
  switch (limit.kind) {
    case 'at most':
      return limit.times
    case 'faster':
      return 1 / limit.times
    case 'absolute':
      return limit.value
  }
}

/** The contestants a value is divided by; none where it is held against an absolute limit. */
export function peersOf(limit: Limit): readonly string[] {
  switch (limit.kind) {
    case 'at most':
      return limit.of
    case 'faster':
      return [limit.than]
    case 'absolute':
      return []
  }
}

export function judge(interval: Interval | null, limit: Limit, rounds: number): Verdict {
  if (rounds < ROUNDS_FOR_A_VERDICT) return 'no verdict'
  if (interval === null) return 'undecided'
  return interval.low <= limitOf(limit) ? 'met' : 'missed'
}

/** Whether a verdict 'met' rests on the interval alone. */
export function isMedianBeyond({ median }: Interval, limit: Limit): boolean {
  return median > limitOf(limit)
}

/** Whether the pair of equals reads 1.00 ± 0.03. What cannot be read is no control either. */
export function isControlGood(median: number | null): boolean {
  // Rounded, since 1.03 - 1 is a little more than 0.03 in binary.
  return median !== null && Math.round(Math.abs(median - 1) * 1e5) <= CONTROL_TOLERANCE * 1e5
}
