import { describe, expect, test } from 'vitest'
import { roundsOf } from '../rounds.ts'
import { rowNamed } from './support.ts'

function roundsIn(name: string, id: string, rounds: number): number {
  const row = rowNamed(name)
  return roundsOf(row.contestants.find((each) => each.id === id)!, row, rounds)
}

describe('the rounds a contestant takes part in', () => {
  test.each(['yield', 'effect', 'sleep-a@22', 'native-als@22', 'native', 'control'])(
    'are all, for %s, which a budget or the control needs',
    (id) => {
      expect(roundsIn('switch', id, 15)).toBe(15)
    },
  )

  test.each(['yield@22', 'effection', 'trio'])('are the first fifth, for %s', (id) => {
    expect(roundsIn('switch', id, 15)).toBe(3)
    expect(roundsIn('switch', id, 1)).toBe(1)
  })

  test('are the first fifth for all of a row without budgets', () => {
    expect(roundsIn('startup', 'native', 15)).toBe(3)
  })
})
