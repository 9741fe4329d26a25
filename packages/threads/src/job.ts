/**
 * A piece of work that an executor was given.
 *
 * | state    | is true                                     | next           | moved by                                    |
 * |----------|---------------------------------------------|----------------|---------------------------------------------|
 * | waiting  | it stands in line                           | running, over  | a worker is free; a cancellation, shutdown  |
 * | running  | a worker has it                             | stopping, over | a cancellation; its reply, the worker's end |
 * | stopping | the worker was told, its time of grace runs | over           | its reply, the worker's end                 |
 * | over     | no worker has it, and none will             | –              | –                                           |
 *
 * Its future may be settled before it is over: cancelling settles it at once.
 */
import { type EventLoop, Future, getRunningLoop } from 'polvo'
import type { CarriedContext, Work } from './messages.ts'

export type JobState = 'waiting' | 'running' | 'stopping' | 'over'

export class Job {
  readonly future = new Future<unknown>()
  readonly work: Work
  readonly args: readonly unknown[]
  readonly context: CarriedContext | null
  state: JobState = 'waiting'
  /** What the work threw after it was cancelled, in place of ending quietly. */
  lateError: { readonly error: unknown } | null = null
  #whenOver: Future<void>[] = []
  readonly #loop = loopHere()

  constructor(work: Work, args: readonly unknown[], context: CarriedContext | null) {
    this.work = work
    this.args = args
    this.context = context
  }

  /** Wait until no worker has it. A checkpoint, unless it is over. Cancelling the wait changes nothing. */
  whenOver(): Future<void> {
    const over = new Future<void>()
    if (this.state === 'over') over.setResult()
    else this.#whenOver.push(over)
    return over
  }

  /** It has ended, or was never begun. */
  end(): void {
    this.state = 'over'
    for (const over of this.#whenOver.splice(0)) if (!over.done()) over.setResult()
  }

  resolve(value: unknown): void {
    if (!this.future.done()) this.future.setResult(value)
  }

  /** An error of work that was cancelled meanwhile goes to who waits for its end, or else is reported. */
  reject(error: unknown): void {
    if (this.future.done() && this.#whenOver.length > 0) this.lateError = { error }
    else this.#inLoop(() => this.#fail(error))
  }

  #fail(error: unknown): void {
    const failing = this.future.done() ? new Future<never>() : this.future
    failing.setException(error)
  }

  /** Where nobody looks at an error, the loop that the work was given on reports it. */
  #inLoop(fail: () => void): void {
    if (this.#loop === null || this.#loop.isClosed()) fail()
    else this.#loop.callSoon(fail)
  }
}

function loopHere(): EventLoop | null {
  try {
    return getRunningLoop()
  } catch {
    return null
  }
}
