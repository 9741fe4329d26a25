/**
 * What a kernel is: a small module under kernels/ that does one piece of work the way its library's users write it.
 * `sample.ts` (or `sample.py`) runs one of them in a process of its own; the sizes come from `rows/`, so that every
 * contestant of a row gets the same.
 */

/** How much work a batch is. One operation is counted for each repeat of each task. */
export interface Sizes {
  tasks: number
  repeats: number
  /** Calls between a task and the place where it suspends. */
  depth: number
  /** How many batches warm up, where that is not the usual time: a whole driver is compiled later than a loop. */
  warmUps?: number
  /** How many may be connected at once, where the work is I/O. */
  connections?: number
  /** How many wait already, for what. */
  waiters?: number
  waitFor?: 'event' | 'lock' | 'queue'
  /** How many threads or processes a pool has, and which of them. */
  workers?: number
  areProcesses?: boolean
  /** What is asked for, over HTTP, and what the answer is. */
  path?: string
  answer?: string
}

/** Runs from the beginning of a batch to its end, but for what a kernel takes out. */
export interface Stopwatch {
  /** What follows is not to be measured: the work is only being set up, or taken down. */
  pause(): void
  resume(): void
}

export interface TimedKernel {
  /** Do the work once; returns the operations that were seen to happen, which the sample checks. */
  batch(sizes: Sizes, watch: Stopwatch): Promise<number>
}

export interface MemoryKernel {
  /**
   * Start `sizes.tasks` tasks, and call `whenAsleep` with the number of those that got as far as their sleep. It reads the
   * memory and ends the process.
   */
  hold(sizes: Sizes, whenAsleep: (asleep: number) => never): Promise<void>
}

/** Work that is done once in a process, because it is I/O, takes seconds, and is cold in real programs too. */
export interface OnceKernel {
  /** Start what is not to be measured, such as servers. */
  prepare(sizes: Sizes): Promise<{ run(): Promise<number>; close(): Promise<void> }>
}

/** A server: it echoes lines, or answers requests over HTTP. */
export interface ServerKernel {
  /** Listen on a port of 127.0.0.1, and call `whenListening` with it. Never ends; the process does. */
  serve(whenListening: (port: number) => void): Promise<unknown> | undefined
}

/** Tasks that keep the thread busy for ever, beside a server that wants it too. */
export interface BusyKernel {
  /** Start `sizes.tasks` busy tasks, and call `whenBusy` once all of them run. Never ends; the process does. */
  keepBusy(sizes: Sizes, whenBusy: () => void): Promise<void>
}

/**
 * How a kernel is sampled; `samples/` has a file for each. A kernel of a start-up or a bundle is a whole program, and
 * exports nothing to call.
 */
export type SampleKind =
  | 'time'
  | 'once'
  | 'memory'
  | 'latency'
  | 'serving'
  | 'requests'
  | 'startup'
  | 'bundle'

/**
 * Nanoseconds per operation by the clock and of the CPU; bytes per task on the heap and of resident memory, bytes of the
 * whole process at its peak; nanoseconds of
 * an answer, the median and the 99th percentile; bytes of a bundle, minified and gzipped.
 */
export type Metric = 'wall' | 'cpu' | 'heap' | 'rss' | 'peak' | 'p50' | 'p99' | 'gzip'

/** What one process found. */
export interface Sample {
  values: Partial<Record<Metric, number>>
  /** Nanoseconds per operation of each batch that was measured. */
  batches?: number[]
}
