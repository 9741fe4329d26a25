import { InvalidStateError, misuse } from '../errors.ts'
import { captureContext } from '../host/async-context.ts'
import { checkFunction } from '../host/checks.ts'
import { createdAt, noteCreationSite } from '../host/creation-sites.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { delegateTo, isThenable } from './awaitables.ts'
import { answer, bodyForAwait, never, Wait } from './body.ts'
import { runInside, Strand, type StrandScope } from './driver.ts'
import { type AnyGenerator, Frame, isGeneratorFunction } from './frame.ts'
import type { Awaitable, Checked, CustomAwaitable, Result, Suspension } from './types.ts'
import { type Claimable, noteCreated, noteMaker } from './unclaimed.ts'

type AnyFunction = (...args: never[]) => unknown

/**
 * A call that has not been made yet: the lazy coroutine object of both spellings. It starts when awaited, in the task that
 * awaits it, and can be awaited once.
 */
export class Call<T> implements Awaitable<T>, Claimable {
  readonly #fn: AnyFunction
  readonly #self: unknown
  readonly #args: readonly unknown[]
  readonly #name: string
  /** How many of the arguments are the user's. */
  readonly #shown: number
  /** @internal */
  _isClaimed = false

  /**
   * @internal
   * @param shown how many of the arguments are the user's, for reports
   * @param self what `fn` is called on
   */
  constructor(
    fn: AnyFunction,
    args: readonly unknown[],
    name = fn.name || 'anonymous',
    shown = args.length,
    self: unknown = undefined,
  ) {
    this.#fn = fn
    this.#self = self
    this.#args = args
    this.#name = name
    this.#shown = shown
    noteCreationSite(this)
    noteCreated(this)
  }

  /**
   * Give it up without running it, so that it is not reported as forgotten. Nothing happens when it was awaited or closed
   * before.
   */
  close(): void {
    this._isClaimed = true
  }

  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return new Frame(this.begin()) as Iterator<unknown, unknown, unknown> as Iterator<Suspension, T, unknown>
  }

  /** What `await` calls: begins it, in the task whose code is running. A second time rejects with InvalidStateError. */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const resolve = onFulfilled as ((value: unknown) => unknown) | null | undefined
    const body = bodyForAwait()
    if (body.isEnded) return never
    let generator: AnyGenerator
    try {
      generator = this.begin()
    } catch (error) {
      return answer(true, error, resolve, onRejected) as PromiseLike<A | B>
    }
    const wait = new Wait(body, resolve, onRejected)
    const scope = body.scope as StrandScope | null
    const strand = new Strand(body.task, wait, generator, scope, captureContext())
    const pending = body.takePending()
    if (pending !== null) strand.keepPending(pending)
    wait.onStrand(strand)
    noteMaker(body.task._loop)
    if (!strand.start()) body.task._loop._goOn(body.task)
    return wait as PromiseLike<unknown> as PromiseLike<A | B>
  }

  /** @internal Claim it, to make the call elsewhere: a generator to run, or a function that may be async. */
  _take(): { generator: AnyGenerator } | { fn: AnyFunction; args: readonly unknown[] } {
    if (this._isClaimed) {
      throw new InvalidStateError(`${this} was awaited or closed before; make a new one for each await.`)
    }
    this.close()
    const fn = this.#fn
    if (isGeneratorFunction(fn)) return { generator: fn.apply(this.#self, this.#args as never[]) }
    return { fn, args: this.#args }
  }

  private begin(): AnyGenerator {
    const taken = this._take()
    return 'generator' in taken ? taken.generator : enter(taken.fn, taken.args)
  }

  /** @internal */
  _describe(): string {
    if (this.#name.endsWith(')')) return this.#name
    return `${this.#name}(${this.#args.slice(0, this.#shown).map(brief).join(', ')})`
  }

  toString(): string {
    return `<coroutine ${this._describe()}${createdAt(this)}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

function* enter(fn: AnyFunction, args: readonly unknown[]): AnyGenerator {
  return yield runInside(fn, args)
}

/**
 * Make a coroutine object of `fn(...args)` without running it: the async spelling's counterpart of calling a generator
 * function, and the bridge between the spellings.
 *
 *     yield* call(asyncFunction, x)      // an async function as a part of this coroutine
 *     await call(generatorFunction, x)   // a generator coroutine as a part of this async function
 *
 * Lazy and single-use: it starts when awaited, and a second await is an InvalidStateError. A checkpoint only where `fn` is.
 *
 * @throws TypeError where `fn` is no function.
 */
export function call<Args extends unknown[], R>(
  fn: (...args: Args) => R & Checked<R>,
  ...args: Args
): Call<Result<R>> {
  checkFunction('call()', 'a function and its arguments', fn)
  return new Call(fn, args)
}

/**
 * As `call`, with the name and arguments that reports show: for the operations of an integration, which are written as
 * generator functions.
 *
 *     get(url: string) { return namedCall(`session.get(${url})`, request, this, url) }
 *
 * @throws TypeError where `fn` is no function.
 */
export function namedCall<Args extends unknown[], R>(
  description: string,
  fn: (...args: Args) => R & Checked<R>,
  ...args: Args
): Call<Result<R>> {
  checkFunction('namedCall()', 'a description and a function with its arguments', fn)
  return new Call(fn, args, description)
}

/**
 * Make an object that `yield*` can await (it has a generator method `[Symbol.iterator]`) work with `await` as well.
 * Lazy and single-use; a checkpoint only where the object suspends.
 *
 * @throws TypeError for an object without that method, or one that has `then` already.
 */
export function awaitable<T>(custom: CustomAwaitable<T>): Call<T> {
  if (typeof custom?.[Symbol.iterator] !== 'function' || isThenable(custom)) {
    throw misuse(
      `awaitable() takes an object with a generator method [Symbol.iterator], and was given ${brief(custom)}.`,
    )
  }
  return new Call(delegateTo as AnyFunction, [custom], 'awaitable', 1)
}
