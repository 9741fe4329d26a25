import { emptyContext } from './async-context.ts'

/**
 * Run `fn` outside any task's async context. For what outlives the task that happens to create it: a pooled connection, a
 * shared timer, a listener of the process. Else its events would count as that task's code, and keep its context alive.
 */
export function runDetached<Args extends unknown[], R>(fn: (...args: Args) => R, ...args: Args): R {
  return emptyContext === null ? fn(...args) : emptyContext.runInAsyncScope(fn, undefined, ...args)
}
