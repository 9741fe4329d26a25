/**
 * A connection: a socket, with a reader and a writer that hear of what happens to it. All sockets keep their writing direction
 * open when the peer ends its own, and send at once what is written.
 */

import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Coroutine } from '../coroutine/types.ts'
import { BrokenResource, InvalidStateError, isCancelled } from '../errors.ts'
import { StreamReader } from './stream-reader.ts'
import { StreamWriter, type Upgrade } from './stream-writer.ts'
import { secureAsClient, secureAsServer, type TlsOptions, type TlsServerOptions } from './tls.ts'

/** What every socket is made with. */
export const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true } as const

/** Its two ends. As a resource it is closed at the end, once what was written is sent. */
export type Connection = readonly [reader: StreamReader, writer: StreamWriter] & AsyncDisposable

/** Give a socket its two ends, in the very moment it is made, so that they miss nothing. */
export function connectionOf(socket: Socket, isAccepted: boolean, limit: number | undefined): Connection {
  const streams = new SocketStreams(socket, isAccepted, limit)
  const { reader, writer } = streams
  return Object.assign([reader, writer] as const, {
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  })
}

class SocketStreams implements Upgrade {
  readonly reader: StreamReader
  readonly writer: StreamWriter
  #socket: Socket
  #stopFeeding: () => void
  readonly #isAccepted: boolean

  constructor(socket: Socket, isAccepted: boolean, limit: number | undefined) {
    this.#socket = socket
    this.#isAccepted = isAccepted
    this.reader = new StreamReader({ limit })
    this.writer = new StreamWriter(socket, this)
    this.#stopFeeding = feedFrom(socket, this.reader)
  }

  *startTls(options: TlsOptions | TlsServerOptions): Coroutine {
    const { reader } = this
    const socket = this.#socket
    if (reader._isBeingRead) throw new InvalidStateError('startTls() was called while a task reads.')
    if (reader._isOver)
      throw new InvalidStateError('startTls() was called after the peer has ended the stream.')
    this.#stopFeeding()
    socket.pause()
    const early = reader._bytes.take()
    if (early.length > 0) socket.unshift(early)
    const secureBy = this.#isAccepted ? secureAsServer : secureAsClient
    let secure: Socket | null = null
    try {
      secure = yield* secureBy(socket, options as TlsOptions & TlsServerOptions)
    } catch (error) {
      reader.setException(isCancelled(error) ? new BrokenResource('startTls() was cancelled.') : error)
      throw error
    } finally {
      if (secure !== null) this.#goOnWith(secure)
    }
  }

  #goOnWith(secure: Socket): void {
    this.writer._detach()
    this.writer._attach(secure)
    this.#socket = secure
    this.#stopFeeding = feedFrom(secure, this.reader)
  }
}

/** Feed a reader with what comes from a socket or pipe, until the function that is returned is called. */
export function feedFrom(source: Readable, reader: StreamReader): () => void {
  const listeners = {
    data: (chunk: Buffer) => reader.feedData(chunk),
    end: () => reader.feedEof(),
    error: (error: unknown) => reader.setException(error),
    close: () => reader.feedEof(),
  }
  const names = Object.keys(listeners) as (keyof typeof listeners)[]
  for (const name of names) source.on(name, listeners[name])
  reader._setSource(source)
  if (source.closed) reader.feedEof()
  const stopShortCut = takeShortCut(source, reader)
  return () => {
    stopShortCut()
    for (const name of names) source.off(name, listeners[name])
    reader._setSource(null)
  }
}

/**
 * Take chunks where a socket hands them to its own stream. What lies between, `push` and the event `data`, costs a tick of Node's for
 * each chunk. What comes while the stream is paused or holds something, and its end, go the usual way; so does everything, should
 * sockets not call their `push` any more. Only for sockets: others read on when their `push` has told them to.
 */
function takeShortCut(source: Readable, reader: StreamReader): () => void {
  if (!(source instanceof Socket)) return () => {}
  const { push } = source
  source.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null || source.readableFlowing !== true || source.readableLength > 0) {
      return push.call(source, chunk, encoding)
    }
    reader.feedData(chunk)
    return true
  }
  return () => {
    source.push = push
  }
}
