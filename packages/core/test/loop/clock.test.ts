import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/loop/clock.ts'

const DAY = 24 * 60 * 60 * 1000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test('wakes once the deadline has come, and not before', () => {
  const wake = vi.fn()
  systemClock.wakeAt(systemClock.now() + 50, true, wake)
  vi.advanceTimersByTime(49)
  expect(wake).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(wake).toHaveBeenCalledTimes(1)
})

test('rounds a fraction of a millisecond up', () => {
  const wake = vi.fn()
  systemClock.wakeAt(systemClock.now() + 2.25, true, wake)
  vi.advanceTimersByTime(2)
  expect(wake).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(wake).toHaveBeenCalledTimes(1)
})

test('a deadline in the past wakes as soon as the host can', () => {
  const wake = vi.fn()
  systemClock.wakeAt(systemClock.now() - 1000, true, wake)
  expect(wake).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(wake).toHaveBeenCalledTimes(1)
})

test('can be called off', () => {
  const wake = vi.fn()
  const callOff = systemClock.wakeAt(systemClock.now() + 50, true, wake)
  callOff()
  vi.advanceTimersByTime(1000)
  expect(wake).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

for (const [what, ms] of [
  ['30 days', 30 * DAY],
  ['infinity', Number.POSITIVE_INFINITY],
] as const) {
  test(`asks the host for a day at most: ${what} away`, () => {
    const wake = vi.fn()
    const setTimeoutSpy = vi.spyOn(globalThis, 'setTimeout')
    const callOff = systemClock.wakeAt(systemClock.now() + ms, true, wake)
    expect(setTimeoutSpy.mock.calls.map(([, delay]) => delay)).toEqual([DAY])
    callOff()
  })
}

test('keeps the process alive only where it is asked to', () => {
  const results = [true, false].map((keepAlive) => {
    const unref = vi.fn()
    vi.spyOn(globalThis, 'setTimeout').mockReturnValueOnce({ unref } as unknown as NodeJS.Timeout)
    systemClock.wakeAt(systemClock.now() + 50, keepAlive, () => {})
    return unref.mock.calls.length
  })
  expect(results).toEqual([0, 1])
})
