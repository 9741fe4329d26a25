/**
 * Several commands that go out in one piece and are awaited as one: a pipeline, or a transaction of the server (MULTI, EXEC).
 * The body of the call records them; what it returns says whose results are wanted.
 */
import { misuse } from 'polvo/lowlevel'
import { type BatchCommands, Commander } from './commander.ts'
import { type ReplyError, replyError } from './errors.ts'
import { inspectOf } from './inspect.ts'
import type { Script } from './script.ts'
import { type Argument, type Encoding, Sent } from './wire.ts'

/** A command of a batch: a place for its result. The body of the batch returns those whose results are wanted. */
export class Queued<T> {
  /** Keeps the type of the result. */
  declare private readonly type: T
  /** @internal */
  readonly _name: string
  private readonly args: readonly Argument[]
  private readonly encoding: Encoding
  private batch: Round | null = null
  /** @internal */
  _sent: Sent | null = null
  /** @internal */
  _value: unknown = undefined
  /** @internal */
  _error: unknown = null

  /** @internal */
  constructor(name: string, args: readonly Argument[], encoding: Encoding) {
    this._name = name
    this.args = args
    this.encoding = encoding
  }

  /** @internal */
  _prepare(batch: Round, keyPrefix: string): Sent {
    this.batch = batch
    this._error = null
    this._sent = new Sent(this, this._name, this.args, this.encoding, keyPrefix)
    return this._sent
  }

  /** @internal */
  _answered(reply: unknown, sent: Sent): void {
    const batch = this.batch as Round
    // In a transaction this says QUEUED, and EXEC has the results.
    if (!batch.isTransaction) this._take(reply, sent)
    batch.settle(true)
  }

  /** @internal */
  _take(reply: unknown, sent: Sent): void {
    try {
      if (reply instanceof Error) this._error = replyError(this._name, reply)
      else this._value = sent.shape(reply)
    } catch (error) {
      this._error = error
    }
  }

  /** @internal */
  _refusedBy(error: ReplyError): void {
    const batch = this.batch as Round
    this._error = error
    batch.settle(true)
  }

  /** @internal */
  _lost(cause: unknown, sent: Sent): void {
    const batch = this.batch as Round
    this._error = batch.lost(this._name, cause)
    batch.settle(sent.isWritten)
  }
}

/** The commands of Redis, recorded in place of being sent. What the body of a batch is given. */
export interface Batch extends BatchCommands {}

/** The commands of Redis, recorded in place of being sent. What the body of a batch is given. */
export class Batch extends Commander {
  /** @internal */
  readonly _queue: Queued<unknown>[] = []

  /** @internal */
  override _command(name: string, args: readonly Argument[], encoding: Encoding): Queued<unknown> {
    const queued = new Queued(name, args, encoding)
    this._queue.push(queued)
    return queued
  }

  /** As `client.runScript()`. The whole script is sent, since nobody can send it later where it is missing. */
  runScript<T>(
    script: Script<T>,
    keys: readonly (string | Buffer)[],
    args: readonly (string | Buffer | number)[] = [],
  ): Queued<T> {
    return this._command('eval', [script.lua, keys.length, ...keys, ...args], 'utf8') as Queued<T>
  }
}

/** The results of what the body of a batch returns. */
export type BatchResults<Q extends readonly unknown[], OnError = never> = {
  -readonly [K in keyof Q]: Q[K] extends Queued<infer T> ? T | OnError : never
}

/** What a pipeline and a transaction take beside their body. */
export interface BatchOptions {
  /** false: a command's error stands in the place of its result, and is not thrown. By default true. */
  raiseOnError?: boolean | undefined
}

/** Which commands are recorded, and which results are wanted. @throws TypeError where the body returns something else */
export function record(
  what: string,
  body: (batch: Batch) => readonly unknown[],
): { queue: readonly Queued<unknown>[]; wanted: readonly Queued<unknown>[] } {
  if (typeof body !== 'function') {
    throw misuse(`${what}() takes a function that is given the batch, and was given ${inspectOf(body)}.`)
  }
  const batch = new Batch()
  const wanted = body(batch)
  const known = new Set(batch._queue)
  if (!Array.isArray(wanted) || !wanted.every((queued) => known.has(queued as Queued<unknown>))) {
    throw misuse(
      `The body of ${what}() returns an array of its commands, as in (p) => [p.get('a'), p.get('b')]; ` +
        `it returned ${inspectOf(wanted)}.`,
    )
  }
  return { queue: batch._queue, wanted: wanted as readonly Queued<unknown>[] }
}

/** What the commands of a batch tell. */
export interface Round {
  readonly isTransaction: boolean
  lost(name: string, cause: unknown): Error
  settle(wasSent: boolean): void
}
