/**
 * What became of each mutant, kept from one run to the next. A kill holds while the module and the file of the test are what they
 * were; a survival, while nothing at all has changed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './modules.ts'
import type { Mutation } from './mutations.ts'
import type { Verdict } from './trial.ts'
import { CACHE, hashOf, type Workshop } from './workshop.ts'

interface Entry extends Verdict {
  readonly module: string
  /** Of the file of the test that killed it; of everything where none did. */
  readonly rest: string
}

const FILE = join(CACHE, 'results.json')

export class Results {
  readonly #workshop: Workshop
  readonly #entries: Map<string, Entry>
  readonly #everything: string
  readonly #fileHashes = new Map<string, string>()

  constructor(workshop: Workshop, isThorough: boolean) {
    this.#workshop = workshop
    this.#everything = `${workshop.hashOfAll()}${isThorough ? ' thorough' : ''}`
    this.#entries = new Map(existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : [])
  }

  /** What is still true of it, null where it has to be tried. */
  get({ key, module }: Mutation): Verdict | null {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.module !== this.#workshop.hashes.get(module)) return null
    return entry.rest === this.#restOf(entry) ? entry : null
  }

  /** The test that killed it before. */
  lastKiller({ key }: Mutation): string | null {
    return this.#entries.get(key)?.by ?? null
  }

  set({ key, module }: Mutation, verdict: Verdict): void {
    const hash = this.#workshop.hashes.get(module) as string
    this.#entries.set(key, { ...verdict, module: hash, rest: this.#restOf(verdict) })
  }

  save(): void {
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(FILE, JSON.stringify([...this.#entries]))
  }

  #restOf({ fate, by }: Verdict): string {
    if (fate === 'survived' || fate === 'uncovered' || by === undefined) return this.#everything
    const file = by.slice(0, by.indexOf(' > '))
    if (!existsSync(join(ROOT, file))) return 'gone'
    const known = this.#fileHashes.get(file) ?? hashOf(readFileSync(join(ROOT, file), 'utf8'))
    this.#fileHashes.set(file, known)
    return known
  }
}
