/**
 * How work learns that it was cancelled. One job at a time runs in a worker; its signal is an AbortSignal that is
 * aborted by an event where the work awaits, and asks a flag that the executor can set at any time where it does
 * not.
 */

/** What the executor sets from outside, also while the worker is in a loop. */
export interface CancelFlag {
  isSetFor(id: number): boolean
}

export class JobSignal {
  readonly #id: number
  readonly #flag: CancelFlag
  #controller: AbortController | null = null

  constructor(id: number, flag: CancelFlag) {
    this.#id = id
    this.#flag = flag
  }

  get isCancelled(): boolean {
    return this.#flag.isSetFor(this.#id)
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      watchFlag(this.#controller, () => this.isCancelled)
      if (this.isCancelled) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** The executor says so in a message. */
  cancel(id: number): void {
    if (id === this.#id) this.#controller?.abort()
  }
}

/**
 * Have `signal.aborted` look at the flag. A getter of the prototype alone would tell of events only, and a loop lets
 * none happen.
 */
function watchFlag(controller: AbortController, isCancelled: () => boolean): void {
  let isAborted = false
  const ask = () => {
    if (!isAborted && isCancelled()) {
      isAborted = true
      controller.abort()
    }
    return isAborted
  }
  controller.signal.addEventListener('abort', () => {
    isAborted = true
  })
  const throwIfAborted = () => {
    if (ask()) throw controller.signal.reason
  }
  Object.defineProperties(controller.signal, {
    aborted: { get: ask, configurable: true },
    throwIfAborted: { value: throwIfAborted, configurable: true },
  })
}

let current: JobSignal | null = null

/** Note what this worker runs now; null between two jobs. */
export function enterJob(signal: JobSignal | null): void {
  current = signal
}

/**
 * The signal of the work that this worker runs: aborted when the work is cancelled, also in the middle of a loop
 * that never awaits.
 *
 *     while (!threadSignal().aborted) step()
 *
 * Work that ends, well or by an error, within the executor's `gracePeriod` keeps its worker; else the worker is
 * ended. Asking costs some 20 nanoseconds in a thread, and some 70 in a process. Outside of workers it
 * is a signal that is never aborted, so the same function can be called directly. Not a checkpoint.
 */
export function threadSignal(): AbortSignal {
  return (current?.signal ?? never()) as AbortSignal
}

let neverAborted: AbortSignal | null = null

function never(): AbortSignal {
  neverAborted ??= new AbortController().signal
  return neverAborted
}
