import { expect, test } from 'vitest'
import { brief } from '../../src/host/inspect.ts'

/** What is thrown at those who hand over the wrong thing: a TypeError or RangeError that names it. */
export const misuseOf = (value: unknown): unknown =>
  expect.objectContaining({
    code: expect.stringMatching(/^POLVO_(MISUSE|OUT_OF_RANGE)$/),
    message: expect.stringContaining(brief(value)),
  })

/** A test for each value: `act` refuses it, and names it. */
export function refuses(what: string, values: readonly unknown[], act: (value: never) => unknown): void {
  for (const value of values) {
    test(`${what} refuses ${brief(value)}, and names it`, () => {
      expect(() => act(value as never)).toThrow(misuseOf(value) as Error)
    })
  }
}
