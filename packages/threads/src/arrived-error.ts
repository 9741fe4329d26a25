/**
 * Errors that have come from a worker, put together again: of the same class where it is one of JavaScript's or
 * polvo's, else an Error with the name of its class. Stack, cause and properties are those it had there.
 */
import * as polvo from 'polvo'
import type { CarriedError } from './carried-error.ts'

type ErrorClass = new (message?: string) => Error

const CLASSES: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map(named),
  ...[polvo.InvalidStateError, polvo.TimeoutError, polvo.QueueEmpty, polvo.QueueFull].map(named),
  ...[polvo.QueueShutDown, polvo.BrokenBarrierError, polvo.BrokenResource].map(named),
  ...[polvo.ClosedResource, polvo.EndOfChannel].map(named),
])

function named(kind: ErrorClass): [string, ErrorClass] {
  return [kind.name, kind]
}

export function unpackError(carried: CarriedError): unknown {
  if (carried.kind === 'value') return carried.value
  const { className, message, stack, properties, cause, errors } = carried
  const error =
    errors === null
      ? new (CLASSES.get(className) ?? Error)(message)
      : new AggregateError(errors.map(unpackError), message)
  if (error.name !== className) defineHidden(error, 'name', className)
  if (cause !== null) defineHidden(error, 'cause', unpackError(cause))
  defineHidden(error, 'stack', stack)
  for (const [name, value] of Object.entries(properties)) {
    if (Reflect.get(error, name) !== value) defineVisible(error, name, value)
  }
  return error
}

function defineHidden(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: false })
}

function defineVisible(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: true })
}
