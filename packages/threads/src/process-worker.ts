import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unpackError } from './arrived-error.ts'
import type { Reply, ToWorker, Uncaught } from './messages.ts'
import {
  execArgvFor,
  type PoolWorker,
  type WorkerListener,
  type WorkerOptions,
  workerProgram,
} from './pool-worker.ts'

/** A worker that is a process of its own. */
export class ProcessWorker implements PoolWorker {
  readonly description: string
  readonly #child: ChildProcess
  /**
   * A file with the number of the job that is cancelled: a process in a loop reads no messages, but it can read a
   * file.
   */
  readonly #flag = openNamelessFile()

  constructor(options: WorkerOptions, listener: WorkerListener) {
    const { memoryLimit, env } = options
    const execArgv = execArgvFor(options) ?? [...process.execArgv]
    if (memoryLimit !== null) execArgv.push(`--max-old-space-size=${memoryLimit}`)
    this.#child = fork(fileURLToPath(workerProgram('process')), {
      execArgv,
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', this.#flag],
      ...(env === null ? {} : { env }),
    })
    this.description = `process ${this.#child.pid ?? '(not started)'}`
    this.#listen(listener)
  }

  #listen(listener: WorkerListener): void {
    let failure: unknown
    const end = (exitCode: number | null, signal: string | null) => {
      if (!living.delete(this.#child)) return
      closeSync(this.#flag)
      listener.onEnd({ exitCode, signal, error: failure })
    }
    endWithThisProcess(this.#child)
    this.#child.on('message', (message: Reply | Uncaught) => {
      if (message.kind === 'uncaught') failure = unpackError(message.error)
      else listener.onReply(message)
    })
    this.#child.on('error', (error) => {
      failure = error
      if (this.#child.pid === undefined) end(null, null)
    })
    this.#child.on('exit', end)
  }

  post(message: ToWorker): void {
    // A process that has just ended reports that by itself; without a callback the failure to send would be thrown.
    this.#child.send(message, () => {})
  }

  setFlag(id: number): void {
    writeSync(this.#flag, new Int32Array([id]), 0, 4, 0)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  ref(): void {
    this.#child.ref()
    this.#child.channel?.ref()
  }

  unref(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }
}

/** A file that nobody else can open, and that is gone when both sides have closed it. */
function openNamelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'polvo-'))
  try {
    return openSync(join(folder, 'cancelled'), 'w+')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The processes that live: one in a loop would not notice that this process has ended. */
const living = new Set<ChildProcess>()
let isWatching = false

function endWithThisProcess(child: ChildProcess): void {
  living.add(child)
  if (isWatching) return
  isWatching = true
  process.on('exit', () => {
    for (const one of living) one.kill('SIGKILL')
  })
}
