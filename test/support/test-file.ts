/**
 * What tests a file has, by its source: their titles, whether they run, and whether they assert anything. Nothing is run.
 *
 * A test is a call of `test` or `it`, in any of their forms, or of a function that makes tests of its first argument, such as one for
 * both spellings. Helpers are followed through relative imports.
 */
import { dirname, join } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

/** How a file is read: undefined where there is none. */
export type Read = (path: string) => string | undefined

export interface TestCase {
  readonly title: Title
  readonly isSkipped: boolean
  readonly asserts: boolean
}

export interface Title {
  /** As it is in the source, with an ellipsis for an expression. */
  readonly written: string
  /** What stands between its holes. */
  readonly parts: readonly string[]
  /** The words of the table that fills them; empty where it is none, or cannot be seen. */
  readonly rows: ReadonlySet<string>
}

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

interface Known {
  readonly file: TestFile
  readonly fn: Node
}

const TEST_NAMES = new Set(['test', 'it', 'xtest', 'xit'])
const GROUP_NAMES = new Set(['describe', 'suite', 'xdescribe'])
const NONE: ReadonlySet<string> = new Set()
const OFF = new Set(['skip', 'todo'])
const isAsserting = (name: string) => /^(?:expect|assert)/.test(name)

export class TestFile {
  readonly #path: string
  readonly #source: string
  readonly #read: Read
  readonly #program: Node
  readonly #functions = new Map<string, Node>()
  readonly #constants = new Map<string, Node>()
  readonly #imports = new Map<string, { from: string; name: string }>()
  readonly #others = new Map<string, TestFile | null>()

