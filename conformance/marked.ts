/**
 * Copies of generator twins with `coroutine()` around every `function*`: flat delegation changes no trace.
 *
 * A declaration is marked by a statement before it, which works because function declarations are hoisted; an
 * expression is wrapped. Methods are left as they are. No line is added, so line numbers stay right.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const IMPORT = "import { coroutine as mark } from 'polvo';"

/** Makes marked copies, in a temporary folder that goes when the process ends. */
export class MarkedCopies {
  /** Inside this workspace, where 'polvo' is found. */
  readonly #folder = mkdtempSync(join(import.meta.dirname, '.marked-'))

  constructor() {
    process.once('exit', () => rmSync(this.#folder, { recursive: true, force: true }))
    process.once('SIGINT', () => process.exit(130))
    process.once('SIGTERM', () => process.exit(143))
  }

  /** @returns the file of the copy */
  copyOf(twin: string): string {
    const copy = join(this.#folder, basename(twin))
    writeFileSync(copy, markGenerators(readFileSync(twin, 'utf8')))
    return copy
  }
}

const COMMENTS_AND_STRINGS =
  /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

/** A declaration is a named function* at the start of its line, as the formatter leaves it. */
const GENERATOR_FUNCTION = /^[ \t]*function\* ?(?<declared>\w+)|function\*/gm

/** @throws Error where there is no function* to mark: the second run would test nothing new. */
function markGenerators(source: string): string {
  const code = source.replace(COMMENTS_AND_STRINGS, (text) => text.replace(/[^\n]/g, ' '))
  const insertions: { at: number; text: string }[] = []
  for (const { index, groups } of code.matchAll(GENERATOR_FUNCTION)) {
    if (groups?.declared !== undefined) insertions.push({ at: index, text: `mark(${groups.declared});` })
    else insertions.push({ at: index, text: 'mark(' }, { at: endOfFunction(code, index), text: ')' })
  }
  if (insertions.length === 0) throw new Error('There is no function* to mark in this twin.')
  let marked = source
  for (const { at, text } of insertions.sort((a, b) => b.at - a.at)) {
    marked = marked.slice(0, at) + text + marked.slice(at)
  }
  return IMPORT + marked
}

function endOfFunction(code: string, start: number): number {
  const endOfParameters = afterClosing(code, code.indexOf('(', start))
  return afterClosing(code, code.indexOf('{', endOfParameters))
}

const CLOSING: Record<string, string> = { '(': ')', '{': '}' }

/** The place behind the bracket that closes the one at `open`. */
function afterClosing(code: string, open: number): number {
  const [opening, closing] = [code[open]!, CLOSING[code[open]!]]
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at] === opening) depth++
    else if (code[at] === closing && --depth === 0) return at + 1
  }
  throw new Error(`Nothing closes the ${opening} at ${open}.`)
}
