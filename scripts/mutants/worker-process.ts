/** A worker as its parent sees it. It is ended, and started anew when it is needed, where a mutant has spoilt it. */
import { type ChildProcess, fork } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './modules.ts'
import type { Job, Report, Request, Start } from './worker.ts'

type ReportOf<K extends Report['is']> = Extract<Report, { is: K }>

/** How a request came to its end. */
export type Ending =
  | Extract<Report, { is: 'through' | 'killed' | 'survived' }>
  | { readonly is: 'lost'; readonly job: number }

/** How long loading may take, and by how much a test may exceed its limit before its process is ended, in milliseconds. */
const LOADING = 30_000
const OVERTIME = 1000

/** Those that run: a mutant that never ends would go on when its parent is gone. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

export class WorkerProcess {
  readonly #start: Start
  #child: ChildProcess | null = null
  #listener: (report: Report | null) => void = () => {}

  constructor(start: Start) {
    this.#start = start
  }

  /** Whether it has tried nothing yet. */
  isFresh = true

  /** Start it, where it is not running. Returns what it has loaded, null where it cannot be loaded. */
  async load(): Promise<ReportOf<'loaded'> | null> {
    const { promise, resolve } = Promise.withResolvers<ReportOf<'loaded'> | null>()
    const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(this.#start)], {
      cwd: ROOT,
      execArgv: ['--conditions=polvo-source', '--no-warnings', '--max-old-space-size=1000'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
      stdio: ['ignore', 'ignore', process.env.POLVO_MUTANTS_DEBUG ? 'inherit' : 'ignore', 'ipc'],
    })
    this.#child = child
    running.add(child)
    this.isFresh = true
    this.#listener = (report) => resolve(report?.is === 'loaded' ? report : null)
    child.on('message', (report: Report) => child === this.#child && this.#listener(report))
    child.on('exit', () => {
      running.delete(child)
      if (child !== this.#child) return
      this.#child = null
      this.#listener(null)
    })
    const timer = setTimeout(() => this.end(), LOADING)
    const loaded = await promise
    clearTimeout(timer)
    return loaded
  }

  get isRunning(): boolean {
    return this.#child !== null
  }

  /** Have it do something. Its process is ended where it hangs. */
  async ask(
    request: Request,
    onMeasured: (report: ReportOf<'measured'>) => void = () => {},
  ): Promise<Ending> {
    const { promise, resolve } = Promise.withResolvers<Ending>()
    const jobs: readonly Job[] = request.jobs
    let current = 0
    let timer: NodeJS.Timeout | undefined
    this.#listener = (report) => {
      if (report === null) return resolve({ is: 'lost', job: current })
      if (report.is === 'measured') return onMeasured(report)
      if (report.is === 'begun') {
        current = report.job
        clearTimeout(timer)
        // Twice: a test that fails runs once more.
        timer = setTimeout(() => this.end(), 2 * (jobs[current]?.[1] ?? 0) + OVERTIME)
        return
      }
      if (report.is !== 'loaded') resolve(report)
    }
    this.#child?.send(request)
    const ending = await promise
    clearTimeout(timer)
    this.isFresh = false
    return ending
  }

  end(): void {
    const child = this.#child
    if (child === null) return
    this.#child = null
    child.kill('SIGKILL')
    this.#listener(null)
  }
}
