/** The types that programs meet: what a coroutine is, what can be awaited, what a target may be. */
import type { Waitable } from './waitable.ts'

/** What a coroutine may yield: something to wait for (through `yield*`), or nothing for one pass of the loop. */
export type Suspension = Waitable | undefined

/** A generator coroutine. Calling its function runs nothing; `yield*`, `createTask` and the like do. */
export type Coroutine<T = void> = Generator<Suspension, T, unknown>

/**
 * What every suspending function of the library returns, usable with `yield*` as with `await`. Operations are lazy and serve
 * once: they begin when they are awaited, in the task that awaits them. Futures and tasks are under way, and can be awaited any
 * number of times.
 */
export interface Awaitable<T> extends PromiseLike<T> {
  [Symbol.iterator](): Iterator<Suspension, T, unknown>
}

/** An object that `yield*` can await: whatever has a generator method `[Symbol.iterator]`. */
export interface CustomAwaitable<T> {
  [Symbol.iterator](): Iterator<Suspension, T, unknown>
}

/** What a function that was given as code comes to: the result of the coroutine or promise it returns. */
export type Result<R> = R extends Coroutine<infer T> ? T : Awaited<R>

/**
 * Refuses generators that yield what no coroutine may: intersected with the type a body returns, it is that type itself
 * or, for a generator with a wrong yield, one it does not fit.
 */
export type Checked<R> =
  R extends Generator<infer Y, infer T, unknown> ? ([Y] extends [Suspension] ? R : Coroutine<T>) : R

/** A coroutine object or library operation, given where code is asked for. */
export type Startable<T> = Coroutine<T> | Awaitable<T>

/** What starts a task: a coroutine object, a library operation, or a function of either spelling. */
export type Target<T> = Startable<T> | (() => Coroutine<T> | PromiseLike<T> | T)
