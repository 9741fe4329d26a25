/**
 * Every public name has a doc comment: what the barrels export, and each public member of a class, interface or object type.
 * A member may have its comment from a base class or an interface that it implements.
 *
 * The sources are read by their layout, which the formatter keeps: a declaration begins in the first column, a member in the
 * third, and a body ends with a brace in the first.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const packages = join(import.meta.dirname, '../packages')
const BARRELS = [
  'core/src/index.ts',
  'core/src/lowlevel.ts',
  'core/src/node.ts',
  'core/src/testing.ts',
  'http/src/index.ts',
  'http/src/testing.ts',
  'postgres/src/index.ts',
  'postgres/src/kysely.ts',
  'redis/src/index.ts',
  'threads/src/index.ts',
]

/** What the language says: iterating and printing. Constructors are described with their class. */
const SELF_EXPLANATORY = new Set([
  'constructor',
  'toString',
  '[inspectKey]',
  '[inspect.custom]',
  '[Symbol.iterator]',
  '[Symbol.asyncIterator]',
])

interface Declaration {
  readonly name: string
  readonly file: string
  readonly hasDoc: boolean
  /** Behind `extends`: their members are its own. */
  readonly bases: readonly string[]
  /** Behind `extends` and `implements`: their comments are its own. */
  readonly heritage: readonly string[]
  /** The public members, and whether they have a doc comment. */
  readonly members: ReadonlyMap<string, boolean>
}

const DECLARATION = /^(?:export )?(?:abstract |async )?(class|interface|type|function\*?|const) (\w+)/
const MODIFIERS = '(?:(?:static|abstract|protected|override|declare|readonly|async|get|set) |\\*)*'
const MEMBER = new RegExp(`^ {2}${MODIFIERS}(\\w+|\\[[\\w.]+\\])(?=[<(?!:;]| =|$)`)

function declarationsOf(file: string): Declaration[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, at) => {
    const [, kind, name] = DECLARATION.exec(line) ?? []
    if (name === undefined) return []
    const openedAt = kind === 'class' || kind === 'interface' ? indexOfLine(lines, at, /\{\}?$/) : at
    const hasBody = openedAt > at || (/\{$/.test(line) && !/^(?:function|const)/.test(kind as string))
    const bodyEnd = indexOfLine(lines, openedAt, /^\}/)
    const [, bases = '', interfaces = ''] =
      /(?: extends ([\w, ]+?))?(?: +implements ([\w, ]+?))? *\{/.exec(
        withoutTypeArguments(lines.slice(at, openedAt + 1).join(' ')),
      ) ?? []
    return {
      name,
      file,
      hasDoc: docAbove(lines, at) !== null,
      bases: bases.split(', '),
      heritage: [...bases.split(', '), ...interfaces.split(', ')],
      members: hasBody ? membersOf(lines, openedAt + 1, bodyEnd) : new Map(),
    }
  })
}

function membersOf(lines: readonly string[], from: number, to: number): Map<string, boolean> {
  const members = new Map<string, boolean>()
  for (let at = from; at < to; at++) {
    const line = lines[at] as string
    const name = MEMBER.exec(line)?.[1]
    const doc = docAbove(lines, at)
    if (name === undefined || SELF_EXPLANATORY.has(name) || doc?.includes('@internal')) continue
    members.set(name, members.get(name) || doc !== null)
  }
  return members
}

/** The doc comment that ends in the line above; null where there is none. */
function docAbove(lines: readonly string[], at: number): string | null {
  if (!lines[at - 1]?.endsWith('*/')) return null
  const begin = lines.findLastIndex((line, i) => i < at && /^\s*\/\*/.test(line))
  return /^\s*\/\*\*/.test(lines[begin] as string) ? lines.slice(begin, at).join('\n') : null
}

function indexOfLine(lines: readonly string[], from: number, pattern: RegExp): number {
  return lines.findIndex((line, i) => i >= from && pattern.test(line))
}

function withoutTypeArguments(head: string): string {
  const less = head.replaceAll('=>', '').replace(/<[^<>]*>/g, '')
  return less === head ? head : withoutTypeArguments(less)
}

const declarations = ['core/src', 'http/src', 'postgres/src', 'redis/src', 'threads/src'].flatMap((folder) =>
  readdirSync(join(packages, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => declarationsOf(join(packages, folder, name))),
)

/** What `name` means in `file`: its own declarations, else those it imports. */
function declarationsNamed(name: string, file: string): Declaration[] {
  const all = declarations.filter((declaration) => declaration.name === name)
  const own = all.filter((declaration) => declaration.file === file)
  return own.length > 0 ? own : all
}

function isDocumented(member: string, { members, heritage, file }: Declaration): boolean {
  if (members.get(member) === true) return true
  return heritage
    .flatMap((name) => declarationsNamed(name, file))
    .some((declaration) => isDocumented(member, declaration))
}

function undocumentedMembers(name: string, file: string): string[] {
  return declarationsNamed(name, file).flatMap((declaration) => [
    ...[...declaration.members.keys()]
      .filter((member) => !isDocumented(member, declaration))
      .map((member) => `${name}.${member}`),
    ...declaration.bases.flatMap((base) => undocumentedMembers(base, declaration.file)),
  ])
}

function undocumented(name: string, file: string): string[] {
  const hasDoc = declarationsNamed(name, file).some((declaration) => declaration.hasDoc)
  return [...(hasDoc ? [] : [name]), ...undocumentedMembers(name, file)]
}

describe('every public name has a doc comment, and so has each of its members', () => {
  test.each(BARRELS)('%s', (barrel) => {
    const text = readFileSync(join(packages, barrel), 'utf8')
    const names = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm)].flatMap(
      ([, list, from]) =>
        [...(list as string).matchAll(/(?:type )?(\w+)/g)].map(([, name]) => ({
          name: name as string,
          file: join(packages, barrel, '..', from as string),
        })),
    )
    expect(names.length).toBeGreaterThan(0)
    expect(new Set(names.flatMap(({ name, file }) => undocumented(name, file)))).toEqual(new Set())
  })
})
