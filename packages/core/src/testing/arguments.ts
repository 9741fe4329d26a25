/** Checks of the numbers that a fault proxy is given. It stands apart from the runtime that it tests, checks included. */

/** The longest that Node's timers run. */
export const MAX_TIMER = 2 ** 31 - 1

export function checkInteger(name: string, value: unknown, min: number, max: number): void {
  checkNumber(name, value, min, max)
  if (!Number.isInteger(value)) throw new RangeError(`${name} is ${show(value)}: give an integer`)
}

export function checkNumber(name: string, value: unknown, min: number, max: number): void {
  const advice = `${name} is ${show(value)}: give a number from ${min} to ${max}`
  if (typeof value !== 'number') throw new TypeError(advice)
  if (!(value >= min && value <= max)) throw new RangeError(advice)
}

export function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
