import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { budgets } from '../budgets.ts'
import { CONTROL, NATIVE } from '../row.ts'
import { rows } from '../rows.ts'
import { peersOf } from '../verdict.ts'
import { rowNamed } from './support.ts'

describe.each(rows)('row $name', (row) => {
  test('has contestants with names of their own', () => {
    const ids = row.contestants.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('has a kernel for every contestant', () => {
    for (const { kernel } of row.contestants) {
      expect(existsSync(new URL(`../kernels/${kernel}`, import.meta.url)), kernel).toBe(true)
    }
  })

  test.runIf(row.controlMetrics.length > 0)('runs native code against itself', () => {
    const [native, control] = [NATIVE, CONTROL].map((id) => row.contestants.find((each) => each.id === id))
    expect(control).toMatchObject({ kernel: native?.kernel, sizes: native?.sizes, tool: native?.tool })
  })
})

test('rows have names of their own', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
})

test('every kernel takes part in a row', () => {
  const kernels = rows.flatMap(({ contestants }) => contestants.map(({ kernel }) => kernel))
  const files = readdirSync(new URL('../kernels', import.meta.url)).filter((name) => /\.(ts|py)$/.test(name))
  expect(files.filter((name) => !kernels.includes(name))).toEqual([])
})

test('every budget names a row, a contestant and peers that exist', () => {
  for (const { row, ours, limit, metric } of budgets) {
    const { contestants, metrics } = rowNamed(row)
    const ids = contestants.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining([ours, ...peersOf(limit)]))
    expect(metrics).toContain(metric)
  }
})
