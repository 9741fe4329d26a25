/**
 * How an async-spelled task begins: the entry that waits in the ready queue for its first pass, and the call of its function, whose
 * promise is listened to from inside its own async context.
 */
import type { Body } from '../coroutine/body.ts'
import { emptyContext, hasAsyncContext, type PlatformContext, slotHere } from '../host/async-context.ts'
import type { TaskHere } from '../loop/current.ts'
import type { Entry } from '../loop/scheduler.ts'
import type { AnyFunction } from './target.ts'

/** The task that is begun. */
export interface Launched {
  /** @internal Call the function, now that it is its turn. */
  _launch(body: Body, fn: AnyFunction, args: readonly unknown[], context: PlatformContext | null): void
  /** @internal The promise of the function has settled. */
  _bodySettled(body: Body, failed: boolean, value: unknown): void
}

/** The entry that starts an async-spelled task. */
export class Launch implements Entry {
  readonly #task: Launched
  readonly #body: Body
  readonly #fn: AnyFunction
  readonly #args: readonly unknown[]
  readonly #context: PlatformContext | null

  constructor(
    task: Launched,
    body: Body,
    fn: AnyFunction,
    args: readonly unknown[],
    context: PlatformContext | null,
  ) {
    this.#task = task
    this.#body = body
    this.#fn = fn
    this.#args = args
    this.#context = context
  }

  get _subject(): object {
    return this.#task
  }

  /** The function is called in its own context in any case, wherever this runs. */
  get _platform(): PlatformContext | null {
    return emptyContext
  }

  _run(): void {
    this.#task._launch(this.#body, this.#fn, this.#args, this.#context)
  }
}

/**
 * Call the function of a task, in whose async context this runs. A native promise is listened to from here, where handlers
 * that all tasks share find theirs through polvo's slot: two closures for each task cost 170 bytes.
 */
export function callAndListen(fn: AnyFunction, args: readonly unknown[]): unknown {
  const outcome = fn(...(args as never[]))
  if (isListenedTo(outcome)) (outcome as Promise<unknown>).then(bodyFulfilled, bodyRejected)
  return outcome
}

/** Whether `callAndListen` listens to what a function returned. */
export function isListenedTo(outcome: unknown): boolean {
  return outcome instanceof Promise && outcome.then === Promise.prototype.then && hasAsyncContext
}

function bodyFulfilled(result: unknown): void {
  bodySettled(false, result)
}

function bodyRejected(error: unknown): void {
  bodySettled(true, error)
}

function bodySettled(failed: boolean, value: unknown): void {
  const body = slotHere() as Body
  const task = body.task as TaskHere & Launched
  task._bodySettled(body, failed, value)
}
