/** A file that is open for reading. It is closed once, and not before a read that is under way has come back. */
import { type BigIntStats, close, constants, fstat, open, read } from 'node:fs'
import { type Coroutine, fromCallback } from 'polvo'

export class OpenFile {
  readonly #fd: number
  readonly stats: BigIntStats
  #isReading = false
  #isClosed = false

  private constructor(fd: number, stats: BigIntStats) {
    this.#fd = fd
    this.stats = stats
  }

  /** Open what is a file; null where there is none. @throws the system's error, with its `code`, for other reasons */
  static *open(path: string): Coroutine<OpenFile | null> {
    const fd = yield* openQuietly(path)
    if (fd === null) return null
    let isFile = false
    try {
      const stats = yield* fromCallback<BigIntStats>((done) => fstat(fd, { bigint: true }, done))
      isFile = stats.isFile()
      return isFile ? new OpenFile(fd, stats) : null
    } finally {
      if (!isFile) close(fd)
    }
  }

  get size(): number {
    return Number(this.stats.size)
  }

  /** The next bytes from `position` on; empty at the end. */
  *read(position: number, length: number): Coroutine<Buffer> {
    const buffer = Buffer.allocUnsafe(length)
    this.#isReading = true
    const count = yield* fromCallback<number>((done) => {
      read(this.#fd, buffer, 0, length, position, (error, bytesRead) => {
        this.#isReading = false
        if (this.#isClosed) close(this.#fd)
        done(error, bytesRead)
      })
    })
    return buffer.subarray(0, count)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (!this.#isReading) close(this.#fd)
  }
}

const NONBLOCK = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EISDIR', 'ELOOP', 'EACCES', 'ENXIO'])

/** Whether an error of the system says that there is nothing to be read. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has(String((error as { code?: unknown } | null)?.code))
}

/** A cancelled open is closed when it comes back. */
function* openQuietly(path: string): Coroutine<number | null> {
  let isCancelled = false
  try {
    return yield* fromCallback<number>((done) => {
      // Without NONBLOCK, opening a named pipe would wait for a writer, and hold a thread of Node's pool.
      open(path, NONBLOCK, (error, fd) => {
        if (isCancelled && error === null) close(fd)
        else done(error, fd)
      })
      return () => {
        isCancelled = true
      }
    })
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}
