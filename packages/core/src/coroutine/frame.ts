/**
 * Flat delegation: how `yield*` through many coroutines costs the same as through one.
 *
 * A native `yield*` resumes from the outside in: at depth 100 every step walks 100 generators. `coroutine(fn)` makes
 * `yield* fn()` go through a `Frame`, which runs the inner generator natively up to its first suspension (so a call that
 * never suspends costs next to nothing) and notes the result object that comes up. When the driver receives just that
 * object, it knows the frames between and takes them over: it resumes the innermost generator directly and hands its end
 * to the next one out, whose `yield*` then finds its frame spliced and returns.
 *
 * Invariant: a frame is spliced only by a driver that received the noted object itself. By hand, `yield*` hands the inner
 * result on unchanged, so a marked generator behaves as a plain one.
 */
import { misuse } from '../errors.ts'
import { brief } from '../host/inspect.ts'

export type AnyGenerator = Generator<unknown, unknown, unknown>
export type StepResult = IteratorResult<unknown, unknown>

const GeneratorFunction = Object.getPrototypeOf(function* () {}) as object & { prototype: AnyGenerator }
const generatorPrototype = GeneratorFunction.prototype
export const generatorNext: (this: AnyGenerator, value: unknown) => StepResult = generatorPrototype.next
export const generatorThrow: (this: AnyGenerator, error: unknown) => StepResult = generatorPrototype.throw
export const generatorReturn: (this: AnyGenerator, value: unknown) => StepResult = generatorPrototype.return

export function isGeneratorFunction(fn: unknown): fn is (...args: never[]) => AnyGenerator {
  return typeof fn === 'function' && Object.getPrototypeOf(fn) === GeneratorFunction
}

export function isGenerator(value: unknown): value is AnyGenerator {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.prototype.isPrototypeOf.call(generatorPrototype, value)
  )
}

/**
 * Beyond this many natively nested first steps the driver begins the inner frame itself, so that even 100,000 levels do
 * not overflow the stack.
 */
const NATIVE_DEPTH = 300

/** Yielded by a frame that wants the driver to begin its generator. */
export const BEGIN: unique symbol = Symbol('begin')

/**
 * What every bare pass yields: one object for all of them, in place of 40 bytes each (`yield* sleep(0)`: 70 → 67 ns). A frame hands
 * on a copy, since it knows a result by its identity.
 */
export const PASSING: IteratorResult<never, never> = { done: false, value: undefined as never }

let depth = 0
let notedResult: StepResult | null = null
let notedTop: Frame | null = null

export class Frame implements Iterator<unknown, unknown, unknown> {
  readonly generator: AnyGenerator
  /** The frame that awaits this one, null for the coroutine at the bottom. Set when spliced. */
  up: Frame | null = null
  #down: Frame | null = null
  #spliced = false
  #begun = false

  constructor(generator: AnyGenerator) {
    this.generator = generator
  }

  [Symbol.iterator](): this {
    return this
  }

  next(value: unknown): StepResult {
    if (this.#spliced) return { done: true, value }
    const isToBegin = !this.#begun
    this.#begun = true
    if (isToBegin && depth >= NATIVE_DEPTH) return this.note({ done: false, value: BEGIN })
    depth++
    try {
      return this.note(generatorNext.call(this.generator, value))
    } finally {
      depth--
    }
  }

  throw(error: unknown): StepResult {
    if (this.#spliced) {
      addFrameToStack(error, this.throw)
      throw error
    }
    return this.note(generatorThrow.call(this.generator, error))
  }

  return(value: unknown): StepResult {
    if (this.#spliced) return { done: true, value }
    return this.note(generatorReturn.call(this.generator, value))
  }

  private note(given: StepResult): StepResult {
    const result = given === PASSING ? { done: false, value: undefined } : given
    if (result.done !== true) {
      this.#down = notedResult === result ? notedTop : null
      notedResult = result
      notedTop = this
    }
    return result
  }

  /** A frame for a generator that the driver itself runs on top of `up`. */
  static on(up: Frame | null, generator: AnyGenerator): Frame {
    const frame = new Frame(generator)
    frame.#spliced = true
    frame.up = up
    return frame
  }

  /**
   * Take over the frames that `result` came up through, linked on top of `up`. Returns the innermost; `up` itself when it
   * came through none.
   */
  static splice(result: StepResult, up: Frame | null): Frame | null {
    if (result !== notedResult) return up
    let top = up
    let frame = notedTop
    notedResult = notedTop = null
    while (frame !== null) {
      frame.#spliced = true
      frame.up = top
      top = frame
      const down: Frame | null = frame.#down
      frame.#down = null
      frame = down
    }
    return top
  }
}

function frameOf(this: AnyGenerator): Frame {
  return new Frame(this)
}

/**
 * Mark a generator function so that `yield*` on its coroutines is flat: resuming costs the same at any depth, and there
 * may be any number of levels. The function is changed in place and returned; marking it again does nothing.
 *
 *     const crawl = coroutine(function* (url: URL): Coroutine<Page> { … })
 *
 * @throws TypeError for anything but a `function*` with a prototype of its own. A bound function has none, and marking
 *   what it has instead would change every generator of the process: mark first, then bind.
 */
export function coroutine<F extends (this: never, ...args: never[]) => Generator<unknown, unknown, unknown>>(
  fn: F,
): F {
  const prototype: unknown =
    isGeneratorFunction(fn) && Object.hasOwn(fn, 'prototype') ? fn.prototype : undefined
  if (typeof prototype !== 'object' || prototype === null || prototype === generatorPrototype) {
    throw misuse(
      `coroutine() takes a function* with a prototype of its own, and was given ${brief(fn)}. ` +
        'Mark the generator function itself, before binding or wrapping it.',
    )
  }
  if (!Object.hasOwn(prototype, Symbol.iterator)) {
    Object.defineProperty(prototype, Symbol.iterator, { value: frameOf, configurable: true, writable: true })
  }
  return fn
}

// ---------------------------------------------------------------- stack traces

const framesAdded = new WeakMap<Error, number>()

/**
 * After a splice an error's own stack ends at the innermost coroutine. While it is thrown on through a spliced frame, the
 * generator that awaits that frame is on the native stack for a moment: add its line.
 */
function addFrameToStack(error: unknown, below: (error: unknown) => StepResult): void {
  if (!(error instanceof Error) || !Object.hasOwn(error, 'stack')) return
  const added = framesAdded.get(error) ?? 0
  if (added >= (Error.stackTraceLimit ?? 0)) return
  framesAdded.set(error, added + 1)
  const here: { stack?: string } = {}
  Error.captureStackTrace?.(here, below)
  const line = here.stack?.split('\n')[1]
  if (line !== undefined) error.stack += `\n${line}`
}
