/** Values in messages, and which of them are data. */

/** What kind of thing it is: `a function`, `a Map`. */
export function showKind(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object') return `${typeof value} ${String(value)}`
  const name = (value as { constructor?: { name?: string } }).constructor?.name
  if (name === undefined || name === '') return 'an object'
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

/** Whether it is data by the look of it: a plain object, an array, or something that says how it is written as JSON. */
export function isJsonable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null
  return isPlain || Array.isArray(value) || 'toJSON' in value
}
