/**
 * An event loop in virtual time. While anything runs its clock stands still; when every task is blocked it looks, behind the
 * foreign promises and the I/O that are ready, for what comes next:
 *
 * | in this order             | then                                                        |
 * |---------------------------|-------------------------------------------------------------|
 * | somebody is in `settle()` | they are woken: that is what they wait for                  |
 * | a timer                   | the clock jumps to it; with I/O admitted, after `patience`  |
 * | nothing                   | after a few more turns of the host `whenStuck` is called    |
 */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { isLinked } from '../loop/linked-list.ts'
import type { ReadyQueue, TimedEntry } from '../loop/scheduler.ts'
import { EventLoop } from '../tasks/event-loop.ts'
import type { Task } from '../tasks/task.ts'
import { isDelivery } from './memory-socket.ts'
import { VirtualClock } from './virtual-clock.ts'

/** How many turns of the host a foreign promise may take to settle. */
const TURNS = 10

export interface VirtualLoopOptions {
  /** How many milliseconds of real time nothing may have happened before the clock jumps. */
  patience?: number
  /** Called when every task is blocked, and no timer is left. Returns whether it did something about that. */
  whenStuck?: (loop: VirtualLoop) => boolean
  ready?: ReadyQueue
}

/** Woken when every task is blocked. */
export interface Settling {
  _wakeUp(): void
}

export class VirtualLoop extends EventLoop {
  readonly clock: VirtualClock
  readonly #patience: number
  readonly #whenStuck: ((loop: VirtualLoop) => boolean) | undefined
  readonly #settling = new Set<Settling>()
  readonly #timers = new Set<TimedEntry>()
  #compactAt = 1024
  #callOffLook: (() => void) | null = null
  #turnsLeft = TURNS
  #idleSince = 0

  constructor({ patience = 0, whenStuck, ready }: VirtualLoopOptions = {}) {
    const clock = new VirtualClock(() => this.#watch())
    super(clock, ready)
    this.clock = clock
    this.#patience = patience
    this.#whenStuck = whenStuck
  }

  /** Wake `waiter` as soon as every task is blocked. */
  addSettling(waiter: Settling): void {
    this.#settling.add(waiter)
  }

  removeSettling(waiter: Settling): void {
    this.#settling.delete(waiter)
  }

  /** Cancel the task that the run began with, where it is not done. */
  cancelMain(reason: unknown): void {
    const main = this._ownTasks.first as Task | null
    main?._cancelFor(null, reason)
  }

  /** The timers that still wait, but for what is on its way between memory sockets. */
  get timersLeft(): TimedEntry[] {
    for (const timer of this.#timers) if (!isLinked(timer)) this.#timers.delete(timer)
    return [...this.#timers].filter((timer) => !isDelivery(timer))
  }

  /** @internal */
  override _addTimer(timer: TimedEntry): void {
    if (this.#timers.size >= this.#compactAt) this.#compactAt = Math.max(1024, 2 * this.timersLeft.length)
    this.#timers.add(timer)
    super._addTimer(timer)
  }

  /** @internal */
  override _passesEnded(): void {
    super._passesEnded()
    this.#turnsLeft = TURNS
    this.#idleSince = performance.now()
    this.#watch()
  }

  #watch(): void {
    this.#callOffLook ??= immediately(this.#look)
  }

  readonly #look = (): void => {
    this.#callOffLook = null
    if (this._isActive || !this.isRunning()) return
    if (this.#settling.size > 0) return this.#wakeSettling()
    const quietFor = performance.now() - this.#idleSince
    if (quietFor < this.#patience) this.#callOffLook = later(this.#patience - quietFor, this.#look)
    else if (this.clock.jump()) return
    else if (--this.#turnsLeft > 0) this.#watch()
    else if (this.#whenStuck?.(this)) this.#watch()
  }

  #wakeSettling(): void {
    const waiters = [...this.#settling]
    this.#settling.clear()
    for (const waiter of waiters) waiter._wakeUp()
  }

  override close(): void {
    super.close()
    this.#callOffLook?.()
  }
}

function immediately(callback: () => void): () => void {
  const handle = setImmediate(callback)
  return () => clearImmediate(handle)
}

function later(ms: number, callback: () => void): () => void {
  const handle = setTimeout(callback, ms)
  return () => clearTimeout(handle)
}
