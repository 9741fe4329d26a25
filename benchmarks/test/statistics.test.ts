import { describe, expect, test } from 'vitest'
import { bootstrap, median, pairedRatios, randomFrom, shuffled } from '../statistics.ts'

/** A bell around `centre`, from twelve even draws each. */
function normal(centre: number, spread: number, count: number, random: () => number): number[] {
  return Array.from({ length: count }, () => {
    let sum = -6
    for (let i = 0; i < 12; i++) sum += random()
    return centre + spread * sum
  })
}

describe('median', () => {
  test('is the middle one of an odd number of values, in any order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  test('is half way between the middle two of an even number', () => {
    expect(median([1, 10, 2, 4])).toBe(3)
  })

  test('leaves its values in their order', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })

  test('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('bootstrap', () => {
  test('gives the same interval for the same values and seed', () => {
    const values = normal(1, 0.1, 15, randomFrom(1))
    expect(bootstrap(values, 7)).toEqual(bootstrap(values, 7))
  })

  test('has the median of the values inside its interval', () => {
    const values = normal(50, 10, 15, randomFrom(2))
    const { low, median: middle, high } = bootstrap(values, 3)
    expect(middle).toBe(median(values))
    expect(low).toBeLessThan(middle)
    expect(high).toBeGreaterThan(middle)
  })

  test('is a point where all values are equal', () => {
    expect(bootstrap([2, 2, 2, 2], 1)).toEqual({ median: 2, low: 2, high: 2 })
  })

  test('is narrower the more rounds there are', () => {
    const few = bootstrap(normal(1, 0.1, 15, randomFrom(4)), 1)
    const many = bootstrap(normal(1, 0.1, 240, randomFrom(4)), 1)
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 2)
  })

  test('covers the true median in about 95 of 100 experiments', () => {
    const random = randomFrom(11)
    let covered = 0
    for (let experiment = 0; experiment < 100; experiment++) {
      const { low, high } = bootstrap(normal(1, 0.1, 15, random), experiment)
      if (low <= 1 && 1 <= high) covered++
    }
    expect(covered).toBeGreaterThanOrEqual(88)
  }, 30_000)

  test('does not follow a single wild round', () => {
    const { high } = bootstrap([...Array<number>(14).fill(1), 40], 1)
    expect(high).toBe(1)
  })
})

describe('pairedRatios', () => {
  test('divides round by round', () => {
    expect(pairedRatios([2, 9], [4, 3])).toEqual([0.5, 3])
  })

  test('refuses values without a partner', () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow(RangeError)
  })
})

describe('randomFrom', () => {
  test('repeats itself from the same seed, and differs from another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, randomFrom(seed))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  test('is spread evenly over [0, 1)', () => {
    const random = randomFrom(5)
    const tenths = Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) tenths[Math.floor(random() * 10)]!++
    for (const hits of tenths) expect(Math.abs(hits - 1_000)).toBeLessThan(150)
  })
})

describe('shuffled', () => {
  test('keeps every item, and leaves the list it was given alone', () => {
    const items = [1, 2, 3, 4, 5]
    expect(shuffled(items, randomFrom(9)).sort()).toEqual(items)
    expect(items).toEqual([1, 2, 3, 4, 5])
  })

  test('puts each item in each place about equally often', () => {
    const random = randomFrom(3)
    const firsts = { a: 0, b: 0, c: 0 }
    for (let i = 0; i < 3_000; i++) firsts[shuffled(['a', 'b', 'c'] as const, random)[0]!]++
    for (const hits of Object.values(firsts)) expect(Math.abs(hits - 1_000)).toBeLessThan(150)
  })
})
