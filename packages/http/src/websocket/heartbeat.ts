/**
 * Pings at intervals, and notices a peer that is gone: one from which nothing at all has come in the time a
 * pong may take. Times are real ones.
 */
import { runDetached } from 'polvo/lowlevel'

/** What the heartbeat needs of the connection. */
export interface Beating {
  /** Counts what has come from the peer; the same number twice is silence. */
  readonly arrived: number
  /** Nothing can come, since the receiver is slow: silence says nothing of the peer. */
  readonly isPaused: boolean
  ping(): void
  onSilence(patience: number): void
}

export class Heartbeat {
  private readonly beating: Beating
  private readonly interval: number
  private readonly patience: number
  private timer: NodeJS.Timeout | null = null
  private arrivedBefore = 0

  /**
   * @param interval milliseconds between pings
   * @param patience milliseconds that a pong may take
   */
  constructor(beating: Beating, interval: number, patience: number) {
    this.beating = beating
    this.interval = interval
    this.patience = patience
    this.wait(this.ask, interval)
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }

  private readonly ask = (): void => {
    this.arrivedBefore = this.beating.isPaused ? -1 : this.beating.arrived
    this.beating.ping()
    this.wait(this.judge, this.patience)
  }

  private readonly judge = (): void => {
    if (!this.isSilent) this.wait(this.ask, Math.max(1, this.interval - this.patience))
    // The process may have been busy all the time: what has come is read before an immediate runs.
    else this.timer = runDetached(() => setTimeout(setImmediate, 1, this.giveUp))
  }

  private readonly giveUp = (): void => {
    if (this.timer === null) return
    if (this.isSilent) this.beating.onSilence(this.patience)
    else this.wait(this.ask, this.interval)
  }

  private get isSilent(): boolean {
    return this.beating.arrived === this.arrivedBefore && !this.beating.isPaused
  }

  private wait(then: () => void, ms: number): void {
    this.timer = runDetached(() => setTimeout(then, ms))
  }
}
