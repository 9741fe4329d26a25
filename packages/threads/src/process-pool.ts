import { PoolExecutor, type PoolOptions } from './pool-executor.ts'
import { ProcessWorker } from './process-worker.ts'

/**
 * Runs work in processes of their own: for native code that may crash, for work that changes what a process has one
 * of (its working directory, its `process.env`), or that must be killed without a trace. In all else threads cost
 * less.
 *
 *     await using pool = new ProcessPoolExecutor({ maxWorkers: 4, memoryLimit: 512 })
 *     const isPrime = await pool.submit(work.isPrime, n)
 *
 * Arguments and results are copied through a pipe; nothing is shared or moved.
 */
export class ProcessPoolExecutor extends PoolExecutor {
  constructor(options: PoolOptions = {}) {
    super((forWorker, listener) => new ProcessWorker(forWorker, listener), options)
  }
}
