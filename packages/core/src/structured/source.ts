/** What `map` and `forEach` go through, and how to take it apart step by step in either spelling. */
import { runInside } from '../coroutine/driver.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { misuse } from '../errors.ts'
import { brief } from '../host/inspect.ts'

/** Something of the library that gives its items one by one: a queue, a channel, a response body. */
export interface Stream<T> {
  /** The next item, or the end of the stream. */
  next(): Awaitable<IteratorResult<T, unknown>>
}

/** What `map` and `forEach` go through. */
export type Source<T> = Stream<T> | AsyncIterable<T> | Iterable<T>

/** A source, once it is being gone through. */
export interface Steps<T> {
  next(): Coroutine<IteratorResult<T, unknown>>
  /** The rest is not wanted: let the source clean up. */
  close(): Coroutine
}

/** @throws TypeError where there is nothing to go through. */
export function stepsOf<T>(taker: string, source: Source<T>): Steps<T> {
  const { [Symbol.asyncIterator]: iterateAsync, [Symbol.iterator]: iterate, next } = Object(source ?? {})
  if (typeof next === 'function' && typeof iterate !== 'function') return asyncSteps(source as Stream<T>)
  if (typeof iterateAsync === 'function') return asyncSteps(iterateAsync.call(source))
  if (typeof iterate === 'function') return plainSteps(iterate.call(source))
  throw misuse(`${taker}() goes through an iterable or async iterable, and was given ${brief(source)}.`)
}

function plainSteps<T>(iterator: Iterator<T>): Steps<T> {
  return {
    *next() {
      return iterator.next()
    },
    *close() {
      iterator.return?.()
    },
  }
}

interface AnyAsyncIterator<T> {
  next(): PromiseLike<IteratorResult<T, unknown>>
  return?(): PromiseLike<unknown>
}

/**
 * A step is entered like any body: one of the library is awaited as it is, and the awaits of a foreign async generator belong
 * to the task, so that a cancellation reaches them.
 */
function asyncSteps<T>(iterator: AnyAsyncIterator<T>): Steps<T> {
  return {
    *next() {
      return (yield runInside(() => iterator.next())) as IteratorResult<T, unknown>
    },
    *close() {
      yield runInside(() => iterator.return?.())
    },
  }
}
