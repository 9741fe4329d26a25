/** Where a streamed body is written to: the connection, or a compressor before it. */
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { type Awaitable, type Coroutine, Future } from 'polvo'
import { misuse, namedCall } from 'polvo/lowlevel'
import { showKind } from './describe.ts'
import { ClientDisconnected } from './http-error.ts'

/** What can be written of a body. */
export type Chunk = string | Uint8Array

/** Writes a response's body piece by piece, no faster than the client takes it. */
export class ResponseWriter {
  readonly #outgoing: ServerResponse
  readonly #target: Writable

  /** @internal */
  constructor(outgoing: ServerResponse, target: Writable = outgoing) {
    this.#outgoing = outgoing
    this.#target = target
  }

  /**
   * Write a piece of the body. Waits while the client is slower than the writer; else it is no checkpoint.
   * @throws ClientDisconnected where the client has gone away, TypeError for anything but a string or bytes
   */
  write(chunk: Chunk): Awaitable<void> {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) {
      throw misuse(`write() takes a string or bytes, and was given ${showKind(chunk)}.`)
    }
    return namedCall('writer.write()', writeChunk, this, chunk)
  }

  /** @internal */
  *_write(chunk: Chunk): Coroutine {
    if (this.#isGone) throw gone()
    if (this.#target.write(chunk)) return
    yield* this._drained()
  }

  /** @internal */
  *_drained(): Coroutine {
    while (this.#target.writableNeedDrain) {
      if (this.#isGone) throw gone()
      yield* nextEvent(this.#target, this.#outgoing)
    }
  }

  /** @internal Write what is of little worth: not to a client that is behind already. */
  _writeIfRoom(chunk: Chunk): void {
    if (!this.#isGone && !this.#target.writableNeedDrain) this.#target.write(chunk)
  }

  /** @internal */
  *_end(): Coroutine {
    if (this.#isGone) throw gone()
    this.#target.end()
    if (this.#target === this.#outgoing) return
    while (!this.#outgoing.writableEnded) {
      if (this.#isGone) throw gone()
      yield* nextEvent(this.#target, this.#outgoing)
    }
  }

  get #isGone(): boolean {
    return this.#outgoing.destroyed
  }
}

function* writeChunk(writer: ResponseWriter, chunk: Chunk): Coroutine {
  yield* writer._write(chunk)
}

function gone(): ClientDisconnected {
  return new ClientDisconnected('The response was not sent to its end')
}

/** Wait until there is room again, or the connection is closed. */
function* nextEvent(target: Writable, outgoing: ServerResponse): Coroutine {
  const event = new Future<void>()
  const wake = () => {
    if (!event.done()) event.setResult()
  }
  target.once('drain', wake)
  outgoing.once('finish', wake)
  outgoing.once('close', wake)
  try {
    yield* event
  } finally {
    target.off('drain', wake)
    outgoing.off('finish', wake)
    outgoing.off('close', wake)
  }
}
