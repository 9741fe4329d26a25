import { describe, expect, test } from 'vitest'
import { analyse, type JudgedBudget, medianOf, ratioOf } from '../analysis.ts'
import { measurementsOf } from './support.ts'

function verdicts(judged: readonly JudgedBudget[], ours: string) {
  return judged.filter(({ budget }) => budget.ours === ours).map(({ verdict }) => verdict)
}

describe('a row', () => {
  test('holds each of its budgets against the peers that the budget names', () => {
    const { judged } = analyse(measurementsOf('call', { marked: 7, async: 12, native: 10, control: 10 }), 1)
    expect(verdicts(judged, 'marked')).toEqual(['met'])
    expect(verdicts(judged, 'async')).toEqual(['missed'])
  })

  test('divides round by round, so that a slow round of both changes nothing', () => {
    const slowing = Array.from({ length: 15 }, (_, round) => 10 * (1 + round))
    const measurements = measurementsOf('call', { marked: slowing.map((ns) => ns / 2), native: slowing })
    expect(ratioOf(measurements, 'marked', ['native'], 'wall', 1)).toEqual({
      median: 0.5,
      low: 0.5,
      high: 0.5,
    })
  })

  test('pairs a peer that took part in the first rounds with these', () => {
    const measurements = measurementsOf('call', { marked: [1, 2, 3, 9, 9, 9], native: 1, effection: 2 }, 6)
    measurements.samples.get('effection')!.length = 2
    expect(ratioOf(measurements, 'marked', ['effection'], 'wall', 1)?.median).toBe(0.75)
  })

  test('that times nothing has no control pair', () => {
    expect(analyse(measurementsOf('bundle', { everything: 1 }), 1).control).toEqual([])
  })

  test('holds the async chain against the native chain and a switch together', () => {
    const values = { marked: 30, async: 230, switch: 190, native: 40, control: 40 }
    const { judged } = analyse(measurementsOf('resume-100', values), 1)
    expect(verdicts(judged, 'async')).toEqual(['met'])
    const slower = analyse(measurementsOf('resume-100', { ...values, async: 231 }), 1)
    expect(verdicts(slower.judged, 'async')).toEqual(['missed'])
  })

  test('leaves a budget undecided when its peer is absent, and says which', () => {
    const { judged } = analyse(measurementsOf('spawn-1000000', { 'group-g': 5, native: 10, control: 10 }), 1)
    const againstEffect = judged.find(
      ({ budget: { limit } }) => limit.kind === 'faster' && limit.than === 'effect',
    )
    expect(againstEffect).toMatchObject({
      verdict: 'undecided',
      interval: null,
      reason: 'effect: not here',
    })
  })

  test('has missed the budgets of a kernel of ours that failed', () => {
    const measurements = measurementsOf('call', { async: 10, native: 10, control: 10 })
    measurements.failed.add('marked')
    expect(verdicts(analyse(measurements, 1).judged, 'marked')).toEqual(['missed'])
  })

  test('reads its control pair', () => {
    const good = analyse(measurementsOf('call', { native: 10, control: 10.2 }), 1)
    expect(good.control).toMatchObject([{ metric: 'wall', isGood: true, ratio: { median: 1.02 } }])
    const bad = analyse(measurementsOf('call', { native: 10, control: 10.5 }), 1)
    expect(bad.control).toMatchObject([{ isGood: false }])
  })
})

test('a contestant that is missing has no median', () => {
  expect(medianOf(measurementsOf('call', { native: 10 }), 'effect', 'wall')).toBeNull()
  expect(medianOf(measurementsOf('call', { native: 10 }), 'native', 'wall')).toBe(10)
})
