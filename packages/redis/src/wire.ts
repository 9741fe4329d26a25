/**
 * How the driver (ioredis) takes a command and answers it. It does the protocol: it connects and shakes hands, encodes, decodes,
 * knows sentinels, clusters and the shapes of replies. Its queue of what was sent is in the order of the wire, so each reply
 * finds its command, whatever has become of those who wait. Its promises, its reconnecting and its queue of what was not sent
 * yet are left alone: a promise cannot be taken back.
 *
 * This file and `endpoint.ts`, `cluster.ts`, `subscriber.ts` alone know of the driver.
 */
import { Command } from 'ioredis'
import { misuse } from 'polvo/lowlevel'
import { isReply, type ReplyError, replyError } from './errors.ts'

/** What a command is made of, as a program gives it. */
export type Argument = unknown

/** Whoever sent a command, and is told what becomes of it; one of the three, once. */
export interface Owner {
  /** The reply as it came; `sent.shape()` gives it the shape that programs know. */
  _answered(reply: unknown, sent: Sent): void
  /** The server answered with an error. */
  _refusedBy(error: ReplyError): void
  /** The connection was lost, and there will be no answer. */
  _lost(cause: unknown, sent: Sent): void
}

interface DriverOptions {
  replyEncoding: 'utf8' | null
  keyPrefix: string
}

/** The part of the driver's Command that is built upon. A test of each command's shape fails when that changes. */
interface DriverCommand {
  name: string
  args: unknown[]
  isTraced: boolean
  isResolved: boolean
  isSettled: boolean
  transformed: boolean
  stringifyArguments(): void
  toWritable(socket: object): string | Buffer
  transformReply(reply: unknown): unknown
  getSlot(): number | null
}

interface DriverCommandClass {
  new (name: string, args: readonly Argument[], options: DriverOptions): DriverCommand
  readonly _transformer: { readonly argument: Readonly<Record<string, (args: unknown[]) => unknown[]>> }
}

const DriverCommand = Command as unknown as DriverCommandClass

/** Replies as strings, or as bytes. */
export type Encoding = 'utf8' | null

/** A command on its way: what the driver puts in its queue, with an owner in place of a promise. */
export class Sent extends DriverCommand {
  /** Who waits for the answer; null where nobody does any more, and the answer is dropped when it comes. */
  owner: Owner | null
  /** It was encoded, and is on the wire or about to be. */
  isWritten: boolean

  /** @throws TypeError for an argument that cannot be sent */
  constructor(owner: Owner, name: string, args: readonly Argument[], encoding: Encoding, keyPrefix: string) {
    checkArguments(name, args)
    super(name, args, { replyEncoding: encoding, keyPrefix })
    this.owner = owner
    this.isWritten = false
    // Else the driver asks for a promise to trace.
    this.isTraced = true
  }

  /** The driver calls this when the command is made. Its own would make a promise. */
  initPromise(): void {
    this.transformed = true
    const transform = DriverCommand._transformer.argument[this.name]
    if (transform !== undefined) this.args = transform(this.args)
    this.stringifyArguments()
  }

  override toWritable(socket: object): string | Buffer {
    this.isWritten = true
    return super.toWritable(socket)
  }

  /** The reply in the shape that programs know. */
  shape(reply: unknown): unknown {
    return this.transformReply(reply)
  }

  /** Where in a cluster its key lies; null where it has none. */
  slotOfKey(): number | null {
    return this.getSlot()
  }

  /** What the driver calls with the reply. */
  resolve(reply: unknown): void {
    this.isResolved = this.isSettled = true
    const owner = this.owner
    this.owner = null
    owner?._answered(reply, this)
  }

  /** What the driver calls where there is no reply. */
  reject(error: Error): void {
    this.isSettled = true
    const owner = this.owner
    this.owner = null
    if (owner === null) return
    if (isReply(error)) owner._refusedBy(replyError(this.name, error))
    else owner._lost(error, this)
  }
}

function checkArguments(name: string, args: readonly Argument[]): void {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (arg !== undefined && arg !== null && typeof arg !== 'function' && typeof arg !== 'symbol') continue
    const advice =
      typeof arg === 'function'
        ? 'Commands take no callback: await them.'
        : 'Give a string, number or Buffer.'
    throw misuse(`${name}: argument ${i + 1} is ${arg === null ? 'null' : typeof arg}. ${advice}`)
  }
}

/** Where the driver writes commands, so that many go out in one piece. */
export class Outbound {
  /** What the driver knows it by. */
  readonly isPipeline = true
  /** Where the driver looks for the socket. */
  destination: { redis: { stream: object } } = { redis: { stream: {} } }
  #text = ''
  #parts: Buffer[] = []
  #size = 0

  /** Roughly how many bytes it holds. */
  get size(): number {
    return this.#size
  }

  write(data: string | Buffer): void {
    this.#size += data.length
    if (typeof data === 'string') {
      this.#text += data
      return
    }
    this.#endText()
    this.#parts.push(data)
  }

  /** All that was written since the last time. */
  take(): string | Buffer {
    this.#size = 0
    if (this.#parts.length === 0) {
      const text = this.#text
      this.#text = ''
      return text
    }
    this.#endText()
    return Buffer.concat(this.#parts.splice(0))
  }

  #endText(): void {
    if (this.#text === '') return
    this.#parts.push(Buffer.from(this.#text))
    this.#text = ''
  }
}
