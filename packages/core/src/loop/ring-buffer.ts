/** A first-in, first-out buffer that doubles when full. Its capacity is always a power of two. */
export class RingBuffer<T> {
  #slots: (T | undefined)[]
  #mask: number
  #head = 0
  #tail = 0

  /** @param capacity to begin with; a power of two */
  constructor(capacity: number) {
    this.#slots = new Array<T | undefined>(capacity).fill(undefined)
    this.#mask = capacity - 1
  }

  get length(): number {
    return (this.#tail - this.#head) & this.#mask
  }

  push(entry: T): void {
    this.#slots[this.#tail] = entry
    this.#tail = (this.#tail + 1) & this.#mask
    if (this.#tail === this.#head) this.grow()
  }

  /** The first entry. Only while there is one. */
  peek(): T {
    return this.#slots[this.#head] as T
  }

  /** Take the first entry out. Only while there is one. */
  drop(): void {
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & this.#mask
  }

  private grow(): void {
    const old = this.#slots
    const size = old.length
    const slots = new Array<T | undefined>(size * 2).fill(undefined)
    for (let i = 0; i < size; i++) slots[i] = old[(this.#head + i) & this.#mask] as T
    this.#slots = slots
    this.#mask = size * 2 - 1
    this.#head = 0
    this.#tail = size
  }
}
