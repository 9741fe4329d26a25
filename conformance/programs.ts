/** The Python programs, and the twins each of them has to have. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const SPELLINGS = ['generator', 'async'] as const
export type Spelling = (typeof SPELLINGS)[number]

/** These show what only a generator can: it is driven by hand, or is done before `createTask` returns. */
const GENERATOR_ONLY = new Set([
  'coroutine_close_runs_finally',
  'coroutine_generator_delegation',
  'coroutine_hand_driven',
  'coroutine_throw_by_hand',
  'eager_gather_without_a_turn',
  'eager_starts_on_the_spot',
])

const ROOT = import.meta.dirname

/** The programs whose name contains one of `names`; all of them where there are no names. */
export function programsNamed(names: readonly string[]): string[] {
  return namesIn('python', '.py').filter(
    (program) => names.length === 0 || names.some((name) => program.includes(name)),
  )
}

function namesIn(folder: string, ending: string): string[] {
  const files = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(ending))
  return files.map((file) => file.slice(0, -ending.length)).sort()
}

export function pythonFile(program: string): string {
  return join(ROOT, 'python', `${program}.py`)
}

/** What CPython 3.13.0 printed. */
export function recordedTrace(program: string): string {
  return readFileSync(join(ROOT, 'python', `${program}.txt`), 'utf8')
}

export function twinFile(program: string, spelling: Spelling): string {
  return join(ROOT, spelling, `${program}.ts`)
}

/** Whether there has to be such a twin. */
export function hasTwin(program: string, spelling: Spelling): boolean {
  return spelling === 'generator' || !GENERATOR_ONLY.has(program)
}

/** Twins that nobody expects: of no program, or of one that is listed as having none in this spelling. */
export function strayTwins(spelling: Spelling): string[] {
  const programs = new Set(programsNamed([]))
  return namesIn(spelling, '.ts').filter((twin) => !programs.has(twin) || !hasTwin(twin, spelling))
}

/** What is wrong with a twin as it is written, before it runs; null where nothing is. */
export function faultOf(program: string, spelling: Spelling): string | null {
  const file = twinFile(program, spelling)
  if (!existsSync(file)) return 'the twin is missing'
  if (spelling === 'generator') return null
  const twin = readFileSync(file, 'utf8')
  if (/\bfunction\s*\*/.test(twin)) return 'it contains a function*, which the async spelling does without'
  const inTwin = count(/\bcallSoon\b/g, twin)
  const inPython = count(/\bcall_soon\b/g, readFileSync(pythonFile(program), 'utf8'))
  return inTwin > inPython
    ? `it has callSoon ${inTwin} times, the Python has call_soon ${inPython} times`
    : null
}

function count(pattern: RegExp, text: string): number {
  return text.match(pattern)?.length ?? 0
}
