/** Callbacks that were scheduled on a loop, and can be called off. */
import type { PlatformContext } from '../host/async-context.ts'
import { createdAt, noteCreationSite } from '../host/creation-sites.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import type { HeldValues } from './context-values.ts'
import { type CallbackHere, runCallback } from './current.ts'
import type { Linked } from './linked-list.ts'
import type { Entry, Scheduler, TimedEntry } from './scheduler.ts'

export type Callback = (...args: never[]) => void

/** What `callSoon` returns: a callback that can be called off. asyncio's `Handle`. */
export class Handle implements Entry, CallbackHere {
  /** @internal */
  readonly _platform: PlatformContext | null
  /** @internal */
  _context: HeldValues
  /** The loop it was scheduled on. */
  protected readonly loop: Scheduler
  #callback: Callback | null
  #args: readonly unknown[]

  constructor(
    loop: Scheduler,
    callback: Callback,
    args: readonly unknown[],
    platform: PlatformContext | null,
    context: HeldValues,
  ) {
    this.loop = loop
    this.#callback = callback
    this.#args = args
    this._platform = platform
    this._context = context
    noteCreationSite(this)
  }

  /**
   * Call the callback off. A second call does nothing; one that comes after the callback ran changes nothing but `cancelled`.
   */
  cancel(): void {
    this.#callback = null
    this.#args = []
  }

  /** Whether `cancel` was called. */
  cancelled(): boolean {
    return this.#callback === null
  }

  /** @internal */
  _run(): void {
    const callback = this.#callback as ((...args: unknown[]) => void) | null
    if (callback === null) return
    try {
      runCallback(this, callback, ...this.#args)
    } catch (exception) {
      this.loop.callExceptionHandler({
        message: `Exception in callback ${brief(callback)}`,
        exception,
        handle: this,
      })
    }
  }

  toString(): string {
    const what = this.#callback === null ? 'cancelled' : brief(this.#callback)
    return `<${this.constructor.name} ${what}${createdAt(this)}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** What `callLater` and `callAt` return: a callback that can be called off until its time has come. asyncio's `TimerHandle`. */
export class TimerHandle extends Handle implements TimedEntry {
  /** @internal */
  readonly _when: number
  /** @internal */
  _prev: Linked | null = null
  /** @internal */
  _next: Linked | null = null

  constructor(
    loop: Scheduler,
    when: number,
    callback: Callback,
    args: readonly unknown[],
    platform: PlatformContext | null,
    context: HeldValues,
  ) {
    super(loop, callback, args, platform, context)
    this._when = when
  }

  /** The deadline, a time of the loop's clock in milliseconds. */
  when(): number {
    return this._when
  }

  override cancel(): void {
    super.cancel()
    if (this._next !== null) this.loop._removeTimer(this)
  }
}
