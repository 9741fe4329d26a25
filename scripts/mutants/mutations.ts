/**
 * Finds what can be changed in a module: each `Mutation` replaces one expression or statement by another.
 *
 * Left out is what only makes words: template literals, the arguments of errors, and the methods that describe an object
 * (`WORDS`). String literals are not changed either, nor is what is for other platforms (`ELSEWHERE`).
 */
import { parseSync } from 'rolldown/utils'
import type { Module } from './modules.ts'

export interface Mutation {
  /** Names it, whatever line it stands in: module, function, what becomes of what. */
  readonly key: string
  readonly module: string
  readonly operator: string
  readonly isStatement: boolean
  readonly start: number
  readonly end: number
  readonly line: number
  readonly replacement: string
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [property: string]: unknown
}

/** Methods that make words for a reader of logs. */
const WORDS = new Set(['toString', '[inspectKey]', '_describe', 'inspect'])

/** What Node never comes to: the test in packages/core/test/real runs it in a process of its own, where there is nothing to change. */
const ELSEWHERE = new Set(['refuseAsync'])

/** What is called with words for a reader. */
const WORDY_CALLS =
  /^(misuse|outOfRange|warn|brief|createdAt)$|Error$|Exception$|^Queue(Empty|Full|ShutDown)$/

const OPPOSITES: Record<string, readonly string[]> = {
  '===': ['!=='],
  '!==': ['==='],
  '==': ['!='],
  '!=': ['=='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&&': ['||'],
  '||': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
  '??=': ['='],
  '||=': ['='],
  '&&=': ['='],
  '++': ['--'],
  '--': ['++'],
}

/** All mutations of a module, in the order of the text. */
export function mutationsOf(module: Module): Mutation[] {
  const { program, errors } = parseSync(module.file, module.text, { lang: 'ts' })
  if (errors.length > 0) throw new Error(`${module.file} cannot be parsed: ${errors[0]?.message}`)
  const finder = new Finder(module)
  finder.visit(program as unknown as Node, null, [])
  return finder.found.sort((a, b) => a.start - b.start || b.end - a.end)
}

class Finder {
  readonly found: Mutation[] = []
  readonly #module: Module
  readonly #keys = new Map<string, number>()

  constructor(module: Module) {
    this.#module = module
  }

  /** @param path the classes and functions around it */
  visit(node: Node, parent: Node | null, path: readonly string[]): void {
    if (isWithoutMutations(node, this.#text.bind(this))) return
    const name = this.#nameOf(node, parent)
    const inner = name === null ? path : [...path, name]
    this.#mutate(node, parent, inner)
    for (const child of this.#childrenOf(node)) this.visit(child, node, inner)
  }

  #mutate(node: Node, parent: Node | null, path: readonly string[]): void {
    const replace = (operator: string, at: Node, ...texts: readonly string[]) => {
      for (const text of texts) this.#add(operator, at, text, false, path)
    }
    const remove = (at: Node, text = '') => this.#add('statement', at, text, true, path)
    switch (node.type) {
      case 'BinaryExpression':
        if (isDecided(node, parent)) return
        if (node.operator !== '+' || !this.#isWords(node)) this.#swap(node, path)
        return
      case 'LogicalExpression':
        if (node.operator !== '??') this.#swap(node, path)
        return replace('operand', node, ...this.#operandsOf(node))
      case 'AssignmentExpression':
        if (!this.#isWords(node)) this.#swap(node, path)
        return
      case 'UpdateExpression': {
        const [other] = OPPOSITES[node.operator as string] as readonly [string]
        const argument = this.#text(node.argument as Node)
        return replace('arithmetic', node, node.prefix === true ? other + argument : argument + other)
      }
      case 'UnaryExpression':
        if (node.operator === '!' && !isDecided(node, parent))
          replace('negation', node, this.#text(node.argument as Node))
        if (node.operator === '-') replace('negation', node, this.#text(node.argument as Node))
        return
      case 'ConditionalExpression':
        return replace('condition', node.test as Node, 'true', 'false')
      case 'IfStatement':
        replace('condition', node.test as Node, 'true')
        // Without an `else` this is the removal of the one statement that it guards.
        if (node.alternate !== null || !isOneRemovable(node.consequent as Node))
          replace('condition', node.test as Node, 'false')
        return
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
        if (node.test) replace('condition', node.test as Node, 'false')
        return
      case 'Literal':
        if (typeof node.value === 'boolean') return replace('boolean', node, String(!node.value))
        if (!isInitialiser(node, parent)) return
        if (typeof node.value === 'number') replace('initialiser', node, String(node.value === 0 ? 1 : 0))
        return
      case 'ArrayExpression':
        if ((node.elements as unknown[]).length > 0) replace('array', node, '[]')
        else if (isInitialiser(node, parent)) replace('initialiser', node, '[undefined]')
        return
      case 'ChainExpression':
        return replace('chaining', node, ...this.#withoutChaining(node))
      case 'ExpressionStatement':
        if (!/^super\(/.test(this.#text(node))) remove(node)
        return
      case 'ThrowStatement':
      case 'BreakStatement':
      case 'ContinueStatement':
        return remove(node)
      case 'ReturnStatement':
        if (node.argument === null) return remove(node)
        return this.#mutateResult(node.argument as Node, path)
      case 'ArrowFunctionExpression':
        if ((node.body as Node).type !== 'BlockStatement') this.#mutateResult(node.body as Node, path)
        return
      case 'TryStatement':
        for (const block of [node.finalizer, (node.handler as Node | null)?.body]) {
          if (block && ((block as Node).body as unknown[]).length > 0) remove(block as Node, '{}')
        }
    }
  }

  /** What is asked for its truth only is as good without `?? false`. */
  #operandsOf({ operator, left, right }: Node): string[] {
    const operands = [left, right].map((side) => this.#text(side as Node))
    return operator === '??' && operands[1] === 'false' ? operands.slice(1) : operands
  }

  #mutateResult(result: Node, path: readonly string[]): void {
    const isPlain = result.type === 'Literal' || this.#text(result) === 'undefined'
    if (!isPlain) this.#add('result', result, 'undefined', false, path)
  }

  #swap(node: Node, path: readonly string[]): void {
    const [left, right] = [node.left as Node, node.right as Node]
    const between = this.#module.text.slice(left.end, right.start)
    const operator = node.operator as string
    for (const other of OPPOSITES[operator] ?? []) {
      const text = this.#text(left) + between.replace(operator, other) + this.#text(right)
      this.#add(`${operator} to ${other}`, node, text, false, path)
    }
  }

  #add(operator: string, at: Node, replacement: string, isStatement: boolean, path: readonly string[]): void {
    const { name, text } = this.#module
    const what = `${name} ${path.join('.')}: ${squeezed(this.#text(at))} → ${squeezed(replacement) || 'nothing'}`
    const count = (this.#keys.get(what) ?? 0) + 1
    this.#keys.set(what, count)
    this.found.push({
      key: count === 1 ? what : `${what} (${count})`,
      module: name,
      operator,
      isStatement,
      start: at.start,
      end: at.end,
      line: text.slice(0, at.start).split('\n').length,
      replacement,
    })
  }

  /** The chain with one `?.` less, for each of them. */
  #withoutChaining(chain: Node): string[] {
    const text = this.#text(chain)
    const links: string[] = []
    for (let link = chain.expression as Node | undefined; link; ) {
      const before = (link.object ?? link.callee ?? link.expression) as Node | undefined
      if (link.optional === true && before !== undefined) {
        const at = text.indexOf('?.', before.end - chain.start)
        const isName = link.type === 'MemberExpression' && link.computed !== true
        links.push(text.slice(0, at) + (isName ? '.' : '') + text.slice(at + 2))
      }
      link = before
    }
    return links
  }

  #nameOf(node: Node, parent: Node | null): string | null {
    if (node.type === 'MethodDefinition' || node.type === 'PropertyDefinition') return this.#keyOf(node)
    if (node.type === 'ClassDeclaration' || node.type === 'FunctionDeclaration')
      return node.id === null ? null : this.#text(node.id as Node)
    const isNamed = node.type === 'VariableDeclarator' && parent !== null
    return isNamed && /Function/.test(((node.init ?? { type: '' }) as Node).type)
      ? this.#text(node.id as Node)
      : null
  }

  #keyOf(node: Node): string {
    const key = this.#text(node.key as Node)
    return node.computed === true ? `[${key}]` : key
  }

  #childrenOf(node: Node): Node[] {
    const children: Node[] = []
    for (const [property, value] of Object.entries(node)) {
      // What is assigned to is not an expression that could be replaced.
      if (property === 'left' && node.type === 'AssignmentExpression') continue
      if (property === 'argument' && node.type === 'UpdateExpression') continue
      if (property === 'key' || property === 'id') continue
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) children.push(child)
    }
    return children
  }

  #isWords(node: Node): boolean {
    return [node.left, node.right].some((side) => {
      const { type, value, left } = side as Node
      return (
        type === 'TemplateLiteral' ||
        typeof value === 'string' ||
        (isNode(left) && this.#isWords(side as Node))
      )
    })
  }

  #text(node: Node): string {
    return this.#module.text.slice(node.start, node.end)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function isWithoutMutations(node: Node, textOf: (node: Node) => string): boolean {
  if (node.type === 'TemplateLiteral' || node.type === 'ImportDeclaration') return true
  if (/^TS(?!AsExpression|NonNullExpression|SatisfiesExpression)/.test(node.type)) return true
  if (node.type === 'MethodDefinition') {
    const key = textOf(node.key as Node)
    return WORDS.has(node.computed === true ? `[${key}]` : key)
  }
  if (node.type === 'FunctionDeclaration') return node.body === null || ELSEWHERE.has(textOf(node.id as Node))
  if (node.type === 'NewExpression' || node.type === 'CallExpression')
    return WORDY_CALLS.test(textOf(node.callee as Node))
  return false
}

/** Whether it is an equality or a negation that `true` and `false` in its place try well enough. */
function isDecided(node: Node, parent: Node | null): boolean {
  const isEither = parent?.type === 'IfStatement' || parent?.type === 'ConditionalExpression'
  return isEither && parent.test === node && /^(!|[!=]==?)$/.test(node.operator as string)
}

function isOneRemovable(statement: Node): boolean {
  if (statement.type === 'BlockStatement') {
    const [only, ...others] = statement.body as Node[]
    return only !== undefined && others.length === 0 && isOneRemovable(only)
  }
  if (statement.type === 'ReturnStatement') return statement.argument === null
  return /^(Expression|Throw|Break|Continue)Statement$/.test(statement.type)
}

function isInitialiser(node: Node, parent: Node | null): boolean {
  if (parent === null) return false
  if (parent.type === 'PropertyDefinition') return parent.value === node
  if (parent.type === 'VariableDeclarator') return parent.init === node
  return parent.type === 'AssignmentPattern' && parent.right === node
}

function squeezed(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 110 ? `${line.slice(0, 109)}…` : line
}
