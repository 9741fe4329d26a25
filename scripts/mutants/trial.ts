/** Tries one mutant after the other in a worker, and says what becomes of each. */
import type { Mutation } from './mutations.ts'
import type { Tests } from './tests.ts'
import type { Job } from './worker.ts'
import { WorkerProcess } from './worker-process.ts'
import type { Workshop } from './workshop.ts'

export type Fate = 'killed' | 'timeout' | 'survived' | 'uncovered'

export interface Verdict {
  readonly fate: Fate
  /** The test that told, and what it said. */
  readonly by?: string
  readonly why?: string
}

/** With so many tests, the likeliest to kill it, a survivor is tried in a worker of its own. */
const AGAIN = 150

export class Trial {
  readonly #workshop: Workshop
  readonly #tests: Tests
  readonly #worker: WorkerProcess

  constructor(workshop: Workshop, tests: Tests) {
    this.#workshop = workshop
    this.#tests = tests
    this.#worker = new WorkerProcess(workshop.startWith())
  }

  /** @param first a test to begin with */
  async verdictOn(mutation: Mutation, first: string | null): Promise<Verdict> {
    const number = this.#workshop.numbers.get(mutation) as number
    const jobs = this.#tests.jobsFor(mutation, [number], first)
    const verdict = await this.#tryInTurn(number, jobs)
    if (verdict.fate === 'killed' || verdict.fate === 'timeout') return verdict
    if (this.#tests.isAskedWhileLoading(number)) return this.#tryFromTheStart(number, this.#allOf(mutation))
    return jobs.length > 0 ? this.#tryFromTheStart(number, jobs.slice(0, AGAIN)) : verdict
  }

  #allOf(mutation: Mutation): Job[] {
    const { mutations, numbers } = this.#workshop
    const siblings = mutations.filter(({ module }) => module === mutation.module)
    return this.#tests.jobsFor(
      mutation,
      siblings.map((sibling) => numbers.get(sibling) as number),
      null,
    )
  }

  close(): void {
    this.#worker.end()
  }

  async #tryInTurn(mutant: number, jobs: readonly Job[]): Promise<Verdict> {
    if (jobs.length === 0) return { fate: 'uncovered' }
    for (let line = jobs; ; ) {
      if (!this.#worker.isRunning && (await this.#worker.load()) === null)
        throw new Error('A worker cannot be loaded.')
      const wasFresh = this.#worker.isFresh
      const ending = await this.#worker.ask({ do: 'try', mutant, jobs: line })
      if (ending.is === 'survived' || ending.is === 'through') return { fate: 'survived' }
      const job = line[ending.job] as Job
      const by = this.#tests.keyOf(job[0])
      if (ending.is === 'killed' && ending.isSound && !ending.why.startsWith('stray')) {
        return { fate: ending.isLate ? 'timeout' : 'killed', by, why: ending.why }
      }
      this.#worker.end()
      if (wasFresh) {
        if (ending.is === 'lost' || ending.isLate) return { fate: 'timeout', by }
        return { fate: 'killed', by, why: ending.why }
      }
      // An earlier mutant may have spoilt the worker: in a new one this test comes first.
      line = [job, ...line.filter((other) => other !== job)]
    }
  }

  /**
   * In a worker of its own, with the mutation on from the start: it may take effect while its module is loaded, or in what earlier
   * tests have left behind in a module.
   */
  async #tryFromTheStart(mutant: number, jobs: readonly Job[]): Promise<Verdict> {
    const worker = new WorkerProcess(this.#workshop.startWith(mutant))
    try {
      if ((await worker.load()) === null) return { fate: 'killed', why: 'it cannot be loaded' }
      const ending = await worker.ask({ do: 'try', mutant, jobs })
      if (ending.is === 'survived' || ending.is === 'through') return { fate: 'survived' }
      const job = jobs[ending.job] as Job
      if (!(await this.#passesAlone(job))) return { fate: 'survived' }
      const by = this.#tests.keyOf(job[0])
      if (ending.is === 'lost' || ending.isLate) return { fate: 'timeout', by }
      return { fate: 'killed', by, why: ending.why }
    } finally {
      worker.end()
    }
  }

  /** Whether a test passes in a new worker without any mutation. */
  async #passesAlone(job: Job): Promise<boolean> {
    const worker = new WorkerProcess(this.#workshop.startWith())
    try {
      if ((await worker.load()) === null) return false
      return (await worker.ask({ do: 'try', mutant: -1, jobs: [job] })).is === 'survived'
    } finally {
      worker.end()
    }
  }
}
