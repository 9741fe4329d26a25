/**
 * The generator spelling of `async function*`: a coroutine that emits values on its way.
 *
 * Its body runs inside whoever awaits `next()`, up to the next value, as an async generator does; so it belongs to the task
 * of its consumer, and is cancelled with it. What the body suspends on is handed on to the driver of that task, as `yield*` would:
 * inside it, resuming a marked coroutine costs more the deeper it is.
 *
 * | state     | is true                                        | next                 |
 * |-----------|------------------------------------------------|----------------------|
 * | suspended | at its beginning, or at an emit                | running, over        |
 * | running   | somebody awaits `next`, `throw` or `return`    | suspended, over      |
 * | over      | the body has returned or thrown                | –                    |
 */
import { Call } from '../coroutine/call.ts'
import { isGenerator } from '../coroutine/frame.ts'
import type { Awaitable, Coroutine, Suspension } from '../coroutine/types.ts'
import { InvalidStateError, misuse } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'

/** Hand a value to the consumer. Returns what the consumer sends with its next `next(value)`; throws what it throws in. */
export type Emit<T, Sent = unknown> = (value: T) => Generator<Suspension, Sent, unknown>

type Body<T, Sent> = (emit: Emit<T, Sent>) => Generator<Suspension, unknown, unknown>
type Step<T> = IteratorResult<T, unknown>

/** A value on its way from the body to the consumer. */
class Emitted {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }

  toString(): string {
    return `emit(${brief(this.value)}) from inside a timeout, group or other scope, where it cannot`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

function* emit(value: unknown): Generator<unknown, unknown, unknown> {
  return yield new Emitted(value)
}

/** What `asyncGenerator` makes: a stream for `forEach` and `for await`, and by hand. */
export class EmittingGenerator<T, Sent = unknown> implements AsyncIterable<T> {
  readonly #body: Generator<unknown, unknown, unknown>
  #state: 'suspended' | 'running' | 'over' = 'suspended'

  /** @internal */
  constructor(body: Body<T, Sent>) {
    const made: unknown = body(emit as Emit<T, Sent>)
    if (!isGenerator(made)) throw notAGenerator(body)
    this.#body = made
  }

  /**
   * Run the body to its next value. `value` is what its `emit` returns. A checkpoint only where the body suspends. A
   * cancellation is thrown into the body, whose end it is unless the body catches it.
   * @throws InvalidStateError while somebody else awaits it; what the body throws.
   */
  next(value?: Sent): Awaitable<Step<T>> {
    return this.#resuming('next', (body) => body.next(value))
  }

  /** Throw into the body, at its `emit`; otherwise as `next`. */
  throw(error: unknown): Awaitable<Step<T>> {
    return this.#resuming('throw', (body) => body.throw(error))
  }

  /** End the body at its `emit`: its `finally` blocks run, and may suspend. A second call does nothing. Otherwise as `next`. */
  return(value?: unknown): Awaitable<Step<T>> {
    return this.#resuming('return', (body) => body.return(value))
  }

  #resuming(name: string, resume: Resume): Awaitable<Step<T>> {
    return new Call(this.#run, [resume], `generator.${name}`, 0, this) as Awaitable<unknown> as Awaitable<
      Step<T>
    >
  }

  *#run(resume: Resume): Coroutine<Step<T>> {
    if (this.#state === 'running') {
      throw new InvalidStateError('The generator is running already: somebody awaits its next value.')
    }
    this.#state = 'running'
    let step: Step<unknown> | undefined
    try {
      step = yield* untilEmitted(this.#body, resume)
      return step as Step<T>
    } finally {
      this.#state = step?.done === false ? 'suspended' : 'over'
      if (step === undefined) this.#body.return(undefined)
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<T, unknown> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<T, unknown>
  }

  toString(): string {
    return `<asyncGenerator ${this.#state}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

type Resume = (body: Generator<unknown, unknown, unknown>) => Step<unknown>

/** As `yield*` over the body, but for what it emits, which ends the delegation for this time. */
function* untilEmitted(body: Generator<unknown, unknown, unknown>, begin: Resume): Coroutine<Step<unknown>> {
  let resume = begin
  for (;;) {
    const step = resume(body)
    if (step.done === true) return step
    if (step.value instanceof Emitted) return { done: false, value: step.value.value }
    try {
      const result = yield step.value as Suspension
      resume = () => body.next(result)
    } catch (error) {
      resume = () => body.throw(error)
    }
  }
}

/**
 * Make a stream of a coroutine that emits: the generator spelling of `async function*`.
 *
 *     const ticks = (ms: number) => asyncGenerator<number>(function* (emit) {
 *       for (let i = 0; ; i++) {
 *         yield* sleep(ms)
 *         yield* emit(i)
 *       }
 *     })
 *     yield* forEach(ticks(100), (i) => console.log(i))
 *
 * Nothing runs before the first `next()`. To emit from inside a timeout or a group of the body is an error: the consumer's
 * code would run inside it. Python's asynchronous generators (PEP 525).
 *
 * @throws TypeError for anything but a `function*`.
 */
export function asyncGenerator<T, Sent = unknown>(body: Body<T, Sent>): EmittingGenerator<T, Sent> {
  if (typeof body !== 'function') throw notAGenerator(body)
  return new EmittingGenerator(body)
}

function notAGenerator(body: unknown): TypeError {
  return misuse(`asyncGenerator() takes a function* that is given emit(), and was given ${brief(body)}.`)
}
