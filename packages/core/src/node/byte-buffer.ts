/**
 * The bytes that have arrived at a reader and that nobody has taken, in one piece of memory, so that one search finds a
 * separator.
 *
 * A chunk that finds the buffer empty is adopted as it is: lines that come whole are never copied. Any other is appended, into
 * memory that at least doubles when it is full, so that a byte is copied a few times at most, however small the chunks are.
 *
 * Never move bytes within a piece of memory: what `take` gave out looks into it.
 */
const NOTHING = Buffer.alloc(0)
const SMALLEST_GROWTH = 256

export class ByteBuffer {
  #memory: Buffer = NOTHING
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  append(chunk: Uint8Array): void {
    if (this.#start === this.#end) {
      this.#memory = asBuffer(chunk)
      this.#start = 0
      this.#end = chunk.length
      return
    }
    if (this.#end + chunk.length > this.#memory.length) this.#grow(chunk.length)
    this.#memory.set(chunk, this.#end)
    this.#end += chunk.length
  }

  #grow(by: number): void {
    const { length } = this
    const memory = Buffer.allocUnsafe(Math.max(2 * length, length + by, SMALLEST_GROWTH))
    memory.set(this.#memory.subarray(this.#start, this.#end))
    this.#memory = memory
    this.#start = 0
    this.#end = length
  }

  /** Where `bytes` begin, counted from the first byte here; -1 where they are not found at or behind `from`. */
  find(bytes: Buffer, from: number): number {
    const wanted = bytes.length === 1 ? (bytes[0] as number) : bytes
    if (this.#end === this.#memory.length) {
      const index = this.#memory.indexOf(wanted, this.#start + from)
      return index < 0 ? -1 : index - this.#start
    }
    const index = this.#memory.subarray(this.#start + from, this.#end).indexOf(wanted)
    return index < 0 ? -1 : index + from
  }

  /** The first `count` bytes, or all where there are fewer, and leave them here. */
  peek(count: number = this.length): Buffer {
    const end = Math.min(this.#start + count, this.#end)
    if (this.#start === 0 && end === this.#memory.length) return this.#memory
    return this.#memory.subarray(this.#start, end)
  }

  /** As `peek`, but they leave. */
  take(count: number = this.length): Buffer {
    const taken = this.peek(count)
    this.#start += taken.length
    if (this.#start === this.#end) this.#forget()
    return taken
  }

  /** Without a hold on its memory: what was taken may be small, and kept. */
  #forget(): void {
    this.#memory = NOTHING
    this.#start = this.#end = 0
  }
}

/** As a Buffer, without copying. */
function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
