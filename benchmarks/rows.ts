/**
 * The rows of the benchmark: what each does, how much of it, and who takes part. A contestant's kernel is
 * `kernels/<family>.<id>.ts`, or `.py` for CPython, where it does not say otherwise.
 */
import type { Row } from './row.ts'
import { growthRows } from './rows/growth.ts'
import { httpClientRows } from './rows/http-client.ts'
import { ioRows } from './rows/io.ts'
import { memoryRows } from './rows/memory.ts'
import { packageRows } from './rows/package.ts'
import { postgresRows } from './rows/postgres.ts'
import { queueRows } from './rows/queues.ts'
import { redisRows } from './rows/redis.ts'
import { taskRows } from './rows/tasks.ts'
import { timerRows } from './rows/timers.ts'
import { workerRows } from './rows/workers.ts'

export const rows: readonly Row[] = [
  ...taskRows,
  ...timerRows,
  ...queueRows,
  ...memoryRows,
  ...growthRows,
  ...packageRows,
  ...ioRows,
  ...redisRows,
  ...httpClientRows,
  ...workerRows,
  ...postgresRows,
]
