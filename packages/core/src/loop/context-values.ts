/**
 * The values of context variables (PEP 567), as immutable maps that are shared until somebody sets one.
 *
 * Every task and every scheduled callback is a holder: it has a map of its own, taken over from whoever made it, so
 * copying a context at the start of a task costs one pointer. A holder may also have been given a `SharedValues` (a
 * `Context`), which several holders then share and change together.
 */

/** A set of values of context variables. Never changed once made. */
export type Values = ReadonlyMap<object, unknown>

export class SharedValues {
  /** @internal */
  _values: Values

  /** @internal */
  constructor(values: Values) {
    this._values = values
  }
}

/** What a holder has: a map of its own, or one that it shares. */
export type HeldValues = Values | SharedValues

export interface ContextHolder {
  /** @internal */
  _context: HeldValues
}

export const NO_VALUES: Values = new Map()

/** Holds what is set outside any task and callback. */
export const rootHolder: ContextHolder = { _context: NO_VALUES }

export function valuesOf(holder: ContextHolder): Values {
  const { _context } = holder
  return _context instanceof SharedValues ? _context._values : _context
}

/** Replace the values a holder has, for all who share them. */
export function replaceValues(holder: ContextHolder, change: (values: Map<object, unknown>) => void): void {
  const values = new Map(valuesOf(holder))
  change(values)
  if (holder._context instanceof SharedValues) holder._context._values = values
  else holder._context = values
}
