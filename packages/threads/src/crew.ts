/**
 * The workers of an executor and the jobs in line for them.
 *
 * Invariant: a job stands in line only while every seat is taken and there are as many as there may be. Each seat
 * has one worker, and a worker one job, so ending a worker ends nobody else's work. Workers and timers are made
 * outside any task's async context.
 */
import { Future, InvalidStateError, QueueFull } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import type { WorkerEnding } from './errors.ts'
import type { Job } from './job.ts'
import type { PoolWorker, WorkerListener } from './pool-worker.ts'
import { Seat, type SeatOwner } from './seat.ts'

export interface CrewLimits {
  readonly maxWorkers: number
  readonly maxQueue: number
  /** Milliseconds. */
  readonly gracePeriod: number
}

/** A snapshot of an executor. */
export interface PoolStats {
  /** Workers that there are, idle or busy, or on their way to their end. */
  readonly workers: number
  /** Those of them that have no job. */
  readonly idle: number
  /** Jobs that wait for a worker. */
  readonly waiting: number
}

export class Crew implements SeatOwner {
  /** The executor, for errors and warnings. */
  readonly #name: string
  readonly #limits: CrewLimits
  readonly #start: (listener: WorkerListener) => PoolWorker
  readonly #seats = new Set<Seat>()
  readonly #idle: Seat[] = []
  readonly #line = new Set<Job>()
  #isShut = false
  #whenGone: Future<void>[] = []

  constructor(name: string, limits: CrewLimits, start: (listener: WorkerListener) => PoolWorker) {
    this.#name = name
    this.#limits = limits
    this.#start = start
  }

  get stats(): PoolStats {
    return { workers: this.#seats.size, idle: this.#idle.length, waiting: this.#line.size }
  }

  // ---------------------------------------------------------------- jobs come and go

  /**
   * Have a job done: at once, or when a worker is free.
   * @throws InvalidStateError after `shutdown`, QueueFull where as many wait as may
   */
  take(job: Job): void {
    if (this.#isShut) throw new InvalidStateError(`The ${this.#name} was shut down; it takes no more work.`)
    const seat = this.#idle.pop() ?? this.#newSeat()
    if (seat !== null) return this.#occupy(seat, job)
    if (this.#line.size >= this.#limits.maxQueue) {
      throw new QueueFull(
        `${this.#line.size} jobs wait for a worker of the ${this.#name}, and maxQueue allows no more. Await some first.`,
      )
    }
    this.#line.add(job)
  }

  /** Its future was cancelled: drop it, or have its worker stop. Nothing happens when it is over. */
  cancel(job: Job): void {
    if (job.state === 'waiting') this.#drop(job)
    if (job.state !== 'running') return
    const seat = [...this.#seats].find((one) => one.job === job) as Seat
    runDetached(() => seat.stopJob(this.#limits.gracePeriod))
  }

  #drop(job: Job): void {
    this.#line.delete(job)
    job.end()
  }

  #newSeat(): Seat | null {
    if (this.#seats.size >= this.#limits.maxWorkers) return null
    const seat = runDetached(() => new Seat(this, this.#start))
    this.#seats.add(seat)
    return seat
  }

  /** Give a job to a free worker, and where it cannot be sent the next one in line. */
  #occupy(seat: Seat, job: Job): void {
    if (!seat.begin(job)) this.seatIsFree(seat)
  }

  seatIsFree(seat: Seat): void {
    for (const job of this.#line) {
      this.#line.delete(job)
      if (seat.begin(job)) return
    }
    if (this.#isShut) runDetached(() => seat.dismiss(this.#limits.gracePeriod))
    else this.#idle.push(seat)
  }

  seatIsGone(seat: Seat, ending: WorkerEnding | null): void {
    this.#seats.delete(seat)
    const at = this.#idle.indexOf(seat)
    if (at !== -1) this.#idle.splice(at, 1)
    if (ending !== null) this.#warn(seat, ending)
    const [next] = this.#line
    if (next !== undefined) {
      this.#line.delete(next)
      this.#occupy(this.#newSeat() as Seat, next)
    } else if (this.#isGone) {
      for (const gone of this.#whenGone.splice(0)) if (!gone.done()) gone.setResult()
    }
  }

  #warn(seat: Seat, { exitCode, signal, error }: WorkerEnding): void {
    const how =
      error === undefined ? `with ${signal ?? `exit code ${exitCode}`}` : `by an uncaught error: ${error}`
    process.emitWarning(`${seat} of a ${this.#name} ended between two jobs ${how}.`, {
      code: 'POLVO_WORKER_CRASHED',
    })
  }

  // ---------------------------------------------------------------- the end

  /** Take no more, and let every worker go when it has nothing to do. */
  shut(): void {
    this.#isShut = true
    for (const seat of this.#idle.splice(0)) runDetached(() => seat.dismiss(this.#limits.gracePeriod))
  }

  /** Cancel the jobs that have not begun. */
  cancelWaiting(reason: string): void {
    for (const job of [...this.#line]) {
      job.future.cancel(reason)
      this.#drop(job)
    }
  }

  /** Cancel every job. */
  cancelAll(reason: string): void {
    this.cancelWaiting(reason)
    for (const seat of this.#seats) {
      if (seat.job?.future.cancel(reason)) this.cancel(seat.job)
    }
  }

  /** Wait until the crew is shut and the last worker gone. A checkpoint, unless it is. */
  whenGone(): Future<void> {
    const gone = new Future<void>()
    if (this.#isGone) gone.setResult()
    else this.#whenGone.push(gone)
    return gone
  }

  get #isGone(): boolean {
    return this.#isShut && this.#seats.size === 0
  }
}
