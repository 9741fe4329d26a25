import { expect, test } from 'vitest'
import { durations } from '../durations.ts'

test('durations fill the time there is evenly, and in no order', () => {
  const times = durations(1_000, 500)
  for (let tenth = 0; tenth < 10; tenth++) {
    const inThisTenth = times.filter((ms) => ms >= tenth * 50 && ms < (tenth + 1) * 50)
    expect(inThisTenth.length).toBeGreaterThan(95)
    expect(inThisTenth.length).toBeLessThan(105)
  }
  expect(times).not.toEqual(times.toSorted((a, b) => a - b))
})
