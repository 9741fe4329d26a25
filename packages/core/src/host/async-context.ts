/**
 * The one adapter to the host's async context (AsyncLocalStorage on Node, Bun and Deno).
 *
 * polvo keeps one slot of its own in it: the body, that is the activation of an async function the library called, so
 * that an `await` finds the task it belongs to. User code keeps its own storages (request ids, tracing); they travel
 * with tasks as a captured `PlatformContext`, in which polvo's slot is empty.
 *
 * Where there is no async context (browsers), `hasAsyncContext` is false, every capture is null, and async-spelled
 * targets are refused by the layers above.
 */

/** A captured async context; entering it costs about ten nanoseconds. */
export interface PlatformContext {
  runInAsyncScope<This, Args extends unknown[], R>(
    fn: (this: This, ...args: Args) => R,
    thisArg: This,
    ...args: Args
  ): R
}

interface Storage {
  getStore(): object | undefined
  enterWith(store: object | undefined): void
  run<Args extends readonly unknown[], R>(store: object, fn: (...args: Args) => R, ...args: Args): R
}

interface AsyncHooks {
  AsyncLocalStorage: new () => Storage
  AsyncResource: new (type: string) => PlatformContext
}

interface ProcessWithBuiltins {
  getBuiltinModule?: (name: string) => unknown
}

function loadAsyncHooks(): AsyncHooks | undefined {
  const { process } = globalThis as { process?: ProcessWithBuiltins }
  return process?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined
}

const hooks = loadAsyncHooks()
const slot = hooks && new hooks.AsyncLocalStorage()

export const hasAsyncContext: boolean = slot !== undefined

/** The context of the moment this module was loaded: the loop runs in it, so that no step inherits a stranger's. */
export const emptyContext: PlatformContext | null = hooks ? new hooks.AsyncResource('polvo') : null

/** What polvo's slot holds here: the body whose async function is running, if any. */
export function slotHere(): object | undefined {
  return slot === undefined ? undefined : slot.getStore()
}

/**
 * Capture the async context of this moment as it is, polvo's slot included: for an async function that is about to get
 * a slot of its own.
 */
export function captureContext(): PlatformContext | null {
  return hooks ? new hooks.AsyncResource('polvo') : null
}

/** Capture the async context of this moment with polvo's slot emptied: for code that belongs to no body. */
export function captureForeignContext(): PlatformContext | null {
  const here = captureContext()
  return slotHere() === undefined ? here : withoutSlot(here)
}

/** `context` with polvo's slot emptied. */
export function withoutSlot(context: PlatformContext | null): PlatformContext | null {
  return context === null ? null : runInSlot(context, undefined, captureContext, [])
}

/**
 * Call `fn(...args)` in `context` with polvo's slot set to `store`.
 *
 * Where a context is an immutable map (Node 24), `enterWith` inside the captured scope is enough, since leaving the scope
 * undoes it, and costs half of `run`. Where it is a mutable record of the resource (Node 22), it would stay behind in
 * the captured context and hand one task's body to the next, so there `run` does the undoing.
 */
export function runInSlot<Args extends readonly unknown[], R>(
  context: PlatformContext,
  store: object | undefined,
  fn: (...args: Args) => R,
  args: Args,
): R {
  return context.runInAsyncScope(enterSlot as Enter<Args, R>, null, store, fn, args)
}

type Enter<Args extends readonly unknown[], R> = (
  store: object | undefined,
  fn: (...args: Args) => R,
  args: Args,
) => R

function enterLeavingNoTrace<Args extends readonly unknown[], R>(
  store: object | undefined,
  fn: (...args: Args) => R,
  args: Args,
): R {
  slot!.enterWith(store)
  return fn(...args)
}

function enterAndRestore<Args extends readonly unknown[], R>(
  store: object | undefined,
  fn: (...args: Args) => R,
  args: Args,
): R {
  return slot!.run(store as object, fn, ...args)
}

const enterSlot = enterWithLeaks() ? enterAndRestore : enterLeavingNoTrace

function enterWithLeaks(): boolean {
  if (hooks === undefined || slot === undefined) return false
  const probe = new hooks.AsyncResource('polvo')
  probe.runInAsyncScope(() => slot.enterWith(probe), null)
  return probe.runInAsyncScope(() => slot.getStore(), null) !== undefined
}
