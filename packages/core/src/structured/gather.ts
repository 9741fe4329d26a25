import { Future } from '../coroutine/future.ts'
import { Subscription } from '../coroutine/subscription.ts'
import type { Checked, Result, Startable } from '../coroutine/types.ts'
import { DONE, FAILED } from '../coroutine/waitable.ts'
import { CancelledError } from '../errors.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { ensureFuture } from '../tasks/create-task.ts'
import { isOptions } from '../tasks/target.ts'

/** What `gather` takes before its targets. */
export interface GatherOptions {
  /** Put errors among the results, cancellations included, in place of throwing the first one; by default false. */
  returnExceptions?: boolean | undefined
}

/** What `gather` takes: anything that can be awaited, or a function of either spelling. */
type Gatherable = Startable<unknown> | (() => unknown)

type GatheredResult<X> =
  X extends Startable<infer T> ? T : X extends () => infer R ? Result<R & Checked<R>> : never

type Gathered<Targets extends readonly unknown[]> = {
  -readonly [I in keyof Targets]: GatheredResult<Targets[I]>
}

type GatheredOrErrors<Targets extends readonly unknown[]> = {
  -readonly [I in keyof Targets]: GatheredResult<Targets[I]> | Error
}

/**
 * Run several things at once, each as a task; the future's result are theirs, in the order of the arguments.
 *
 *     const [user, orders] = yield* gather(fetchUser(id), fetchOrders(id))
 *
 * The rules are asyncio's: the first error is thrown, and the others go on, what becomes of them being dropped; cancelling the
 * gather cancels them all. With `{ returnExceptions: true }` as the first argument it waits for all and puts errors among the
 * results. A `taskGroup` is the better choice where one failure should stop the rest. The same object given twice runs once.
 * Everything is started at once, also where the gather is not awaited; awaiting one that is done is no checkpoint.
 *
 * @throws TypeError at once where a target is none.
 */
export function gather<const Targets extends readonly Gatherable[]>(
  ...targets: Targets
): Future<Gathered<Targets>>
export function gather<const Targets extends readonly Gatherable[]>(
  options: GatherOptions & { returnExceptions: true },
  ...targets: Targets
): Future<GatheredOrErrors<Targets>>
export function gather<const Targets extends readonly Gatherable[]>(
  options: GatherOptions,
  ...targets: Targets
): Future<Gathered<Targets>>
export function gather(...given: unknown[]): Future {
  const { returnExceptions = false } = isOptions(given[0]) ? (given.shift() as GatherOptions) : {}
  return new Gathering(given as Gatherable[], returnExceptions)
}

class Gathering extends Future<unknown[]> {
  /** One for each argument; the same one where the same object was given twice. */
  readonly #children: Future[]
  readonly #returnsErrors: boolean
  #missing: number
  #cancelRequest: CancelledError | null = null

  constructor(targets: readonly Gatherable[], returnsErrors: boolean) {
    super()
    const futures = new Map<Gatherable, Future>()
    for (const target of targets) {
      if (!futures.has(target)) futures.set(target, ensureFuture(target as Startable<unknown>))
    }
    this.#children = targets.map((target) => futures.get(target) as Future)
    this.#returnsErrors = returnsErrors
    this.#missing = futures.size
    if (this.#missing === 0) this.setResult([])
    const loop = loopForWork()
    const done = [...futures.values()].filter((future) => future.done())
    for (const future of futures.values()) {
      if (!future.done()) new Subscription(loop, future, (child) => this.#childDone(child))
    }
    for (const child of done) this.#childDone(child)
  }

  #childDone(child: Future): void {
    this.#missing--
    child._observe()
    if (this.done()) return
    if (!this.#returnsErrors && child._state !== DONE) return this._settle(FAILED, child._value)
    if (this.#missing > 0) return
    if (this.#cancelRequest !== null) return this._settle(FAILED, this.#cancelRequest)
    this.setResult(this.#children.map((future) => future._value))
  }

  /** @internal */
  override _members(): Iterable<Future> {
    return this.#children
  }

  /** Cancel everything that is gathered. Returns false when there is nothing left to cancel. */
  override cancel(reason?: unknown): boolean {
    return this.#cancelChildren(new CancelledError(reason), (child) => child.cancel(reason))
  }

  /** @internal */
  override _cancelWait(error: CancelledError, reminder = false): boolean {
    return this.#cancelChildren(error, (child) => child._cancelWait(error, reminder))
  }

  #cancelChildren(request: CancelledError, cancel: (child: Future) => boolean): boolean {
    if (this.done()) return false
    let anyCancelled = false
    for (const child of this.#children) if (cancel(child)) anyCancelled = true
    if (anyCancelled) this.#cancelRequest = request
    return anyCancelled
  }
}
