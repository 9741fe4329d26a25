import { InvalidStateError, misuse, outOfRange } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import {
  type ContextHolder,
  type HeldValues,
  NO_VALUES,
  replaceValues,
  SharedValues,
  type Values,
  valuesOf,
} from './context-values.ts'
import { noteVariable, variablesNamed } from './context-variables.ts'
import { holderHere, isWorkedOn, runInContext } from './current.ts'

/**
 * A context as an object: what `copyContext()` returns, and `createTask({ context }, …)` and `callSoon({ context }, …)`
 * take. A task keeps a copy of its creator's context; code that is awaited inline shares its awaiter's. Python's
 * `contextvars.Context` (PEP 567).
 */
export class Context extends SharedValues implements ContextHolder {
  #isEntered = false

  constructor(values: Values = NO_VALUES) {
    super(values)
  }

  /** @internal A context holds itself. */
  get _context(): SharedValues {
    return this
  }

  /**
   * Call `fn(...args)` in this context: until it returns, variables are looked up and set here. What an async function does
   * after its first await is outside; `createTask({ context }, …)` has all of a coroutine run in it.
   * @throws InvalidStateError when it is entered already, which it also is for the code of a task or callback that works on it.
   */
  run<Args extends unknown[], R>(fn: (...args: Args) => R, ...args: Args): R {
    if (this.#isEntered || isWorkedOn(this))
      throw new InvalidStateError('The context is entered already; copy it to enter it again.')
    this.#isEntered = true
    try {
      return runInContext(this, fn, ...args)
    } finally {
      this.#isEntered = false
    }
  }

  /** The value of a variable here; undefined where it was not set. Its default is not looked at. */
  get<T>(variable: ContextVar<T>): T | undefined {
    return this._values.get(variable) as T | undefined
  }

  /** Whether a variable was set here; its default does not count. */
  has(variable: ContextVar<unknown>): boolean {
    return this._values.has(variable)
  }

  /** A context with the same values, which goes its own way from now on. */
  copy(): Context {
    return new Context(this._values)
  }
}

/** A copy of the context of the code that is running. */
export function copyContext(): Context {
  return new Context(valuesOf(holderHere()))
}

/** The values of the context of the code that is running, to be taken to another thread or process. */
export function contextValues(): ReadonlyMap<ContextVar<unknown>, unknown> {
  return valuesOf(holderHere()) as ReadonlyMap<ContextVar<unknown>, unknown>
}

/** The context variables of a name: where values of another thread or process arrive. */
export function contextVarsNamed(name: string): ContextVar<unknown>[] {
  return variablesNamed(name) as ContextVar<unknown>[]
}

/** What `ContextVar.set` returns: the way back to the value before, to be given to `reset` once. */
export class Token<T> {
  /** The variable that was set. */
  readonly variable: ContextVar<T>
  /** @internal */
  readonly _holder: HeldValues | ContextHolder
  /** @internal */
  readonly _before: { readonly value: T } | null
  /** @internal */
  _isUsed = false

  /** @internal */
  constructor(variable: ContextVar<T>, holder: Token<T>['_holder'], before: { readonly value: T } | null) {
    this.variable = variable
    this._holder = holder
    this._before = before
  }
}

/**
 * A variable with a value for each context (PEP 567): request ids, loggers, the current user. A task begins with a copy of
 * its creator's values, and what it sets is its own.
 *
 *     const requestId = new ContextVar<string>('requestId', { default: '-' })
 */
export class ContextVar<T> {
  /** What it was called, for inspection; two variables of one name are two. */
  readonly name: string
  readonly #default: { readonly value: T } | null

  constructor(name: string, options: { default?: T } = {}) {
    this.name = name
    this.#default = 'default' in options ? { value: options.default as T } : null
    noteVariable(this)
  }

  /**
   * The value in the context of the code that is running, else `fallback`, else the default.
   * @throws RangeError where there is none of them.
   */
  get(...fallback: [T] | []): T {
    const values = valuesOf(holderHere())
    if (values.has(this)) return values.get(this) as T
    if (fallback.length > 0) return fallback[0] as T
    if (this.#default !== null) return this.#default.value
    throw outOfRange(`${this} has no value in this context, and no default.`)
  }

  /** Set it in the context of the code that is running. Returns the way back, for `reset`. */
  set(value: T): Token<T> {
    const holder = holderHere()
    const values = valuesOf(holder)
    const before = values.has(this) ? { value: values.get(this) as T } : null
    replaceValues(holder, (next) => next.set(this, value))
    return new Token<T>(this, identityOf(holder), before)
  }

  /**
   * Go back to the value before the `set` that returned `token`.
   * @throws InvalidStateError for a token that was used, RangeError for one of another variable or context, TypeError for
   *   anything else.
   */
  reset(token: Token<T>): void {
    if (!(token instanceof Token))
      throw misuse(`reset() takes the token of a set(), and was given ${brief(token)}.`)
    if (token._isUsed) throw new InvalidStateError(`The token of ${this} was used already; it serves once.`)
    if (token.variable !== this) throw outOfRange(`The token is of ${token.variable}, and not of ${this}.`)
    const holder = holderHere()
    if (token._holder !== holder && token._holder !== holder._context)
      throw outOfRange(`The token of ${this} was made in another context.`)
    token._isUsed = true
    replaceValues(holder, (values) => {
      if (token._before === null) values.delete(this)
      else values.set(this, token._before.value)
    })
  }

  toString(): string {
    return `<ContextVar ${this.name}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** What makes a context that of a token: the shared values, or the one holder that has them. */
function identityOf(holder: ContextHolder): HeldValues | ContextHolder {
  return holder._context instanceof SharedValues ? holder._context : holder
}
