/**
 * What a kernel is: a small module under kernels/ that does one piece of work the way its library's users write it.
 * `sample.ts` (or `sample.py`) runs one of them in a process of its own; the sizes come from `rows.ts`, so that every
 * contestant of a row gets the same.
 */

/** How much work a batch is. One operation is counted for each repeat of each task. */
export interface Sizes {
  tasks: number
  repeats: number
  /** Calls between a task and the place where it suspends. */
  depth: number
  /** How many may be connected at once, where the work is I/O. */
  connections?: number
}

export interface TimedKernel {
  /** Do the work once; returns the operations that were seen to happen, which the sample checks. */
  batch(sizes: Sizes): Promise<number>
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

export type SampleKind = 'time' | 'once' | 'memory'

/** Nanoseconds per operation by the clock and of the CPU; bytes per task on the heap and of resident memory. */
export type Metric = 'wall' | 'cpu' | 'heap' | 'rss'

/** What one process found. */
export interface Sample {
  values: Partial<Record<Metric, number>>
  /** Nanoseconds per operation of each batch that was measured. */
  batches?: number[]
}
