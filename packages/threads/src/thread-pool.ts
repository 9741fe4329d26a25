import { PoolExecutor, type PoolOptions } from './pool-executor.ts'
import { ThreadWorker } from './thread-worker.ts'

/**
 * Runs work in threads of this process, each on a core of its own where there are enough.
 *
 *     await using pool = new ThreadPoolExecutor({ maxWorkers: 4 })
 *     const digest = await pool.submit(work.hash, data)
 *
 * A thread takes some 30 ms to start and 10 MB or more. Arguments and results are cloned, or moved by `transfer`; a
 * SharedArrayBuffer is shared.
 */
export class ThreadPoolExecutor extends PoolExecutor {
  constructor(options: PoolOptions = {}) {
    super((forWorker, listener) => new ThreadWorker(forWorker, listener), options)
  }
}
