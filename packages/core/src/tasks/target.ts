/**
 * Targets: everything that takes code takes either spelling, as a coroutine object, an operation of the library, or a
 * function with its arguments.
 */

import { isLibraryAwaitable, isThenable } from '../coroutine/awaitables.ts'
import { Call } from '../coroutine/call.ts'
import { type AnyGenerator, isGenerator, isGeneratorFunction } from '../coroutine/frame.ts'
import { misuse } from '../errors.ts'
import { brief } from '../host/inspect.ts'

export type AnyFunction = (...args: never[]) => unknown

/** A target, ready to be run: a generator, or a function that is still to be called. */
export type Work =
  | { readonly generator: AnyGenerator; readonly fn: null }
  | { readonly generator: null; readonly fn: AnyFunction; readonly args: readonly unknown[] }

/** @throws TypeError where the target is none, with what to write instead */
export function checkTarget(taker: string, target: unknown): void {
  const isTarget = typeof target === 'function' || isGenerator(target) || isLibraryAwaitable(target)
  if (isTarget) return
  if (isThenable(target)) {
    throw misuse(
      `${taker}() was given a promise, which is under way already and cannot be cancelled. ` +
        `Pass the function that makes it: ${taker}(fn, ...args).`,
    )
  }
  throw misuse(
    `${taker}() takes a coroutine, an operation, or a function with its arguments; it was given ${brief(target)}.`,
  )
}

/**
 * @param taker the function that was called, for the error message
 * @throws TypeError where the target is none, with what to write instead
 */
export function toWork(taker: string, target: unknown, args: readonly unknown[]): Work {
  if (typeof target === 'function') return callToWork(target as AnyFunction, args)
  if (args.length > 0) {
    throw misuse(`${taker}() was given arguments for ${brief(target)}: only a function takes arguments.`)
  }
  if (isGenerator(target)) return { generator: target, fn: null }
  if (target instanceof Call) {
    const taken = target._take()
    return 'generator' in taken ? { ...taken, fn: null } : { ...taken, generator: null }
  }
  checkTarget(taker, target)
  return { generator: iterate((target as Iterable<unknown>)[Symbol.iterator]()), fn: null }
}

function callToWork(fn: AnyFunction, args: readonly unknown[]): Work {
  if (isGeneratorFunction(fn)) return { generator: fn(...(args as never[])), fn: null }
  return { generator: null, fn, args }
}

function* iterate(iterator: Iterator<unknown>): AnyGenerator {
  return yield* { [Symbol.iterator]: () => iterator }
}

/** Whether an argument is options, which come before a target: a plain object that is no target itself. */
export function isOptions(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) &&
    !(Symbol.iterator in value) &&
    !isThenable(value)
  )
}
