/** From samples to results: medians, paired ratios with their intervals, the control pair, the verdicts of one row. */
import { type Budget, budgets } from './budgets.ts'
import type { Metric, Sample } from './kernel.ts'
import { CONTROL, NATIVE, type Row } from './row.ts'
import { bootstrap, type Interval, median, pairedRatios } from './statistics.ts'
import { isControlGood, judge, peersOf, type Verdict } from './verdict.ts'

/** What the rounds of one row brought, one sample a round for each contestant that is not missing. */
export interface Measurements {
  row: Row
  rounds: number
  samples: Map<string, Sample[]>
  /** Why a contestant has no samples, by its id. */
  missing: Map<string, string>
  /** Those of `missing` that were there, and failed. */
  failed: Set<string>
}

export interface JudgedBudget {
  budget: Budget
  interval: Interval | null
  verdict: Verdict
  /** Why there is no interval. */
  reason: string | null
}

export interface RowResult {
  measurements: Measurements
  /** The control pair's ratio, by metric; null where the pair could not be measured. Empty where nothing is timed. */
  control: { metric: Metric; ratio: Interval | null; isGood: boolean }[]
  judged: JudgedBudget[]
}

export function analyse(measurements: Measurements, seed: number): RowResult {
  const { row } = measurements
  const control = row.controlMetrics.map((metric) => {
    const ratio = ratioOf(measurements, CONTROL, [NATIVE], metric, seed)
    return { metric, ratio, isGood: isControlGood(ratio?.median ?? null) }
  })
  const ofThisRow = budgets.filter((budget) => budget.row === row.name)
  return { measurements, control, judged: ofThisRow.map((budget) => hold(budget, measurements, seed)) }
}

/** The median over the rounds; null where the contestant has no such metric. */
export function medianOf({ samples }: Measurements, id: string, metric: Metric): number | null {
  const values = valuesOf(samples, id, metric)
  return values === null ? null : median(values)
}

/**
 * The paired ratio of a contestant to the sum of some others; null where one of them is missing. Those without budgets take
 * part in the first rounds only: the pairs are of these.
 */
export function ratioOf(
  { samples }: Measurements,
  ours: string,
  peers: readonly string[],
  metric: Metric,
  seed: number,
): Interval | null {
  const our = valuesOf(samples, ours, metric)
  const their = sumOf(peers.map((peer) => valuesOf(samples, peer, metric)))
  if (our === null || their === null) return null
  const pairs = Math.min(our.length, their.length)
  return bootstrap(pairedRatios(our.slice(0, pairs), their.slice(0, pairs)), seed)
}

function hold(budget: Budget, measurements: Measurements, seed: number): JudgedBudget {
  const { samples, missing, failed, rounds } = measurements
  const { ours, metric, limit } = budget
  const peers = peersOf(limit)
  const values = valuesOf(samples, ours, metric)
  const interval =
    peers.length > 0 ? ratioOf(measurements, ours, peers, metric, seed) : values && bootstrap(values, seed)
  const absent = [ours, ...peers].find((id) => missing.has(id))
  return {
    budget,
    interval,
    verdict: failed.has(ours) ? 'missed' : judge(interval, limit, rounds),
    reason: absent === undefined ? null : `${absent}: ${missing.get(absent)}`,
  }
}

function valuesOf(samples: ReadonlyMap<string, Sample[]>, id: string, metric: Metric): number[] | null {
  const values = samples.get(id)?.map((sample) => sample.values[metric])
  return values?.every((value) => value !== undefined) ? values : null
}

/** Round by round; null where one of the contestants has no values. */
function sumOf(series: readonly (number[] | null)[]): number[] | null {
  return series.reduce((sum, values) => {
    if (sum === null || values === null) return null
    return sum.map((value, round) => value + values[round]!)
  })
}
