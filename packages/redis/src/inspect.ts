import { inspect } from 'node:util'

/** A value in a few words, for a message. */
export function inspectOf(value: unknown): string {
  const text = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY })
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
