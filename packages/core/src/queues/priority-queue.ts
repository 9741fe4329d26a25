import { misuse } from '../errors.ts'
import { checkFunction } from '../host/checks.ts'
import { brief } from '../host/inspect.ts'
import { Queue, type Store } from './queue.ts'

/** Negative where `a` comes first, positive where `b` does, 0 where it is all the same. */
export type Compare<T> = (a: T, b: T) => number

/**
 * As `Queue`, the smallest item first; equal ones in the order they were put. By default numbers, bigints, strings and dates
 * are compared as JavaScript does, and arrays field by field: `[priority, number, job]`. What cannot be compared is a TypeError
 * of `put`, which adds nothing then. asyncio's `PriorityQueue`.
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  constructor(maxsize = 0, compare: Compare<T> = compareItems) {
    checkFunction('PriorityQueue', 'a function that compares two items', compare)
    super(maxsize, new SmallestFirst(compare))
  }
}

interface Ranked<T> {
  readonly item: T
  /** When it was put, to keep equal items in order. */
  readonly number: number
}

/** A binary heap. All comparisons of a step come before its first change, so that one that fails changes nothing. */
class SmallestFirst<T> implements Store<T> {
  readonly #heap: Ranked<T>[] = []
  readonly #compare: Compare<T>
  #count = 0

  constructor(compare: Compare<T>) {
    this.#compare = compare
  }

  get length(): number {
    return this.#heap.length
  }

  #comesFirst(a: Ranked<T>, b: Ranked<T>): boolean {
    const order = this.#compare(a.item, b.item)
    return order < 0 || (order === 0 && a.number < b.number)
  }

  push(item: T): void {
    const heap = this.#heap
    const ranked = { item, number: this.#count++ }
    let place = heap.length
    while (place > 0 && this.#comesFirst(ranked, heap[parentOf(place)] as Ranked<T>)) place = parentOf(place)
    for (let i = heap.length; i > place; i = parentOf(i)) heap[i] = heap[parentOf(i)] as Ranked<T>
    heap[place] = ranked
  }

  take(): T {
    const heap = this.#heap
    const size = heap.length - 1
    const last = heap[size] as Ranked<T>
    let place = 0
    for (let next = this.#below(place, size, last); next !== place; next = this.#below(place, size, last))
      place = next
    let moving = last
    for (let i = place; ; i = parentOf(i)) {
      const lifted = heap[i] as Ranked<T>
      heap[i] = moving
      moving = lifted
      if (i === 0) break
    }
    heap.pop()
    return moving.item
  }

  /** The child of `place`, in a heap of `size`, that is to come before `ranked`; `place` itself where neither is. */
  #below(place: number, size: number, ranked: Ranked<T>): number {
    const heap = this.#heap
    const left = 2 * place + 1
    if (left >= size) return place
    const right = left + 1
    const isRightFirst = right < size && this.#comesFirst(heap[right] as Ranked<T>, heap[left] as Ranked<T>)
    const child = isRightFirst ? right : left
    return this.#comesFirst(heap[child] as Ranked<T>, ranked) ? child : place
  }
}

function parentOf(place: number): number {
  return (place - 1) >> 1
}

function compareItems(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compareItems(a[i], b[i])
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  if (!isComparable(a) || !isComparable(b)) {
    throw misuse(
      `A PriorityQueue does not know how to compare ${brief(a)} with ${brief(b)}. Give it a compare function, ` +
        'or put arrays that begin with what decides.',
    )
  }
  return a < b ? -1 : a > b ? 1 : 0
}

function isComparable(value: unknown): value is number {
  return ['number', 'bigint', 'string'].includes(typeof value) || value instanceof Date
}
