/**
 * A module whose functions run in workers, seen from here: the same names and types, and each call can be awaited.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Awaitable, Coroutine } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { type AnyFunction, standFor } from './work.ts'

/** What a call in a worker gives: what the function, coroutine or promise comes to. */
type Outcome<R> = R extends Coroutine<infer T> ? T : Awaited<R>

/** The functions that a module exports, as `pool.module()` gives them. */
export type WorkModule<M> = {
  readonly [K in keyof M as M[K] extends AnyFunction ? K : never]: M[K] extends (...args: infer A) => infer R
    ? (...args: A) => Awaitable<Outcome<R>>
    : never
}

/** How a member is called. */
export type Caller = (fn: AnyFunction, args: readonly unknown[]) => Awaitable<unknown>

/** Make the members on demand: the module itself is loaded in the workers alone. */
export function workModule<M>(url: URL | string, call: Caller): WorkModule<M> {
  const module = whereItIs(url)
  const members = new Map<string, AnyFunction>()
  const memberNamed = (name: string) => {
    let member = members.get(name)
    if (member === undefined) {
      const made = (...args: unknown[]) => call(made, args)
      Object.defineProperty(made, 'name', { value: name })
      standFor(made, module, name)
      members.set(name, made)
      member = made
    }
    return member
  }
  return new Proxy(Object.create(null), {
    // Awaiting the module must not find a `then`.
    get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : memberNamed(name)),
  })
}

/** Source or built: where `./work.ts` was compiled to `./work.js`, that is meant. */
function whereItIs(url: URL | string): string {
  const { href, protocol } = toURL(url)
  if (protocol !== 'file:' || existsSync(fileURLToPath(href))) return href
  const built = href.replace(/\.([cm]?)ts$/, '.$1js')
  if (existsSync(fileURLToPath(built))) return built
  throw misuse(
    `pool.module() was given ${href}, and there is no such file. Give new URL('./work.ts', import.meta.url).`,
  )
}

function toURL(url: URL | string): URL {
  if (URL.canParse(String(url))) return new URL(url)
  throw misuse(
    `pool.module() takes a URL, as new URL('./work.ts', import.meta.url); it was given ${String(url)}.`,
  )
}
