import { describe, expect, test } from 'vitest'
import { readOptions, UsageError } from '../options.ts'
import { rows } from '../rows.ts'

const namesOf = (args: string[]) => readOptions(args).rows.map(({ name }) => name)

describe('the command line', () => {
  test('runs all rows, 15 rounds each, when nothing is said', () => {
    expect(readOptions([])).toMatchObject({ rows, rounds: 15, json: null, wants: 'run' })
  })

  test('takes names of rows and of families, in the order of the rows', () => {
    expect(namesOf(['resume-10'])).toEqual(['resume-10'])
    expect(namesOf(['spawn', 'parked-100000'])).toEqual(['spawn-1000000', 'spawn-1000', 'parked-100000'])
  })

  test('refuses a name that is none, and lists those that are', () => {
    expect(() => readOptions(['nothing'])).toThrow(/no row 'nothing'.*bundle/)
  })

  test('--quick is two rounds', () => {
    expect(readOptions(['--quick']).rounds).toBe(2)
  })

  test('--check and --write refuse to rest on fewer rounds than a verdict takes', () => {
    expect(() => readOptions(['--check', '--quick'])).toThrow(UsageError)
    expect(() => readOptions(['--write', '--rounds', '14'])).toThrow(UsageError)
  })

  test('--write refuses a part of the rows', () => {
    expect(() => readOptions(['--write', 'call'])).toThrow(UsageError)
  })

  test.each(['0', '-1', 'many', '1.5'])('refuses %s as a number of rounds', (text) => {
    expect(() => readOptions([`--rounds=${text}`])).toThrow(UsageError)
  })

  test('takes the seed of an earlier run', () => {
    expect(readOptions(['--seed', '42']).seed).toBe(42)
  })

  test('refuses options it does not know', () => {
    expect(() => readOptions(['--fast'])).toThrow(UsageError)
  })
})
