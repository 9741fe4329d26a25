/**
 * A request body that is streamed: a task goes through the source, only as fast as the server takes it. It is
 * a task of its own in the context of the one that sends, so that code of the source may await, finds its
 * context, and can be cancelled.
 */
import { Readable } from 'node:stream'
import { type Coroutine, call, createTask, type Task } from 'polvo'
import { misuse, runDetached } from 'polvo/lowlevel'
import { WakeUp } from '../wake-up.ts'
import { type Chunks, type OpenSource, openSource } from './sources.ts'

export class Upload extends Readable {
  /**
   * Called with what the source throws, or with null when its task is cancelled; not once this was destroyed.
   */
  onFailure: (error: unknown) => void = () => {}
  readonly #demand = new WakeUp()
  readonly #task: Task<void>
  readonly #source: OpenSource
  #isWanted = false

  constructor(source: Chunks) {
    super({ highWaterMark: 65_536 })
    this.#source = openSource(source)
    this.#task = createTask({ name: 'upload' }, feed, this, this.#source.chunks)
    this.#task.addDoneCallback((task) => {
      const error = task.cancelled() ? null : task.exception()
      const hasEnded = error === null && !task.cancelled()
      if (!hasEnded && !this.destroyed) this.onFailure(error)
    })
  }

  /** @internal Wait until more is wanted. */
  *_wanted(): Coroutine {
    while (!this.#isWanted) yield* this.#demand.wait()
  }

  /** @internal Returns whether more is wanted. */
  _give(chunk: Buffer | null): boolean {
    this.#isWanted = false
    if (runDetached(pushTo, this, chunk)) this.#isWanted = true
    return this.#isWanted
  }

  override _read(): void {
    this.#isWanted = true
    this.#demand.wake()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.#task.done()) {
      this.#task.cancel('the request is over')
      this.#source.abandon()
    }
    callback(error)
  }
}

function pushTo(upload: Upload, chunk: Buffer | null): boolean {
  return upload.push(chunk)
}

/**
 * In the async spelling, since it is the one that gives the awaits of a foreign async generator to this task.
 */
async function feed(upload: Upload, source: OpenSource['chunks']): Promise<void> {
  await call(wanted, upload)
  for await (const chunk of source) {
    const bytes = bytesOf(chunk)
    if (bytes.length > 0 && !upload._give(bytes)) await call(wanted, upload)
  }
  upload._give(null)
}

function* wanted(upload: Upload): Coroutine {
  yield* upload._wanted()
}

/** A chunk as a Buffer, not copied. @throws TypeError where it is none */
export function bytesOf(chunk: unknown): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (ArrayBuffer.isView(chunk)) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer) return Buffer.from(chunk)
  throw misuse(`A streamed body gives Uint8Array or string chunks, and gave ${describe(chunk)}.`)
}

/** A value of the wrong kind, in a word. */
export function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : `a ${typeof value}`
  return Array.isArray(value) ? 'an array' : `a ${value.constructor?.name ?? 'plain object'}`
}
