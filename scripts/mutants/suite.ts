/**
 * Stands in for Vitest's `test` and `describe` where mutants are tried: tests are collected, and run when they are asked for, any
 * number of times in one process. `expect` is Vitest's own, which works without it.
 */
import { vi as vitest } from 'vitest'

export { expect } from 'vitest'

/** Faking timers needs Vitest itself: tests that do it fail here, but those beside them do not. */
export const vi = Object.assign(Object.create(vitest), { useRealTimers() {}, unstubAllEnvs() {} })

type Body = (...args: never[]) => unknown

interface Hooks {
  readonly before: Body[]
  readonly after: Body[]
}

export interface CollectedTest {
  /** The file and the name, with a number where another one is called the same. */
  readonly key: string
  readonly file: string
  run(): Promise<void>
}

export const collected: CollectedTest[] = []

const keys = new Map<string, number>()
let file = ''
let names: readonly string[] = []
let hooks: readonly Hooks[] = [{ before: [], after: [] }]

/** What is collected from now on is in this file. */
export function beginFile(name: string): void {
  file = name
  names = []
  hooks = [{ before: [], after: [] }]
}

function collect(name: string, body: Body): void {
  const what = [file, ...names, name].join(' > ')
  const count = (keys.get(what) ?? 0) + 1
  keys.set(what, count)
  const around = hooks
  collected.push({
    key: count === 1 ? what : `${what} (${count})`,
    file,
    async run() {
      try {
        for (const { before } of around) for (const hook of before) await hook()
        await body()
      } finally {
        for (const { after } of around.toReversed()) for (const hook of after) await hook()
      }
    },
  })
}

function collectAll(name: string, body: Body): void {
  const [outerNames, outerHooks] = [names, hooks]
  names = [...names, name]
  hooks = [...hooks, { before: [], after: [] }]
  try {
    body()
  } finally {
    names = outerNames
    hooks = outerHooks
  }
}

/** As `test` or `describe`, with the forms of theirs that the tests of core use. */
function withForms(add: (name: string, body: Body) => void) {
  const form = (name: string, first: Body | object, second?: Body | number) =>
    add(name, (typeof first === 'function' ? first : second) as Body)
  const each = (rows: readonly unknown[]) => (name: string, body: Body) => {
    for (const [index, row] of rows.entries()) {
      const values = (Array.isArray(row) ? row : [row]) as never[]
      add(`${name} ${index}`, () => body(...values))
    }
  }
  const skipped = () => {}
  return Object.assign(form, { each, concurrent: form, sequential: form, skip: skipped, todo: skipped })
}

const skipIf = (condition: unknown) => (condition ? () => {} : test)
export const test = Object.assign(withForms(collect), { skipIf, runIf: (wanted: unknown) => skipIf(!wanted) })
export const it = test
export const describe = withForms(collectAll)
export const beforeEach = (hook: Body) => hooks.at(-1)?.before.push(hook)
export const afterEach = (hook: Body) => hooks.at(-1)?.after.push(hook)

/** Before each: what is undone after each is done again. */
export const beforeAll = beforeEach
export const afterAll = afterEach
