/**
 * The timers of a loop, in buckets of one millisecond: adding and removing are O(1), and a thousand timers of one
 * millisecond cost one step in the heap of buckets.
 *
 * Invariant: timers come out by deadline, and those of equal deadlines in the order they were added (CPython leaves that
 * open), never before their deadline. A bucket outlives its timers until its time comes, so that arming and cancelling
 * the same timeout again and again touches no heap.
 */
import { type Linked, LinkedList, unlink } from './linked-list.ts'

export interface TimerEntry extends Linked {
  /** @internal */ readonly _when: number
}

class Bucket<T extends TimerEntry> extends LinkedList<T> {
  readonly tick: number
  /** Whether a timer was added behind one with a later deadline. */
  shuffled = false

  constructor(tick: number) {
    super()
    this.tick = tick
  }

  add(timer: T): void {
    const { last } = this
    if (last !== null && last._when > timer._when) this.shuffled = true
    this.push(timer)
  }

  sort(): void {
    if (!this.shuffled) return
    this.shuffled = false
    const timers: T[] = []
    this.forEach((timer) => {
      unlink(timer)
      timers.push(timer)
    })
    timers.sort((a, b) => a._when - b._when)
    for (const timer of timers) this.push(timer)
  }
}

export class Timers<T extends TimerEntry> {
  readonly #buckets = new Map<number, Bucket<T>>()
  /** Ticks of the buckets, as a binary heap. */
  readonly #ticks: number[] = []
  #size = 0

  /** How many timers are waiting. */
  get size(): number {
    return this.#size
  }

  add(timer: T): void {
    const tick = Math.floor(timer._when)
    let bucket = this.#buckets.get(tick)
    if (bucket === undefined) {
      bucket = new Bucket(tick)
      this.#buckets.set(tick, bucket)
      pushTick(this.#ticks, tick)
    }
    bucket.add(timer)
    this.#size++
  }

  /** Take a waiting timer out. */
  remove(timer: T): void {
    unlink(timer)
    this.#size--
  }

  /** The earliest deadline; Infinity where there is none. */
  nextDeadline(): number {
    for (;;) {
      const bucket = this.#firstBucket()
      if (bucket === undefined) return Number.POSITIVE_INFINITY
      bucket.sort()
      const { first } = bucket
      if (first !== null) return first._when
      this.#dropFirstBucket()
    }
  }

  /** Hand every timer whose deadline is `now` or earlier to `take`, in order. */
  takeDue(now: number, take: (timer: T) => void): void {
    for (let bucket = this.#firstBucket(); bucket !== undefined && bucket.tick <= now; ) {
      bucket.sort()
      for (let timer = bucket.first; timer !== null; timer = bucket.first) {
        if (timer._when > now) return
        this.remove(timer)
        take(timer)
      }
      this.#dropFirstBucket()
      bucket = this.#firstBucket()
    }
  }

  #firstBucket(): Bucket<T> | undefined {
    const [tick] = this.#ticks
    return tick === undefined ? undefined : this.#buckets.get(tick)
  }

  #dropFirstBucket(): void {
    this.#buckets.delete(popTick(this.#ticks))
  }
}

function pushTick(heap: number[], tick: number): void {
  let i = heap.length
  while (i > 0) {
    const parent = (i - 1) >> 1
    const above = heap[parent] as number
    if (above <= tick) break
    heap[i] = above
    i = parent
  }
  heap[i] = tick
}

/** Take the smallest tick out of a heap that is not empty. */
function popTick(heap: number[]): number {
  const top = heap[0] as number
  const tick = heap.pop() as number
  const size = heap.length
  if (size === 0) return top
  let i = 0
  for (;;) {
    let child = 2 * i + 1
    if (child >= size) break
    if (child + 1 < size && (heap[child + 1] as number) < (heap[child] as number)) child++
    const below = heap[child] as number
    if (below >= tick) break
    heap[i] = below
    i = child
  }
  heap[i] = tick
  return top
}
