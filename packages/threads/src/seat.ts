/**
 * A place in an executor's crew: one worker, and the job that it has. It ends with its worker; who comes next gets a
 * new one.
 */
import { unpackError } from './arrived-error.ts'
import { closureError, crashOf, unsendableArguments, unsendableResult, type WorkerEnding } from './errors.ts'
import type { Job } from './job.ts'
import { labelOf, type Reply } from './messages.ts'
import type { PoolWorker, WorkerListener } from './pool-worker.ts'
import { transfersOf } from './transfers.ts'

/** Who is told how seats fare. */
export interface SeatOwner {
  /** Its worker has nothing to do. */
  seatIsFree(seat: Seat): void
  /** Its worker is gone; `ending` is given where it went unasked, between two jobs. */
  seatIsGone(seat: Seat, ending: WorkerEnding | null): void
}

/** The longest time a timer takes; anything longer is for ever. */
const LONGEST_TIMER = 2 ** 31 - 1

export class Seat implements WorkerListener {
  readonly #owner: SeatOwner
  readonly #worker: PoolWorker
  #job: Job | null = null
  /** The number of its last job. */
  #id = 0
  #isDismissed = false
  #isKilled = false
  #timer: NodeJS.Timeout | undefined

  constructor(owner: SeatOwner, start: (listener: WorkerListener) => PoolWorker) {
    this.#owner = owner
    this.#worker = start(this)
  }

  /** Have a job done. Returns false where it cannot be sent, and has failed for that. */
  begin(job: Job): boolean {
    const { work, args, context } = job
    this.#id = (this.#id + 1) | 0 || 1
    try {
      this.#worker.post({ kind: 'work', id: this.#id, work, args, context }, transfersOf(args))
    } catch (error) {
      job.reject(unsendableArguments(labelOf(work), args, error))
      job.end()
      return false
    }
    job.state = 'running'
    this.#job = job
    this.#worker.ref()
    return true
  }

  get job(): Job | null {
    return this.#job
  }

  /** Its job is cancelled: tell the worker, and end it where the job does not end within `graceMs`. */
  stopJob(graceMs: number): void {
    ;(this.#job as Job).state = 'stopping'
    this.#worker.setFlag(this.#id)
    this.#worker.post({ kind: 'cancel', id: this.#id }, [])
    this.#killAfter(graceMs)
  }

  /** There is no more to do: let the worker go, and end it where it does not within `graceMs`. */
  dismiss(graceMs: number): void {
    this.#isDismissed = true
    this.#worker.ref()
    this.#worker.post({ kind: 'end' }, [])
    this.#killAfter(graceMs)
  }

  #killAfter(ms: number): void {
    if (ms <= LONGEST_TIMER) this.#timer = setTimeout(() => this.#kill(), ms)
  }

  #kill(): void {
    this.#isKilled = true
    this.#worker.kill()
  }

  onReply(reply: Reply): void {
    const job = this.#job
    // A worker that was killed may have answered in time; it must not be given the next job.
    if (job === null || reply.id !== this.#id || this.#isKilled) return
    clearTimeout(this.#timer)
    settle(job, reply)
    this.#job = null
    job.end()
    this.#worker.unref()
    this.#owner.seatIsFree(this)
  }

  onEnd(ending: WorkerEnding): void {
    clearTimeout(this.#timer)
    const job = this.#job
    this.#job = null
    if (job?.state === 'running') job.reject(crashOf(labelOf(job.work), this.#worker.description, ending))
    job?.end()
    this.#owner.seatIsGone(this, job === null && !this.#isDismissed ? ending : null)
  }

  toString(): string {
    return `<${this.#worker.description} ${this.#job === null ? 'idle' : labelOf(this.#job.work)}>`
  }
}

function settle(job: Job, reply: Reply): void {
  const label = labelOf(job.work)
  switch (reply.kind) {
    case 'result':
      return job.resolve(reply.value)
    case 'error':
      return job.reject(unpackError(reply.error))
    case 'unknown name':
      return job.reject(closureError(label, reply.name, unpackError(reply.error)))
    case 'unsendable':
      return job.reject(unsendableResult(label, reply.reason))
    case 'cancelled':
      return
  }
}