  constructor(path: string, source: string, read: Read) {
    this.#path = path
    this.#source = source
    this.#read = read
    this.#program = parseAst(source, { lang: path.endsWith('x') ? 'tsx' : 'ts' }) as unknown as Node
    walk(this.#program, (node) => this.#declare(node))
  }

  /** All that the file has, in order. */
  get cases(): TestCase[] {
    const cases: TestCase[] = []
    this.#collect(this.#program, false, cases)
    return cases
  }

  /** The tests that a title names: as it is written, or with its holes filled in. */
  named(title: string): TestCase[] {
    return this.cases.filter(({ title: { parts, written, rows } }) => {
      if (written === title) return true
      const filled = new RegExp(`^${parts.map(escapeRegExp).join('(.+)')}$`).exec(title)?.slice(1)
      if (filled === undefined) return false
      return filled.every((words) => rows.has(words) || (rows.size === 0 && this.#knows(words)))
    })
  }

  /** Whether words that are put together as it runs can be from here. */
  #knows(words: string): boolean {
    return this.#source.includes(words)
  }

  // ---------------------------------------------------------------- what the file declares

  #declare(node: Node): void {
    if (node.type === 'FunctionDeclaration') this.#functions.set(nameOf(node.id), node)
    if (node.type === 'VariableDeclarator' && isFunction(node.init))
      this.#functions.set(nameOf(node.id), node.init as Node)
    else if (node.type === 'VariableDeclarator' && node.init !== null)
      this.#constants.set(nameOf(node.id), node.init as Node)
    if (node.type !== 'ImportDeclaration') return
    const from = (node.source as Node).value as string
    if (!from.startsWith('.')) return
    for (const each of node.specifiers as Node[]) {
      this.#imports.set(nameOf(each.local), { from, name: nameOf(each.imported ?? each.local) })
    }
  }

  #other(from: string): TestFile | null {
    let other = this.#others.get(from)
    if (other === undefined) {
      const path = join(dirname(this.#path), from)
      const source = this.#read(path)
      other = source === undefined ? null : new TestFile(path, source, this.#read)
      this.#others.set(from, other)
    }
    return other
  }

  #find(name: string): Known | null {
    const fn = this.#functions.get(name)
    if (fn !== undefined) return { file: this, fn }
    const imported = this.#imports.get(name)
    const other = imported && this.#other(imported.from)
    return imported && other ? other.#find(imported.name) : null
  }

  /** All strings and numbers in a tree, and in the constants that it mentions. */
  #wordsIn(tree: unknown): Set<string> {
    const words = new Set<string>()
    walk(tree, (node) => {
      if (node.type === 'Literal') words.add(String(node.value))
      if (node.type !== 'Identifier') return
      for (const word of this.#constant(nameOf(node))) words.add(word)
    })
    return words
  }

  #constant(name: string): ReadonlySet<string> {
    const value = this.#constants.get(name)
    if (value !== undefined) {
      this.#constants.delete(name) // It might mention itself.
      const words = this.#wordsIn(value)
      this.#constants.set(name, value)
      return words
    }
    const imported = this.#imports.get(name)
    const other = imported && this.#other(imported.from)
    return imported && other ? other.#constant(imported.name) : NONE
  }

  // ---------------------------------------------------------------- tests

  #collect(node: unknown, isOff: boolean, cases: TestCase[]): void {
    for (const call of callsIn(node)) {
      const { root, members } = calleeOf(call)
      const args = call.arguments as Node[]
      const isOffHere = isOff || isTurnedOff(root, members, args)
      if (GROUP_NAMES.has(root) || this.#makes(GROUP_NAMES, root)) {
        for (const arg of args) this.#collect(bodyOf(arg), isOffHere, cases)
        continue
      }
      const title = titleOf(args[0], this.#wordsIn(call.callee))
      if (title !== null && TEST_NAMES.has(root)) {
        cases.push({ title, isSkipped: isOffHere || skipsItself(args), asserts: this.#assertsIn(args) })
      } else if (title !== null && members.length === 0 && this.#makes(TEST_NAMES, root)) {
        cases.push({
          title,
          isSkipped: isOffHere,
          asserts: this.#assertsIn(args) || this.#helperAsserts(root),
        })
      } else {
        // A loop over a table, a helper around some tests: what is inside counts.
        for (const arg of args) if (isFunction(arg)) this.#collect(arg.body, isOff, cases)
      }
    }
  }

  /** Whether a function makes tests, or groups, whose title is its first parameter, or has that inside. */
  #makes(kind: ReadonlySet<string>, name: string, seen: ReadonlySet<string> = new Set()): boolean {
    if (seen.has(name)) return false
    const known = this.#find(name)
    const first = known && nameOf((known.fn.params as Node[])[0])
    if (known === null || first === null || first === '') return false
    return callsIn(known.fn.body, true).some((call) => {
      const { root } = calleeOf(call)
      const isOne = kind.has(root) || known.file.#makes(kind, root, new Set([...seen, name]))
      const [title] = call.arguments as Node[]
      return isOne && title !== undefined && mentions(title, first)
    })
  }

  // ---------------------------------------------------------------- assertions

  #assertsIn(node: unknown, seen: ReadonlySet<string> = new Set()): boolean {
    return (
      callsIn(node, true).some((call) => {
        if (isAssertion(call)) return true
        const { root, members } = calleeOf(call)
        if (members.length > 0 || !isAsserting(root) || root === 'expect') return false
        return this.#helperAsserts(root, seen)
      }) || this.#refersToAsserting(node)
    )
  }

  /** A body that is a function by its name. */
  #refersToAsserting(node: unknown): boolean {
    if (!Array.isArray(node)) return false
    return node.some((arg: Node) => arg.type === 'Identifier' && this.#helperAsserts(nameOf(arg)))
  }

  #helperAsserts(name: string, seen: ReadonlySet<string> = new Set()): boolean {
    if (seen.has(name)) return false
    const known = this.#find(name)
    // What comes from a package, such as `assert`, is taken at its name.
    if (known === null) return isAsserting(name) && !this.#imports.has(name)
    const inside = new Set([...seen, name])
    if (known.file.#assertsIn(known.fn.body, inside)) return true
    return callsIn(known.fn.body, true).some((call) => {
      const { root, members } = calleeOf(call)
      return (
        members.length === 0 && known.file.#makes(TEST_NAMES, root) && known.file.#helperAsserts(root, inside)
      )
    })
  }
}

// ---------------------------------------------------------------- the tree

function walk(node: unknown, visit: (node: Node) => unknown): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit)
    return
  }
  if (typeof node !== 'object' || node === null || typeof (node as Node).type !== 'string') return
  if (visit(node as Node) === false) return
  for (const value of Object.values(node)) walk(value, visit)
}

