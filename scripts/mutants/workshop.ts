/** What mutants are tried with: the modules with their mutations, written into a folder, and the tests. */
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { instrumented } from './instrument.ts'
import { type Module, modules, ROOT } from './modules.ts'
import { type Mutation, mutationsOf } from './mutations.ts'
import type { Start } from './worker.ts'

/** Not in the repository, and not in the way. */
export const CACHE = join(ROOT, 'node_modules/.cache/polvo-mutants')

export class Workshop {
  readonly mutations: readonly Mutation[]
  readonly numbers: ReadonlyMap<Mutation, number>
  /** For each module. */
  readonly hashes: ReadonlyMap<string, string>
  readonly testFiles = testFiles()
  readonly #names: string[]
  readonly #folder = join(CACHE, `modules-${process.pid}`)

  constructor() {
    const all = modules()
    const found = all.map((module) => [module, mutationsOf(module)] as const)
    this.mutations = found.flatMap(([, mutations]) => mutations)
    this.numbers = new Map(this.mutations.map((mutation, number) => [mutation, number]))
    this.hashes = new Map(all.map(({ name, text }) => [name, hashOf(text)]))
    this.#names = all.map(({ name }) => name)
    mkdirSync(this.#folder, { recursive: true })
    for (const [module, mutations] of found) this.#write(module, mutations)
  }

  #write({ name, text }: Module, mutations: readonly Mutation[]): void {
    const code = stripTypeScriptTypes(instrumented(text, mutations, this.numbers))
    writeFileSync(join(this.#folder, `${name.replaceAll('/', '.')}.js`), code)
  }

  /** How a worker is started, with a mutation that is on while it loads. */
  startWith(active = -1): Start {
    const { mutations, testFiles } = this
    return { folder: this.#folder, names: this.#names, count: mutations.length, testFiles, active }
  }

  /** Of everything that could change whether a mutant survives. */
  hashOfAll(): string {
    const files = globSync(
      ['packages/core/{src,test}/**/*.ts', 'conformance/**/*.{ts,txt,jsonl}', 'scripts/mutants/*.ts'],
      {
        cwd: ROOT,
      },
    )
    return hashOf(
      files
        .sort()
        .map((file) => `${file}\n${hashOf(readFileSync(join(ROOT, file), 'utf8'))}`)
        .join('\n'),
    )
  }

  get folder(): string {
    return this.#folder
  }
}

/** Those with real sockets and processes are left out: they are slow, and what they start has no mutations in it. */
function testFiles(): string[] {
  const files = globSync('packages/core/test/**/*.test.ts', { cwd: ROOT, exclude: ['**/real/**'] })
  return [...files.sort(), 'scripts/mutants/corpus.ts'].map((file) => join(ROOT, file))
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
