/** What can be awaited, how to tell, and what is said to code that yields something else. */
import { misuse } from '../errors.ts'
import { copyOf, thisCopy } from '../host/copy.ts'
import { brief } from '../host/inspect.ts'
import { type AnyGenerator, isGenerator } from './frame.ts'

/** Something of the library, or made by `awaitable()`: both `yield*` and `await` work on it. */
export function isLibraryAwaitable(value: unknown): value is Iterable<unknown> & PromiseLike<unknown> {
  return isThenable(value) && Symbol.iterator in value
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

/** A coroutine that awaits `awaitable`. */
export function* delegateTo(awaitable: Iterable<unknown>): AnyGenerator {
  return yield* awaitable as Generator<unknown, unknown, unknown>
}

/** The error that a coroutine gets at a `yield` of something that is nothing to wait for. */
export function wrongYield(yielded: unknown): TypeError {
  const what = brief(yielded)
  const copy = copyOf(yielded)
  if (copy !== undefined && copy !== thisCopy) {
    return misuse(
      `A coroutine that is run by polvo of ${thisCopy} awaited something made by another copy, of ${copy}. ` +
        'Import both from one installation.',
    )
  }
  if (isGenerator(yielded) || isLibraryAwaitable(yielded)) {
    return misuse(`A coroutine yielded ${what}: write \`yield*\` to await it.`)
  }
  if (isThenable(yielded)) {
    return misuse(`A coroutine yielded a promise: write \`yield* from(promise)\` to await it.`)
  }
  return misuse(
    `A coroutine yielded ${what}: it may yield nothing, for one pass of the loop. Did you mean \`yield*\`?`,
  )
}
