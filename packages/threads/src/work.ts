/** What may be given to an executor as work, and what is sent of it. */
import { misuse } from 'polvo/lowlevel'
import type { Work } from './messages.ts'

export type AnyFunction = (...args: never[]) => unknown

const known = new WeakMap<AnyFunction, Work>()

/** Note that `fn` stands for a member of a module. */
export function standFor(fn: AnyFunction, module: string, member: string): void {
  known.set(fn, { module, member })
}

/**
 * What is sent of a function: which member of a module it stands for, or its text.
 * @throws TypeError where it has no text of its own
 */
export function workOf(taker: string, fn: AnyFunction): Work {
  const work = known.get(fn)
  if (work !== undefined) return work
  const made = workByText(taker, fn)
  known.set(fn, made)
  return made
}

function workByText(taker: string, fn: AnyFunction): Work {
  if (typeof fn !== 'function') {
    throw misuse(`${taker} takes a function and its arguments, and was given ${String(fn)}.`)
  }
  const text = Function.prototype.toString.call(fn)
  const label = `${fn.name || 'anonymous'}()`
  if (/\{\s*\[native code\]\s*\}$/.test(text)) {
    throw misuse(
      `${taker} was given ${label}, which is native or bound and has no text that could be sent to a worker. ` +
        'Pass a function that calls it, or a member of a module: pool.module(…).',
    )
  }
  if (/^class\b/.test(text))
    throw misuse(`${taker} was given the class ${fn.name}; pass a function that makes one.`)
  return { text, label }
}
