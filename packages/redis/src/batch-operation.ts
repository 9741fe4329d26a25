import { Operation } from 'polvo/lowlevel'
import type { BatchOptions, Queued, Round, record } from './batch.ts'
import type { Carrier, Outgoing } from './connection.ts'
import { ExecAbortError, lostError, WatchError } from './errors.ts'
import { type Owner, Sent } from './wire.ts'

/** A batch on its way, from the call to the results: as a CommandOperation, with several commands. */
export class BatchOperation extends Operation<unknown[]> implements Outgoing, Round {
  _ahead: Outgoing | null = null
  _behind: Outgoing | null = null
  readonly isTransaction: boolean
  private readonly carrier: Carrier
  private readonly queue: readonly Queued<unknown>[]
  private readonly wanted: readonly Queued<unknown>[]
  private readonly raises: boolean
  private pending = 0
  private wasSent = false
  private isDropped = false
  private isOver = false
  private failure: unknown = null

  constructor(
    carrier: Carrier,
    isTransaction: boolean,
    { queue, wanted }: ReturnType<typeof record>,
    { raiseOnError = true }: BatchOptions,
  ) {
    super()
    this.carrier = carrier
    this.isTransaction = isTransaction
    this.queue = queue
    this.wanted = wanted
    this.raises = raiseOnError
  }

  lost(name: string, cause: unknown): Error {
    return lostError(this.carrier.address, name, this.carrier.causeOf(cause))
  }

  override _describe(): string {
    return `redis.${this.isTransaction ? 'multi' : 'pipeline'}(${this.queue.length} commands)`
  }

  // ---------------------------------------------------------------- for whoever awaits it

  protected override _begin(): boolean {
    if (this.queue.length === 0) {
      this._value = []
      return true
    }
    this.carrier.enter(this)
    return false
  }

  protected override _resume(): boolean {
    if (this.failure !== null) throw this.failure
    const failed = this.raises ? this.queue.find(({ _error }) => _error !== null) : undefined
    if (failed !== undefined) throw failed._error
    this._value = this.wanted.map(({ _error, _value }) => _error ?? _value)
    return true
  }

  protected override _withdraw(): void {
    this.isDropped = true
    if (this.pending === 0) this.carrier.leave(this)
  }

  protected override _handBack(): void {}

  override get _isCommitted(): boolean {
    return this.isOver
  }

  // ---------------------------------------------------------------- for the connection

  _goOut(carrier: Carrier): void {
    let sents: Sent[]
    try {
      sents = this.queue.map((queued) => queued._prepare(this, carrier.keyPrefix))
    } catch (error) {
      return this._refused(error)
    }
    if (this.isTransaction) sents = [new Sent(opening(this), 'multi', [], null, ''), ...sents, this.exec()]
    this.wasSent = false
    this.pending = sents.length
    if (this.isTransaction) carrier.sendTogether(sents)
    else for (const sent of sents) carrier.send(sent)
  }

  _refused(error: unknown): void {
    this.failure = error
    this.isOver = true
    this._wakeUp()
  }

  /** One of the commands has its answer, or will have none. */
  settle(wasSent: boolean): void {
    this.carrier.settled()
    this.wasSent ||= wasSent
    if (--this.pending > 0) return
    if (this.wasSent) {
      this.isOver = true
      this._wakeUp()
    } else if (!this.isDropped) {
      this.failure = null
      this.carrier.rejoin(this)
    }
  }

  private exec(): Sent {
    const owner: Owner = {
      _answered: (reply) => {
        if (Array.isArray(reply)) this.takeAll(reply)
        else this.failure = watchError(this.carrier.address)
        this.settle(true)
      },
      _refusedBy: (error) => {
        const cause = this.queue.find(({ _error }) => _error !== null)?._error
        this.failure = error
        if (cause instanceof Error && error instanceof ExecAbortError) {
          this.failure = new ExecAbortError('exec', error.prefix, cause.message, { cause })
        }
        this.settle(true)
      },
      _lost: (cause, sent) => {
        this.failure = this.lost('exec', cause)
        this.settle(sent.isWritten)
      },
    }
    return new Sent(owner, 'exec', [], null, '')
  }

  private takeAll(replies: readonly unknown[]): void {
    this.queue.forEach((queued, i) => {
      queued._take(replies[i], queued._sent as Sent)
    })
  }
}

function opening(round: BatchOperation): Owner {
  return {
    _answered: () => round.settle(true),
    _refusedBy: () => round.settle(true),
    _lost: (_, sent) => round.settle(sent.isWritten),
  }
}

function watchError(address: string): WatchError {
  return new WatchError(
    `${address}: a watched key was changed by somebody else, so nothing of the transaction was carried out. Try again with the ` +
      'new value; client.watch() does that by itself.',
  )
}
