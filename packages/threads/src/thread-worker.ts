import { type Transferable, Worker } from 'node:worker_threads'
import type { ToWorker } from './messages.ts'
import {
  execArgvFor,
  type PoolWorker,
  type WorkerListener,
  type WorkerOptions,
  workerProgram,
} from './pool-worker.ts'

/** A worker that is a thread of this process. */
export class ThreadWorker implements PoolWorker {
  readonly description: string
  readonly #thread: Worker
  /** Memory that the thread shares: the number of the job that is cancelled, and how many messages were sent. */
  readonly #cells = new Int32Array(new SharedArrayBuffer(8))

  constructor(options: WorkerOptions, listener: WorkerListener) {
    const { memoryLimit, env } = options
    const execArgv = execArgvFor(options)
    this.#thread = new Worker(workerProgram('thread'), {
      workerData: { cells: this.#cells },
      ...(execArgv === null ? {} : { execArgv }),
      ...(env === null ? {} : { env }),
      ...(memoryLimit === null ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryLimit } }),
    })
    this.description = `thread ${this.#thread.threadId}`
    this.#listen(listener)
  }

  #listen(listener: WorkerListener): void {
    let uncaught: unknown
    this.#thread.on('message', (reply) => listener.onReply(reply))
    this.#thread.on('messageerror', (error) => {
      uncaught = error
      this.kill()
    })
    this.#thread.on('error', (error) => {
      uncaught = error
    })
    this.#thread.on('exit', (exitCode) => listener.onEnd({ exitCode, signal: null, error: uncaught }))
  }

  post(message: ToWorker, transfers: readonly Transferable[]): void {
    this.#thread.postMessage(message, transfers)
    Atomics.add(this.#cells, 1, 1)
    Atomics.notify(this.#cells, 1)
  }

  setFlag(id: number): void {
    Atomics.store(this.#cells, 0, id)
  }

  kill(): void {
    void this.#thread.terminate()
  }

  ref(): void {
    this.#thread.ref()
  }

  unref(): void {
    this.#thread.unref()
  }
}
