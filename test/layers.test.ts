/**
 * The architecture, enforced: no import cycles (types included), each folder imports only what lies below it, `node:` modules
 * only where they belong, and integrations use only public subpaths.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** packages/core/src from the bottom up. A file may import from its own folder and from those before it. */
const LAYERS = ['host', 'loop', 'coroutine', 'tasks', 'sync', 'queues', 'structured', 'node']

/** Beside the layers: errors lie below all of them, the barrels above; testing is above all but the barrels. */
const BELOW = ['errors.ts', 'exception-group.ts']
const BARRELS = ['index.ts', 'node.ts', 'testing.ts', 'lowlevel.ts']

interface SourceFile {
  readonly path: string
  readonly imports: readonly string[]
}

function sourcesOf(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: join(folder, name), imports: importsOf(join(root, folder, name)) }))
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'/gm)].map(
    (match) => match[1] ?? (match[2] as string),
  )
}

function resolveImport(from: SourceFile, specifier: string): string {
  return relative(root, resolve(root, dirname(from.path), specifier))
}

const core = sourcesOf('packages/core/src')

describe('packages/core', () => {
  test('has no import cycles', () => {
    const graph = new Map(
      core.map((file) => [
        file.path,
        file.imports.filter((name) => name.startsWith('.')).map((name) => resolveImport(file, name)),
      ]),
    )
    expect(findCycle(graph)).toBe(undefined)
  })

  test('imports only downwards', () => {
    const violations: string[] = []
    for (const file of core) {
      const from = rankOf(file.path)
      for (const name of file.imports.filter((specifier) => specifier.startsWith('.'))) {
        const target = resolveImport(file, name)
        if (rankOf(target) > from) violations.push(`${file.path} imports ${target}`)
      }
    }
    expect(violations).toEqual([])
  })

  test('imports node: only in src/node and src/testing, and no other package anywhere', () => {
    const violations = core.flatMap(({ path, imports }) => {
      const mayUseNode = /src\/(node|testing)\//.test(path)
      const foreign = imports.filter(
        (name) => !name.startsWith('.') && !(mayUseNode && name.startsWith('node:')),
      )
      return foreign.map((name) => `${path} imports ${name}`)
    })
    expect(violations).toEqual([])
  })

  test('resumes coroutines in the driver alone', () => {
    const resumers = core.filter(({ imports, path }) => {
      const takesFrames = imports.some((name) => name.endsWith('/frame.ts'))
      return takesFrames && /generator(Next|Throw|Return)\b/.test(readFileSync(join(root, path), 'utf8'))
    })
    expect(resumers.map(({ path }) => path)).toEqual(['packages/core/src/coroutine/driver.ts'])
  })
})

test('integrations use only public subpaths of polvo', () => {
  const allowed = new Set(['polvo', 'polvo/node', 'polvo/lowlevel'])
  const integrations = readdirSync(join(root, 'packages')).filter((name) => name !== 'core')
  const violations = integrations.flatMap((name) =>
    sourcesOf(join('packages', name, 'src')).flatMap(({ path, imports }) =>
      imports
        .filter((specifier) => /^polvo\b/.test(specifier) && !allowed.has(specifier))
        .concat(imports.filter((specifier) => /core\/src/.test(specifier)))
        .map((specifier) => `${path} imports ${specifier}`),
    ),
  )
  expect(violations).toEqual([])
})

/** The higher, the more it may import. */
function rankOf(path: string): number {
  const inside = relative('packages/core/src', path)
  if (BELOW.includes(inside)) return 0
  if (BARRELS.includes(inside)) return LAYERS.length + 2
  const folder = inside.split('/')[0] as string
  if (folder === 'testing') return LAYERS.length + 1
  const layer = LAYERS.indexOf(folder)
  if (layer < 0) throw new Error(`${path} is in no layer; give its folder a place in LAYERS.`)
  return layer + 1
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return undefined
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node])
      if (cycle !== undefined) return cycle
    }
    done.add(node)
    return undefined
  }
  for (const node of graph.keys()) {
    const cycle = visit(node, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
