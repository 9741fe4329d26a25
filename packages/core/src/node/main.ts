/**
 * A program's entry: `run()` with what a process needs around it.
 *
 * | what happens             | what main does                                                                    |
 * |--------------------------|-----------------------------------------------------------------------------------|
 * | the target returns       | nothing more: the process ends when nothing keeps it alive                        |
 * | the target throws        | prints the error once, status 1                                                   |
 * | first SIGINT, SIGTERM    | cancels the main task; clean-up has 5 s, and 3 s more after a reminder            |
 * | second one               | prints which tasks refuse to stop, and where; exits at once                       |
 * | nothing is left to do    | the main task waits for what cannot come: prints for what, status 1               |
 *
 * After a signal the status is 128 + its number: 130, 143. A signal that the program handles itself (signals.ts) is none of
 * main's business.
 */
import process from 'node:process'
import { inspect } from 'node:util'
import type { Checked, Result, Startable } from '../coroutine/types.ts'
import { isCancelled } from '../errors.ts'
import { tasksOf } from '../tasks/create-task.ts'
import { Runner, type RunnerOptions } from '../tasks/runner.ts'
import { handlesSignal } from './signals.ts'

const STATUS = { SIGINT: 130, SIGTERM: 143 } as const
type Signal = keyof typeof STATUS
const SIGNALS = Object.keys(STATUS) as Signal[]

const CLEAN_UP_MS = 5_000
const AFTER_REMINDER_MS = 3_000
/** A process that was told to stop does not wait longer than this for handles that somebody forgot. */
const LINGER_MS = 1_000

/**
 * Run a program's main function: the first SIGINT or SIGTERM cancels it and lets its clean-up run (5,000 ms, and 3,000 more
 * after a reminder), a second one prints which tasks have not stopped and exits. After a signal the exit status is 130 or 143. An
 * error that comes out is printed once; without a signal the status is 1 then.
 *
 *     main(async () => { … })
 *
 * Returns a promise of its result, done when the tasks left behind have ended; undefined where it failed or was cancelled. The
 * promise never rejects.
 */
export function main<T>(target: Startable<T>, options?: RunnerOptions): Promise<T | undefined>
export function main<R>(fn: () => R & Checked<R>, options?: RunnerOptions): Promise<Result<R> | undefined>
export function main(target: unknown, options: RunnerOptions = {}): Promise<unknown> {
  return new Program(options).run(target as Startable<unknown>)
}

class Program {
  readonly #runner: Runner
  readonly #stop = new AbortController()
  #signal: Signal | null = null
  /** Keeps the process alive while clean-up and tasks left behind have their time: grace timers do not. */
  #keepAlive: NodeJS.Timeout | undefined

  constructor(options: RunnerOptions) {
    this.#runner = new Runner(options)
  }

  async run(target: Startable<unknown>): Promise<unknown> {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal)
    process.on('beforeExit', this.#onDeadlock)
    try {
      return await this.#runner.run(target, { signal: this.#stop.signal })
    } catch (error) {
      this.#reportError(error)
      return undefined
    } finally {
      if (Number.isFinite(this.#runner.getLoop().cancelGrace)) this.#stayAlive()
      await this.#runner.close()
      for (const signal of SIGNALS) process.off(signal, this.#onSignal)
      process.off('beforeExit', this.#onDeadlock)
      this.#leave()
    }
  }

  readonly #onSignal = (signal: Signal): void => {
    if (handlesSignal(this.#runner.getLoop(), signal)) return
    if (this.#signal !== null) return this.#giveUp(signal)
    this.#signal = signal
    const loop = this.#runner.getLoop()
    loop.cancelGrace = Math.min(loop.cancelGrace, CLEAN_UP_MS)
    loop._secondGrace = AFTER_REMINDER_MS
    this.#stayAlive()
    this.#stop.abort(signal)
  }

  #stayAlive(): void {
    this.#keepAlive ??= setInterval(() => {}, CLEAN_UP_MS)
  }

  #giveUp(signal: Signal): void {
    console.error(`\n[polvo] ${signal} again; these tasks have not stopped:\n${this.#tasks()}`)
    process.exit(STATUS[this.#signal ?? signal])
  }

  readonly #onDeadlock = (): void => {
    console.error(`[polvo] Nothing is left to do, but the program still waits:\n${this.#tasks()}`)
    process.exit(1)
  }

  #tasks(): string {
    const tasks = [...tasksOf(this.#runner.getLoop())]
    return tasks.map((task) => `  ${inspect(task)}`).join('\n')
  }

  #reportError(error: unknown): void {
    if (this.#signal !== null && isCancelled(error)) return
    console.error(error)
    process.exitCode = 1
  }

  #leave(): void {
    clearInterval(this.#keepAlive)
    if (this.#signal === null) return
    const status = STATUS[this.#signal]
    process.exitCode = status
    setTimeout(() => process.exit(status), LINGER_MS).unref()
  }
}