/** The calls in a tree, the outermost only unless `isDeep`: those of a chain such as `test.each(…)(…)` are one. */
function callsIn(tree: unknown, isDeep = false): Node[] {
  const calls: Node[] = []
  walk(tree, (node) => {
    if (node.type !== 'CallExpression') return undefined
    calls.push(node)
    return isDeep
  })
  return calls
}

/** What is called, at the bottom of `root.member(…).member(…)`, and the members on the way. */
function calleeOf(call: Node): { root: string; members: string[] } {
  const members: string[] = []
  let at = call.callee as Node
  for (;;) {
    if (at.type === 'MemberExpression') {
      members.unshift(nameOf(at.property))
      at = at.object as Node
    } else if (at.type === 'CallExpression') at = at.callee as Node
    else if (at.type === 'TaggedTemplateExpression') at = at.tag as Node
    else if (at.type === 'TSInstantiationExpression') at = at.expression as Node
    else return { root: nameOf(at), members }
  }
}

/** `expect(…).toBe(…)`, `expect.poll(…)…`, `assert(…)`, `assert.equal(…)`; not `expect(…)` alone, nor `expect.any(…)`. */
function isAssertion(call: Node): boolean {
  const { root, members } = calleeOf(call)
  if (root === 'assert') return true
  if (root !== 'expect') return false
  if (members.length === 1 && (members[0] === 'fail' || members[0] === 'unreachable')) return true
  return hasCallBelow(call.callee as Node)
}

function hasCallBelow(callee: Node): boolean {
  if (callee.type === 'CallExpression') return true
  return callee.type === 'MemberExpression' && hasCallBelow(callee.object as Node)
}

function isTurnedOff(root: string, members: readonly string[], args: readonly Node[]): boolean {
  if (root.startsWith('x') || members.some((member) => OFF.has(member))) return true
  const options = args.filter(({ type }) => type === 'ObjectExpression')
  return options.some(({ properties }) =>
    (properties as Node[]).some(
      ({ key, value }) => OFF.has(nameOf(key)) && (value as Node | undefined)?.value !== false,
    ),
  )
}

/** A body whose first words are that it is to be skipped. */
function skipsItself(args: readonly Node[]): boolean {
  const statements = args.flatMap((arg) => {
    const body = isFunction(arg) ? (arg.body as Node) : null
    return body?.type === 'BlockStatement' ? (body.body as Node[]) : []
  })
  return statements.some(({ type, expression }) => {
    if (type !== 'ExpressionStatement' || (expression as Node).type !== 'CallExpression') return false
    const { root, members } = calleeOf(expression as Node)
    return OFF.has(members.at(-1) ?? root)
  })
}

function titleOf(node: Node | undefined, rows: ReadonlySet<string>): Title | null {
  if (node?.type === 'Literal' && typeof node.value === 'string') {
    const written = node.value
    return { written, parts: rows.size === 0 ? [written] : written.split(/%[sdifjoO#%]|\$[\w.]+/), rows }
  }
  if (node?.type !== 'TemplateLiteral') return null
  const parts = (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked)
  return { written: parts.join('…'), parts, rows: NONE }
}

function bodyOf(node: Node): unknown {
  return isFunction(node) ? node.body : null
}

function isFunction(node: unknown): node is Node {
  return /^(?:ArrowFunctionExpression|FunctionExpression)$/.test(
    (node as Node | null | undefined)?.type ?? '',
  )
}

function nameOf(node: unknown): string {
  const { name, value } = (node ?? {}) as { name?: unknown; value?: unknown }
  return typeof name === 'string' ? name : typeof value === 'string' ? value : ''
}

function mentions(tree: unknown, name: string): boolean {
  let isMentioned = false
  walk(tree, (node) => {
    isMentioned ||= node.type === 'Identifier' && node.name === name
  })
  return isMentioned
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')
}
