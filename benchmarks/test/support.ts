/** Rounds that never ran: every contestant gets the value the test gives it, in every round. */
import type { Measurements } from '../analysis.ts'
import type { Sample } from '../kernel.ts'
import type { Row } from '../row.ts'
import { rows } from '../rows.ts'

export function rowNamed(name: string): Row {
  const row = rows.find((each) => each.name === name)
  if (row === undefined) throw new Error(`no row ${name}`)
  return row
}

/** @param values nanoseconds by contestant id, one number for every round or one for each; the others are missing */
export function measurementsOf(
  name: string,
  values: Record<string, number | number[]>,
  rounds = 15,
): Measurements {
  const row = rowNamed(name)
  const samples = new Map<string, Sample[]>()
  const missing = new Map<string, string>()
  for (const { id } of row.contestants) {
    const value = values[id]
    if (value === undefined) missing.set(id, 'not here')
    else {
      const each = Array.isArray(value) ? value : Array<number>(rounds).fill(value)
      samples.set(
        id,
        each.map((wall) => ({ values: { wall } })),
      )
    }
  }
  return { row, rounds, samples, missing, failed: new Set() }
}
