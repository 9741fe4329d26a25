import { expect, test } from 'vitest'
import { placesOf } from '../waiting.ts'

test.each([1_000, 100_000])(
  'of %i waiters those that leave are all different, and all over the line',
  (waiters) => {
    const places = placesOf(500, waiters)
    expect(new Set(places).size).toBe(500)
    expect(Math.min(...places)).toBeLessThan(waiters / 10)
    expect(Math.max(...places)).toBeGreaterThan(waiters * 0.9)
  },
)
