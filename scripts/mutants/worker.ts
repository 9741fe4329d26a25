/**
 * A process in which mutants are tried: it loads the modules with all mutations in them and collects the tests, once, and then
 * runs the tests that it is told to, with one mutation switched on.
 *
 * A mutant may spoil the process for those that follow: a report says whether the test passes again (`isSound`), and where it does not
 * the parent starts another worker.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SWITCH } from './instrument.ts'
import { ROOT, SOURCES } from './modules.ts'

/** What a worker is started with, as JSON in its argument. */
export interface Start {
  /** Where the modules with the mutations are. */
  readonly folder: string
  readonly names: readonly string[]
  readonly count: number
  readonly testFiles: readonly string[]
  /** The mutation that is on while the modules are loaded; -1 for none. */
  readonly active: number
}

/** The number of a test, and how long it may take, in milliseconds. */
export type Job = readonly [test: number, limit: number]

export type Request =
  | { readonly do: 'measure'; readonly jobs: readonly Job[] }
  | { readonly do: 'try'; readonly mutant: number; readonly jobs: readonly Job[] }

export type Report =
  | {
      readonly is: 'loaded'
      readonly keys: readonly string[]
      readonly files: readonly string[]
      readonly asked: string
    }
  | { readonly is: 'begun'; readonly job: number }
  | {
      readonly is: 'measured'
      readonly job: number
      readonly ms: number
      readonly why: string | null
      readonly asked: string
    }
  | { readonly is: 'through' }
  /** `isSound` says whether the test passes again with the mutation off. */
  | {
      readonly is: 'killed'
      readonly job: number
      readonly why: string
      readonly isSound: boolean
      readonly isLate: boolean
    }
  | { readonly is: 'survived' }

const start = JSON.parse(process.argv[2] as string) as Start
const { setTimeout, clearTimeout, setImmediate, performance } = globalThis

let active = start.active
const asked = new Uint8Array(start.count)
Object.assign(globalThis, {
  [SWITCH]: (mutant: number) => {
    asked[mutant] = 1
    return mutant === active
  },
})

function takeAsked(): string {
  const taken = Buffer.from(asked).toString('latin1')
  asked.fill(0)
  return taken
}

const mutated = new Map(
  start.names.map((name) => [
    pathToFileURL(join(SOURCES, `${name}.ts`)).href,
    join(start.folder, `${name.replaceAll('/', '.')}.js`),
  ]),
)
const suiteUrl = new URL('./suite.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vitest' && context.parentURL !== suiteUrl
      ? { url: suiteUrl, shortCircuit: true }
      : next(specifier, context),
  load(url, context, next) {
    const file = mutated.get(url)
    if (file === undefined) return next(url, context)
    return { format: 'module', source: readFileSync(file, 'utf8'), shortCircuit: true }
  },
})

/** Errors that came out of nowhere while a test ran. */
const strays: unknown[] = []
process.on('uncaughtException', (error) => strays.push(error))
process.on('unhandledRejection', (error) => strays.push(error))

const { beginFile, collected } = await import('./suite.ts')
for (const file of start.testFiles) {
  beginFile(relative(ROOT, file))
  await import(pathToFileURL(file).href)
}

const LATE = Symbol('late')

/** Run a test. Returns why it fails, `LATE` where it takes too long, null where it passes. */
async function failureOf([test, limit]: Job): Promise<string | typeof LATE | null> {
  strays.length = 0
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), limit)
  })
  try {
    const outcome = await Promise.race([collected[test]?.run(), late])
    if (outcome === LATE) return LATE
    await new Promise(setImmediate)
  } catch (error) {
    return lineOf(error)
  } finally {
    clearTimeout(timer)
  }
  return strays.length > 0 ? `stray: ${lineOf(strays[0])}` : null
}

function lineOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.slice(0, 200).replace(/\s+/g, ' ')
}

async function measure(jobs: readonly Job[]): Promise<Report> {
  takeAsked()
  for (const [index, job] of jobs.entries()) {
    report({ is: 'begun', job: index })
    const began = performance.now()
    const failure = await failureOf(job)
    const ms = performance.now() - began
    const why = failure === LATE ? 'it takes too long' : failure
    report({ is: 'measured', job: index, ms, why, asked: takeAsked() })
  }
  return { is: 'through' }
}

async function tryOut(mutant: number, jobs: readonly Job[]): Promise<Report> {
  for (const [index, job] of jobs.entries()) {
    report({ is: 'begun', job: index })
    active = mutant
    const failure = await failureOf(job)
    active = start.active
    if (failure === null) continue
    const isLate = failure === LATE
    const isSound = start.active === -1 && (await failureOf(job)) === null
    return { is: 'killed', job: index, why: isLate ? 'it takes too long' : failure, isSound, isLate }
  }
  return { is: 'survived' }
}

function report(what: Report): void {
  process.send?.(what)
}

process.on('disconnect', () => process.exit())
process.on('message', async (request: Request) => {
  report(await (request.do === 'measure' ? measure(request.jobs) : tryOut(request.mutant, request.jobs)))
})

report({
  is: 'loaded',
  keys: collected.map(({ key }) => key),
  files: collected.map(({ file }) => file),
  asked: takeAsked(),
})
