/**
 * Every error of the library. Each has a class, a stable `code`, and a message that says what to do.
 * The class tells who is at fault: TypeError and RangeError are misuse, InvalidStateError is use at the wrong moment.
 */

/** A TypeError with the code POLVO_MISUSE: the program handed over something of the wrong kind. */
export function misuse(message: string, options?: ErrorOptions): TypeError & { code: string } {
  return Object.assign(new TypeError(message, options), { code: 'POLVO_MISUSE' })
}

/** A RangeError with the code POLVO_OUT_OF_RANGE: the right kind of value, but not one that can be. */
export function outOfRange(message: string): RangeError & { code: string } {
  return Object.assign(new RangeError(message), { code: 'POLVO_OUT_OF_RANGE' })
}

abstract class PolvoError extends Error {
  /** Tells the errors apart across versions and copies of the library: `POLVO_…`. */
  abstract readonly code: string

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name
  }
}

/** The object is not in a state for this: settled twice, awaited twice, asked too early, already closed. */
export class InvalidStateError extends PolvoError {
  readonly code: string = 'POLVO_INVALID_STATE'
}

/** The time given to an operation ran out. It was cancelled and has ended; only `asCompleted` cancels nothing. */
export class TimeoutError extends PolvoError {
  readonly code = 'POLVO_TIMEOUT'
}

/** `getNowait()` found the queue empty. */
export class QueueEmpty extends PolvoError {
  readonly code = 'POLVO_QUEUE_EMPTY'
}

/** `putNowait()` found the queue full. */
export class QueueFull extends PolvoError {
  readonly code = 'POLVO_QUEUE_FULL'
}

/** The queue was shut down: nothing can be put any more, and what was in it has been taken or thrown away. */
export class QueueShutDown extends PolvoError {
  readonly code = 'POLVO_QUEUE_SHUT_DOWN'
}

/** The barrier was aborted, or reset while this task waited at it. */
export class BrokenBarrierError extends PolvoError {
  readonly code = 'POLVO_BROKEN_BARRIER'
}

/** The other end is gone: what was to be sent has nobody to go to. */
export class BrokenResource extends PolvoError {
  readonly code = 'POLVO_BROKEN_RESOURCE'
}

/** This handle was closed by its own side. */
export class ClosedResource extends PolvoError {
  readonly code = 'POLVO_CLOSED_RESOURCE'
}

/** Every sender of the channel is closed, and what was sent has been received. */
export class EndOfChannel extends PolvoError {
  readonly code = 'POLVO_END_OF_CHANNEL'
}

/** The stream ended before what was asked for had come; what did come is in `partial`. */
export class IncompleteReadError extends PolvoError {
  readonly code = 'POLVO_INCOMPLETE_READ'
  /** The bytes that came before the end. They have been taken out of the stream. */
  readonly partial: Uint8Array
  /** How many bytes were asked for; undefined where a separator was. */
  readonly expected: number | undefined

  constructor(partial: Uint8Array, expected?: number) {
    const { length } = partial
    super(
      expected === undefined
        ? `The stream ended after ${length} bytes, before a separator.`
        : `The stream ended after ${length} of ${expected} bytes.`,
    )
    this.partial = partial
    this.expected = expected
  }
}

/** What was to be read up to a separator is longer than the limit of its reader. */
export class LimitOverrunError extends PolvoError {
  readonly code = 'POLVO_LIMIT_OVERRUN'
  /** How many bytes certainly lie before the separator. */
  readonly consumed: number

  constructor(message: string, consumed: number) {
    super(message)
    this.consumed = consumed
  }
}

// ---------------------------------------------------------------- cancellation

/** Whoever asks for a cancellation: a task, a scope, a signal. */
export interface Requester {
  /** @internal */
  _describe(): string
}

/** A part of a task that a cancellation is addressed to; see `tasks/scope.ts`. */
export interface Addressee {
  /** @internal How many scopes are around it: the fewer, the further out. */
  readonly _depth: number
}

export interface CancelledError extends Error {}

/**
 * Thrown at the await of a task that was cancelled. Let it pass: clean up in `finally`, and in a `catch` that goes on,
 * call `rethrowCancelled(error)` first.
 *
 * It is an Error to `instanceof`, but captures no stack: cancelling 100,000 tasks would spend most of its time on that.
 * Its `code` is 'ABORT_ERR', so that APIs made for AbortSignal recognise it.
 */
export class CancelledError {
  /** As Node's own AbortError has it. */
  declare readonly code: 'ABORT_ERR'
  /** What `cancel(reason)` was given; undefined where it was given nothing. */
  readonly reason: unknown
  /** @internal */
  readonly _requester: Requester | null
  /** @internal The scope that is to convert it; null when it is for the whole task. */
  readonly _addressee: Addressee | null

  constructor(reason?: unknown, requester: Requester | null = null, addressee: Addressee | null = null) {
    this.reason = reason
    this._requester = requester
    this._addressee = addressee
  }

  /** Who asked, in words; undefined where that is not known. */
  get requestedBy(): string | undefined {
    return this._requester?._describe()
  }

  /** @internal The same request as it reaches another task, which it cancels as a whole. */
  _forWholeTask(): CancelledError {
    return this._addressee === null ? this : new CancelledError(this.reason, this._requester)
  }
}

/** @internal Of two requests not delivered yet, the one addressed further out: that one must get through. */
export function outermost(a: CancelledError | null, b: CancelledError): CancelledError {
  return a === null || depthOf(b) < depthOf(a) ? b : a
}

function depthOf(error: CancelledError): number {
  return error._addressee === null ? 0 : error._addressee._depth
}

Object.setPrototypeOf(CancelledError, Error)
Object.setPrototypeOf(CancelledError.prototype, Error.prototype)
Object.defineProperties(CancelledError.prototype, {
  name: { value: 'CancelledError', writable: true, configurable: true },
  code: { value: 'ABORT_ERR', configurable: true },
  message: {
    configurable: true,
    get(this: CancelledError): string {
      if (this.reason instanceof Error) return this.reason.message
      if (this.reason !== undefined) return String(this.reason)
      return this._requester === null ? 'cancelled' : `cancelled by ${this._requester._describe()}`
    },
  },
  stack: {
    configurable: true,
    get(this: CancelledError): string {
      return `${this.name}: ${this.message}`
    },
    set(this: CancelledError, value: string) {
      Object.defineProperty(this, 'stack', { value, writable: true, configurable: true })
    },
  },
})

/** Whether an error is polvo's cancellation, which a `catch` should let pass. */
export function isCancelled(error: unknown): error is CancelledError {
  return error instanceof CancelledError
}

/** Throw `error` on if it is a cancellation: the first line of a `catch` that means to go on. */
export function rethrowCancelled(error: unknown): void {
  if (isCancelled(error)) throw error
}

/**
 * @internal What `await using` makes of a cancellation that comes while it closes because of another one is a SuppressedError of both.
 * That is a cancellation: the one addressed further out. Any other error is given as it is.
 */
export function withoutSuppressed(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'SuppressedError') return error
  const { error: last, suppressed: first } = error as Error & { error?: unknown; suppressed?: unknown }
  const [inner, outer] = [withoutSuppressed(last), withoutSuppressed(first)]
  return inner instanceof CancelledError && outer instanceof CancelledError ? outermost(inner, outer) : error
}
