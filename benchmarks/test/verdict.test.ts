import { describe, expect, test } from 'vitest'
import type { Limit } from '../budgets.ts'
import { isControlGood, isMedianBeyond, judge, limitOf, peersOf } from '../verdict.ts'

const atMost: Limit = { kind: 'at most', times: 0.8, of: ['native'] }
const faster: Limit = { kind: 'faster', times: 4, than: 'asyncio' }
const absolute: Limit = { kind: 'absolute', value: 600 }

const interval = (low: number, median: number, high: number) => ({ low, median, high })

describe('a verdict', () => {
  test('is met when all of the interval is within the budget', () => {
    expect(judge(interval(0.6, 0.65, 0.7), atMost, 15)).toBe('met')
  })

  test('is met when the interval only reaches the budget, which the report then marks', () => {
    const reaching = interval(0.79, 0.85, 0.9)
    expect(judge(reaching, atMost, 15)).toBe('met')
    expect(isMedianBeyond(reaching, atMost)).toBe(true)
  })

  test('is met when the lower end is the limit itself', () => {
    expect(judge(interval(0.8, 0.85, 0.9), atMost, 15)).toBe('met')
  })

  test('is missed when all of the interval is beyond', () => {
    expect(judge(interval(0.81, 0.85, 0.9), atMost, 15)).toBe('missed')
  })

  test('is undecided where nothing could be measured', () => {
    expect(judge(null, atMost, 15)).toBe('undecided')
  })

  test('is not given for fewer than 15 rounds, however clear they are', () => {
    expect(judge(interval(5, 5, 5), atMost, 14)).toBe('no verdict')
    expect(judge(interval(0.1, 0.1, 0.1), atMost, 14)).toBe('no verdict')
  })

  test('of "at least 4 times faster" is met by a quarter of the time', () => {
    expect(limitOf(faster)).toBe(0.25)
    expect(judge(interval(0.2, 0.21, 0.22), faster, 15)).toBe('met')
    expect(judge(interval(0.26, 0.27, 0.28), faster, 15)).toBe('missed')
  })

  test('of an absolute budget holds the value itself against it', () => {
    expect(judge(interval(590, 595, 598), absolute, 15)).toBe('met')
    expect(judge(interval(640, 643, 645), absolute, 15)).toBe('missed')
  })
})

test('a budget names the peers it divides by, and an absolute one has none', () => {
  expect(peersOf({ kind: 'at most', times: 1, of: ['native', 'switch'] })).toEqual(['native', 'switch'])
  expect(peersOf(faster)).toEqual(['asyncio'])
  expect(peersOf(absolute)).toEqual([])
})

describe('the control pair', () => {
  test.each([0.97, 0.985, 1, 1.03])('is good at %d', (ratio) => {
    expect(isControlGood(ratio)).toBe(true)
  })

  test.each([0.969, 1.031, 1.5])('voids the run at %d', (ratio) => {
    expect(isControlGood(ratio)).toBe(false)
  })

  test('voids the run where it could not be measured', () => {
    expect(isControlGood(null)).toBe(false)
  })
})
