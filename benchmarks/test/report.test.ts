import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis.ts'
import { withResults } from '../readme.ts'
import { budgetsThatAre, isVoid, type Run, report } from '../report.ts'
import { measurementsOf } from './support.ts'

function runOf(values: Record<string, number>, rounds = 15): Run {
  return {
    environment: {
      date: '2026-01-02T03:04:05.000Z',
      cpu: 'Abacus',
      cores: 2,
      memoryGiB: 4,
      system: 'Linux 6',
      load: 0.1,
      v8: '13.6',
      commit: 'abc1234',
      versions: { Node: '24.0.0' },
      absent: { uvloop: 'not here' },
    },
    loadAfter: 1.2,
    rounds,
    seed: 42,
    rows: [analyse(measurementsOf('call', values, rounds), 42)],
  }
}

const fine = { marked: 7, async: 12, native: 10, control: 10, effection: 5, 'native@22': 11 }

describe('the report', () => {
  test('prints a line for each contestant, with its medians and the ratios of ours to it', () => {
    const lines = report(runOf(fine)).split('\n')
    const line = lines.find((each) => each.startsWith('| native `await asyncFn()` '))
    expect(line?.split('|').map((cell) => cell.trim())).toEqual([
      '',
      'native `await asyncFn()`',
      '10.0',
      '11.0',
      '0.70 (0.70–0.70)',
      '1.20 (1.20–1.20)',
      '',
    ])
  })

  test('prints losses: a peer that is faster has a ratio above 1', () => {
    expect(report(runOf(fine))).toMatch(/Effection.*\| 1\.40 \(1\.40–1\.40\)/)
  })

  test('lists the budgets that were missed', () => {
    expect(budgetsThatAre('missed', runOf(fine))).toHaveLength(1)
    expect(report(runOf(fine))).toContain('- missed: call: polvo `await asyncFn()` in a task: ≤ 1.1 ×')
  })

  test('says date, machine, versions, seed, and what is absent', () => {
    const text = report(runOf(fine))
    for (const fact of ['2026-01-02', 'Abacus', '2 cores', 'Node 24.0.0', 'seed 42', 'uvloop (not here)']) {
      expect(text).toContain(fact)
    }
  })

  test('says that a few rounds give no verdict', () => {
    expect(report(runOf(fine, 3))).toContain('A verdict takes 15 rounds; these were 3.')
  })

  test('says that a run is void when its control pair disagrees', () => {
    expect(isVoid(runOf(fine))).toBe(false)
    const run = runOf({ ...fine, control: 11 })
    expect(isVoid(run)).toBe(true)
    expect(report(run)).toContain('VOID')
  })

  test('says that the control pair of a row without budgets disagrees, which voids no verdict', () => {
    const run = runOf(fine)
    run.rows = [analyse(measurementsOf('promise', { native: 10, control: 11 }), 42)]
    expect(isVoid(run)).toBe(false)
    expect(report(run)).toContain('and should be 1.00 ± 0.03.')
  })
})

describe('the results in the README', () => {
  test('replace what stood between the markers, and nothing else', () => {
    const readme = 'before\n<!-- results: begin -->\nold\n<!-- results: end -->\nafter\n'
    const written = withResults(readme, 'new')
    expect(written).toBe('before\n<!-- results: begin -->\nnew\n<!-- results: end -->\nafter\n')
    expect(withResults(written, 'new')).toBe(written)
  })

  test('need the markers', () => {
    expect(() => withResults('no markers', 'new')).toThrow('benchmarks/README.md')
  })
})
