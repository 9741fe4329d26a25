/** How objects show themselves: `toString()` and Node's `util.inspect` give the same line. */

/** The key under which `util.inspect` looks for an object's own way of showing itself. */
export const inspectKey: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never

const LONGEST_TEXT = 60

/** A value in a few characters, for a line that is about something else. */
export function brief(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value)
    case 'function':
      return `${value.name || 'anonymous'}()`
    case 'bigint':
      return `${value}n`
    case 'object':
      return briefObject(value)
    default:
      return String(value)
  }
}

function briefObject(value: object | null): string {
  if (value === null) return 'null'
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (Array.isArray(value)) return `[array of ${value.length}]`
  if (inspectKey in value) return String(value)
  const name = value.constructor?.name
  return name === undefined || name === 'Object' ? '{…}' : `[${name}]`
}
