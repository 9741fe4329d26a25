import type { Socket } from 'node:net'

/** One direction: hands bytes to a socket, at a pace if it has one, and says when its source has to wait. */
export class Flow {
  /** 0 is unlimited. Bytes that wait keep their order when it changes. */
  bytesPerSecond = 0
  readonly #to: Socket
  readonly #onDrain: () => void
  #queue: Buffer[] = []
  #flushed: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #due = 0

  constructor(to: Socket, onDrain: () => void) {
    this.#to = to
    this.#onDrain = onDrain
    to.on('drain', onDrain)
  }

  get blocked(): boolean {
    return this.#queue.length > 0 || this.#to.writableNeedDrain
  }

  write(bytes: Buffer): void {
    if (bytes.length === 0 || !this.#to.writable) return
    if (this.#queue.length === 0 && this.bytesPerSecond === 0) {
      this.#to.write(bytes)
      return
    }
    this.#queue.push(bytes)
    if (this.#timer === undefined) this.#pace()
  }

  /** Calls back when everything written so far was handed to the socket, at once if it was. */
  flushed(callback: () => void): void {
    if (this.#queue.length === 0) callback()
    else this.#flushed.push(callback)
  }

  /** Half-closes the socket behind what was written; a second call does nothing. */
  end(): void {
    this.flushed(() => this.#to.end())
  }

  destroy(): void {
    clearTimeout(this.#timer)
    this.#queue = []
    this.#flushed = []
  }

  /** Hands over ten milliseconds' worth once its time on the line is over; a late timer is caught up with. */
  #pace(): void {
    const first = this.#queue[0]!
    const rate = this.bytesPerSecond === 0 ? Number.POSITIVE_INFINITY : this.bytesPerSecond / 1000
    const length = Math.min(first.length, Math.ceil(rate * 10))
    const now = performance.now()
    this.#due = (now - this.#due < 20 ? this.#due : now) + length / rate
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#to.write(first.subarray(0, length))
        if (length < first.length) this.#queue[0] = first.subarray(length)
        else this.#queue.shift()
        if (this.#queue.length > 0) {
          this.#pace()
          return
        }
        for (const callback of this.#flushed.splice(0)) callback()
        this.#onDrain()
      },
      Math.max(0, this.#due - now),
    )
  }
}
