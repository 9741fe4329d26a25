/** Which tests there are, how long each takes, and which mutations it comes past. */
import { basename } from 'node:path'
import type { Mutation } from './mutations.ts'
import type { Job } from './worker.ts'
import { WorkerProcess } from './worker-process.ts'
import type { Workshop } from './workshop.ts'

interface Measured {
  readonly index: number
  readonly key: string
  readonly file: string
  readonly ms: number
  /** A character for each mutation: `\x01` where the test comes past it. */
  readonly asked: string
}

const ASKED = 1

/** How much of the time of the tests is spent on a mutant, in milliseconds, unless all of them are to be run. */
const BUDGET = 2000

/** How much longer than at first a test may take: ten times, and a bit. */
const limitOf = (ms: number): number => Math.round(10 * ms + 500)

export class Tests {
  readonly #tests: readonly Measured[]
  /** Mutations that are come past while the modules and the tests are loaded. */
  readonly #whileLoading: string
  readonly #indices: ReadonlyMap<string, number>
  /** How often each test has killed a mutant of a module. */
  readonly #kills = new Map<string, Map<number, number>>()
  /** The tests that do not pass here without any mutation, and why. */
  readonly unfit: ReadonlyMap<string, string>

  readonly #budget: number

  private constructor(
    tests: readonly Measured[],
    whileLoading: string,
    unfit: ReadonlyMap<string, string>,
    budget: number,
  ) {
    this.#budget = budget
    this.#tests = tests
    this.#whileLoading = whileLoading
    this.#indices = new Map(tests.map(({ key, index }) => [key, index]))
    this.unfit = unfit
  }

  /**
   * Run them twice without any mutation: those that fail are not used.
   * @param only what their files or names contain; all of them where it is empty
   * @param isThorough whether a mutant is tried with all tests that come past it, however many these are
   */
  static async measure(workshop: Workshop, only: readonly string[], isThorough: boolean): Promise<Tests> {
    const worker = new WorkerProcess(workshop.startWith())
    const loaded = await worker.load()
    if (loaded === null) throw new Error('The tests cannot be loaded; POLVO_MUTANTS_DEBUG=1 shows why.')
    const rounds: Measured[][] = []
    const unfit = new Map<string, string>()
    for (let round = 0; round < 2; round++) {
      const measured: Measured[] = []
      const isWanted = (key: string) => only.length === 0 || only.some((text) => key.includes(text))
      const jobs = loaded.keys.flatMap((key, index): Job[] => (isWanted(key) ? [[index, 10_000]] : []))
      const ending = await worker.ask({ do: 'measure', jobs }, ({ job, ms, why, asked }) => {
        const [index] = jobs[job] as Job
        const [key, file] = [loaded.keys[index] as string, loaded.files[index] as string]
        if (why !== null) unfit.set(key, why)
        measured.push({ index, key, file, ms, asked })
      })
      if (ending.is !== 'through') throw new Error(`The tests end after '${measured.at(-1)?.key}'.`)
      rounds.push(measured)
    }
    worker.end()
    const [first = [], second = []] = rounds
    const fit = first.filter(({ key }) => !unfit.has(key))
    const again = new Map(second.map(({ index, ms }) => [index, ms]))
    const slower = fit.map((test) => ({ ...test, ms: Math.max(test.ms, again.get(test.index) ?? 0) }))
    return new Tests(slower, loaded.asked, unfit, isThorough ? Number.POSITIVE_INFINITY : BUDGET)
  }

  get count(): number {
    return this.#tests.length
  }

  isAskedWhileLoading(number: number): boolean {
    return this.#whileLoading.charCodeAt(number) === ASKED
  }

  noteKill(module: string, key: string): void {
    const index = this.#indices.get(key)
    if (index === undefined) return
    const kills = this.#kills.get(module) ?? new Map<number, number>()
    this.#kills.set(module, kills.set(index, (kills.get(index) ?? 0) + 1))
  }

  keyOf(index: number): string {
    return this.#tests.find((test) => test.index === index)?.key ?? '?'
  }

  /**
   * The tests that come past a mutation, those that are likely to kill it soon before the others.
   * @param numbers the mutation, or all of its module where it takes effect while that is loaded
   */
  jobsFor({ module }: Mutation, numbers: readonly number[], first: string | null): Job[] {
    const noun = basename(module)
    const kills = this.#kills.get(module)
    const firstIndex = first === null ? undefined : this.#indices.get(first)
    const rank = ({ index, file, ms }: Measured): number => {
      if (index === firstIndex) return -1
      const isOwn = basename(file).startsWith(noun)
      return (ms + 0.2) / (1 + 3 * (kills?.get(index) ?? 0) + (isOwn ? 3 : 0))
    }
    const ranked = this.#tests
      .filter(({ asked }) => numbers.some((number) => asked.charCodeAt(number) === ASKED))
      .map((test) => [rank(test), test] as const)
      .sort(([a], [b]) => a - b)
    const jobs: Job[] = []
    let spent = 0
    for (const [, { index, ms }] of ranked) {
      if (spent > this.#budget) break
      spent += ms
      jobs.push([index, limitOf(ms)])
    }
    return jobs
  }
}
