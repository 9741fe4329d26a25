import { misuse } from '../errors.ts'
import { brief } from '../host/inspect.ts'
import { Call } from './call.ts'
import { Future } from './future.ts'
import type { Awaitable, Coroutine } from './types.ts'

/** A callback as Node's APIs take it: an error or null, then the value. */
export type NodeCallback<T> = (error?: unknown, value?: T) => void

/**
 * Await an API that takes a callback.
 *
 *     const text = yield* fromCallback<string>((done) => readFile(path, 'utf8', done))
 *
 * `start` is called when this is awaited. What it returns, if that is a function, is called when the wait is cancelled; else
 * the work goes on, and its outcome is dropped. Only the first call of the callback counts: an error is thrown, else the value
 * returned. A checkpoint only where it is not called at once.
 *
 * @throws TypeError where `start` is no function.
 */
export function fromCallback<T = void>(start: (callback: NodeCallback<T>) => unknown): Awaitable<T> {
  if (typeof start !== 'function') {
    throw misuse(`fromCallback() takes a function that is given the callback, and was given ${brief(start)}.`)
  }
  return new Call(awaitCallback, [start], 'fromCallback')
}

function* awaitCallback<T>(start: (callback: NodeCallback<T>) => unknown): Coroutine<T> {
  const outcome = new Future<T>()
  const callOff = start((error, value) => {
    if (outcome.done()) return
    if (error !== null && error !== undefined) outcome.setException(error)
    else outcome.setResult(value as T)
  })
  let isOver = false
  try {
    const value = yield* outcome
    isOver = true
    return value
  } catch (error) {
    isOver = !outcome.cancelled()
    throw error
  } finally {
    if (!isOver && typeof callOff === 'function') callOff()
  }
}
