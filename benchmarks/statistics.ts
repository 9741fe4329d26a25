/** The few statistics a verdict rests on. Everything random comes from a seed, so that a result can be had again. */

export interface Interval {
  median: number
  low: number
  high: number
}

const RESAMPLES = 10_000
const CONFIDENCE = 0.95

/** @throws RangeError when there is nothing to take the median of. */
export function median(values: readonly number[]): number {
  return quantile(sorted(values), 0.5)
}

/**
 * The 95 % interval of the median, by the percentile bootstrap: medians of samples drawn with replacement from `values`.
 * Assumes nothing about their distribution. The same values and seed give the same interval.
 */
export function bootstrap(values: readonly number[], seed: number): Interval {
  const random = randomFrom(seed)
  const medians = new Float64Array(RESAMPLES)
  // One array for all the draws: making them would take longer than all the rest.
  const draw = new Float64Array(values.length)
  for (let i = 0; i < RESAMPLES; i++) {
    for (let j = 0; j < draw.length; j++) draw[j] = values[Math.floor(random() * values.length)]!
    medians[i] = quantile(draw.sort(), 0.5)
  }
  const inOrder = medians.sort()
  const tail = (1 - CONFIDENCE) / 2
  return { median: median(values), low: quantile(inOrder, tail), high: quantile(inOrder, 1 - tail) }
}

/** Divide round by round: what slowed the machine down in one round slowed both. */
export function pairedRatios(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) {
    throw new RangeError(`Ratios need pairs, and were given ${ours.length} and ${theirs.length} values.`)
  }
  return ours.map((value, round) => value / theirs[round]!)
}

/** Numbers in [0, 1) that depend on nothing but the seed: a counter whose bits are mixed. */
export function randomFrom(seed: number): () => number {
  let counter = seed >>> 0
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0
    let bits = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad)
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32
  }
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[result[i], result[j]] = [result[j]!, result[i]!]
  }
  return result
}

/** In numeric order: a typed array knows no other, and sorts several times as fast as an array with a function. */
export function sorted(values: readonly number[]): Float64Array {
  return new Float64Array(values).sort()
}

/** Between two neighbours, in proportion. @throws RangeError when there are none. */
export function quantile(inOrder: Float64Array, part: number): number {
  if (inOrder.length === 0) throw new RangeError('There is no median of nothing.')
  const place = part * (inOrder.length - 1)
  const below = inOrder[Math.floor(place)]!
  const above = inOrder[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}
