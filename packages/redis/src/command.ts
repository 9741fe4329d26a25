import { Operation } from 'polvo/lowlevel'
import type { Carrier, Outgoing } from './connection.ts'
import { lostError, type ReplyError } from './errors.ts'
import { type Argument, type Encoding, type Owner, Sent } from './wire.ts'

/**
 * One command of a program, from its call to its result: the lazy operation, its place in the line, and who the reply is for.
 *
 * | stage    | is true                                        | cancelled then                                      |
 * |----------|------------------------------------------------|-----------------------------------------------------|
 * | made     | nothing has happened                           | –                                                   |
 * | in line  | it was awaited, and not sent yet               | leaves the line: the server never hears of it       |
 * | sent     | `sent` is in the driver's queue                | it keeps its place there, its reply is dropped      |
 * | answered | the reply or an error is here                  | too late: the result is taken, the next await throws |
 */
export class CommandOperation<T> extends Operation<T> implements Outgoing, Owner {
  declare _ahead: Outgoing | null
  declare _behind: Outgoing | null
  private readonly carrier: Carrier
  private readonly name: string
  private readonly args: readonly Argument[]
  private readonly encoding: Encoding
  private sent: Sent | null
  private isDropped: boolean
  private isAnswered: boolean
  private reply: unknown
  private failure: unknown

  constructor(carrier: Carrier, name: string, args: readonly Argument[], encoding: Encoding) {
    super()
    // Not as initializers: see Waitable.
    this._ahead = null
    this._behind = null
    this.carrier = carrier
    this.name = name
    this.args = args
    this.encoding = encoding
    this.sent = null
    this.isDropped = false
    this.isAnswered = false
    this.reply = undefined
    this.failure = null
  }

  override _describe(): string {
    return describeCommand(this.name, this.args)
  }

  // ---------------------------------------------------------------- for whoever awaits it

  protected override _begin(): boolean {
    this.carrier.enter(this)
    return false
  }

  protected override _resume(): boolean {
    if (this.failure !== null) throw this.failure
    this._value = this.reply
    return true
  }

  protected override _withdraw(): void {
    this.isDropped = true
    if (this.sent === null) this.carrier.leave(this)
  }

  protected override _handBack(): void {}

  override get _isCommitted(): boolean {
    return this.isAnswered
  }

  // ---------------------------------------------------------------- for the connection

  _goOut(carrier: Carrier): void {
    try {
      this.sent = new Sent(this, this.name, this.args, this.encoding, carrier.keyPrefix)
    } catch (error) {
      return this.fail(error)
    }
    carrier.send(this.sent)
  }

  _refused(error: unknown): void {
    this.fail(error)
  }

  _answered(reply: unknown, sent: Sent): void {
    this.carrier.settled()
    if (this.isDropped) return
    try {
      this.reply = sent.shape(reply)
    } catch (error) {
      return this.fail(error)
    }
    this.isAnswered = true
    this._wakeUp()
  }

  _refusedBy(error: ReplyError): void {
    this.carrier.settled()
    this.fail(error)
  }

  _lost(cause: unknown, sent: Sent): void {
    this.carrier.settled()
    if (this.isDropped) return
    if (sent.isWritten && !this.carrier.resends(this.name)) {
      return this.fail(lostError(this.carrier.address, this.name, this.carrier.causeOf(cause)))
    }
    this.sent = null
    this.carrier.rejoin(this)
  }

  private fail(error: unknown): void {
    this.failure = error
    this.isAnswered = true
    this._wakeUp()
  }
}

/** A command and its key, for reports. What comes after may be private. */
export function describeCommand(name: string, args: readonly Argument[]): string {
  const [first] = args
  const key = typeof first === 'string' ? (first.length > 40 ? `${first.slice(0, 40)}…` : first) : ''
  return `redis.${name}(${key}${args.length > 1 ? ', …' : ''})`
}
