import { setImmediate } from 'node:timers'
import { Operation } from '../coroutine/operation.ts'
import type { Awaitable } from '../coroutine/types.ts'
import { loopForWork } from '../loop/default-loop.ts'
import type { Scheduler } from '../loop/scheduler.ts'
import { VirtualLoop } from './virtual-loop.ts'

/**
 * Wait until every other task is blocked: nobody is ready, and foreign promises that settle by themselves have. Timers do not fire
 * meanwhile, and in virtual time the clock does not jump. A checkpoint, always. Where several tasks wait, all are woken.
 */
export function settle(): Awaitable<void> {
  return new Settle()
}

class Settle extends Operation<void> {
  #loop: Scheduler | null = null

  override _describe(): string {
    return 'settle()'
  }

  protected override _begin(): boolean {
    const loop = loopForWork()
    this.#loop = loop
    if (loop instanceof VirtualLoop) loop.addSettling(this)
    else setImmediate(this.#look)
    return false
  }

  readonly #look = (): void => {
    if (this.#loop === null) return
    if (this.#loop._isActive) setImmediate(this.#look)
    else this._wakeUp()
  }

  protected override _resume(): boolean {
    return true
  }

  protected override _withdraw(): void {
    if (this.#loop instanceof VirtualLoop) this.#loop.removeSettling(this)
    this.#loop = null
  }

  protected override _handBack(): void {}
}
