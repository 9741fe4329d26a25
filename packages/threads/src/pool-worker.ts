/** What an executor needs of a worker, be it a thread or a process. */
import type { Transferable } from 'node:worker_threads'
import type { WorkerEnding } from './errors.ts'
import type { Reply, ToWorker } from './messages.ts'

export interface PoolWorker {
  /** What reports call it: `thread 3`, `process 4711`. */
  readonly description: string
  /** Send a message. Throws where it cannot be cloned; nothing is sent then. */
  post(message: ToWorker, transfers: readonly Transferable[]): void
  /** Let work that never awaits see that its job is cancelled. */
  setFlag(id: number): void
  /** End it, whatever it is at. */
  kill(): void
  /** Keep the program alive as long as this worker lives. */
  ref(): void
  unref(): void
}

/** Who hears of a worker. Nothing else comes after `onEnd`, which comes once. */
export interface WorkerListener {
  onReply(reply: Reply): void
  onEnd(ending: WorkerEnding): void
}

export interface WorkerOptions {
  /** How large the heap of a worker may grow, in megabytes. */
  readonly memoryLimit: number | null
  readonly execArgv: readonly string[] | null
  readonly env: NodeJS.ProcessEnv | null
}

const isSource = import.meta.url.endsWith('.ts')

/** The program of a worker, which lies beside this module: in the sources as in what is built of them. */
export function workerProgram(name: 'thread' | 'process'): URL {
  return new URL(`./worker/${name}.${isSource ? 'ts' : 'js'}`, import.meta.url)
}

/**
 * The options of Node for a worker; null leaves those of this process. Sources find the other packages' sources by a
 * condition.
 */
export function execArgvFor({ execArgv }: WorkerOptions): string[] | null {
  if (isSource) return [...(execArgv ?? []), '--conditions=polvo-source']
  return execArgv === null ? null : [...execArgv]
}
