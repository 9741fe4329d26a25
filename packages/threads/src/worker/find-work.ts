/** From an order to the function that is to be called. */
import type { Work } from '../messages.ts'

export type WorkFunction = (...args: unknown[]) => unknown

const compiled = new Map<string, WorkFunction>()

/** How many functions given by their text a worker remembers. */
const MOST_COMPILED = 1000

/** The function; a promise of it where its module has yet to be loaded. */
export function findWork(work: Work): WorkFunction | Promise<WorkFunction> {
  if ('module' in work) return importMember(work.module, work.member)
  let fn = compiled.get(work.text)
  if (fn === undefined) {
    fn = compile(work.text)
    if (compiled.size === MOST_COMPILED) compiled.clear()
    compiled.set(work.text, fn)
  }
  return fn
}

const modules = new Map<string, Record<string, unknown>>()

function importMember(url: string, member: string): WorkFunction | Promise<WorkFunction> {
  const loaded = modules.get(url)
  if (loaded !== undefined) return memberOf(loaded, url, member)
  return import(url).then((module: Record<string, unknown>) => {
    modules.set(url, module)
    return memberOf(module, url, member)
  })
}

function memberOf(module: Record<string, unknown>, url: string, member: string): WorkFunction {
  const fn = module[member]
  if (typeof fn === 'function') return fn as WorkFunction
  throw new TypeError(
    `${url} exports no function named ${member}. Functions that are to run in a worker must be exported.`,
  )
}

/** Compile a function outside any module, strict as modules are. The text may also be that of a method. */
function compile(text: string): WorkFunction {
  try {
    return evaluate(`(${text})`) as WorkFunction
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return Object.values(evaluate(`({ ${text} })`) as Record<string, WorkFunction>)[0] as WorkFunction
}

function evaluate(expression: string): unknown {
  return new Function(`'use strict'; return ${expression}\n//# sourceURL=function given to an executor`)()
}
