import { misuse, outOfRange } from './errors.ts'

type ErrorClass = abstract new (...args: never[]) => unknown

/** Which errors of a group are meant: those of a class, or those a predicate accepts. */
export type ErrorCondition = ErrorClass | ((error: unknown) => boolean)

/**
 * Several errors that happened side by side, as in Python (PEP 654). Task groups throw one even for a single error, so that one
 * kind of `catch` is enough.
 */
export class ExceptionGroup extends AggregateError {
  /** In the order they happened; groups may be nested. */
  declare errors: unknown[]
  /** Stable across versions, as that of every error of the library. */
  readonly code = 'POLVO_EXCEPTION_GROUP'
  readonly #message: string

  /** @throws RangeError when `errors` is empty. */
  constructor(message: string, errors: readonly unknown[], options?: ErrorOptions) {
    if (errors.length === 0)
      throw outOfRange('An ExceptionGroup holds at least one error, and was given none.')
    super(errors, `${message} (${errors.length} sub-exception${errors.length === 1 ? '' : 's'})`, options)
    this.#message = message
  }

  /** Always `ExceptionGroup`. */
  override get name(): string {
    return 'ExceptionGroup'
  }

  /**
   * The part of the group whose errors match, with the nesting kept; null where none does.
   * @throws TypeError where `condition` is no function.
   */
  subgroup(condition: ErrorCondition): ExceptionGroup | null {
    return this.split(condition)[0]
  }

  /**
   * Part the group in two: the errors that match, and the rest, each with the nesting kept and null where it is empty.
   *
   *     const [timeouts, others] = group.split(TimeoutError)
   *     if (others) throw others
   *
   * @throws TypeError where `condition` is no function.
   */
  split(condition: ErrorCondition): [ExceptionGroup | null, ExceptionGroup | null] {
    const matches = asPredicate(condition)
    const matching: unknown[] = []
    const rest: unknown[] = []
    for (const error of this.errors) {
      if (matches(error)) matching.push(error)
      else if (error instanceof ExceptionGroup) {
        const [inner, other] = error.split(condition)
        if (inner !== null) matching.push(inner)
        if (other !== null) rest.push(other)
      } else rest.push(error)
    }
    return [this.#derive(matching), this.#derive(rest)]
  }

  #derive(errors: unknown[]): ExceptionGroup | null {
    if (errors.length === 0) return null
    return new ExceptionGroup(this.#message, errors, { cause: this.cause })
  }
}

/** @internal */
export function asPredicate(condition: ErrorCondition): (error: unknown) => boolean {
  if (typeof condition !== 'function') {
    throw misuse(`Errors are told apart by an error class or a predicate; it was ${String(condition)}.`)
  }
  if (isErrorClass(condition)) return (error) => error instanceof condition
  return condition
}

function isErrorClass(condition: ErrorCondition): condition is ErrorClass {
  return condition === Error || condition.prototype instanceof Error
}

/** Handles the errors of a class, or those a predicate accepts, as a group. */
export type GroupHandler = readonly [condition: ErrorCondition, handle: (group: ExceptionGroup) => void]

/**
 * Python's `except*` for a `catch` block: each handler is given the errors it is for, as a group; what none of them takes is
 * thrown on. An error that is no group counts as a group of one.
 *
 *     try { … } catch (error) {
 *       exceptGroup(error, [TimeoutError, (group) => retryLater(group.errors)], [HttpError, log])
 *     }
 *
 * An error is given to the first handler that takes it. Handlers are plain functions; what they throw comes out together with
 * the rest, and by itself where there is no rest and just one has thrown.
 */
export function exceptGroup(error: unknown, ...handlers: readonly GroupHandler[]): void {
  const isGroup = error instanceof ExceptionGroup
  let rest: ExceptionGroup | null = isGroup ? error : new ExceptionGroup('', [error])
  const thrown: unknown[] = []
  for (const [condition, handle] of handlers) {
    if (rest === null) break
    const [matching, others]: [ExceptionGroup | null, ExceptionGroup | null] = rest.split(condition)
    rest = others
    if (matching === null) continue
    try {
      handle(matching)
    } catch (anotherError) {
      thrown.push(anotherError)
    }
  }
  if (thrown.length === 0 && rest === null) return
  if (thrown.length === 0) throw isGroup ? rest : error
  if (thrown.length === 1 && rest === null) throw thrown[0]
  throw new ExceptionGroup(
    'errors while handling errors',
    rest === null ? thrown : [...thrown, ...rest.errors],
  )
}
