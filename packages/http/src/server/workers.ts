/**
 * Several processes that serve one application on one port, by node:cluster: a primary that listens and starts the others, and workers
 * that answer. Each worker runs the same program; `runApp` finds out which of the two it is in.
 *
 * | state of a seat | is true                                             | next             | moved by                    |
 * |-----------------|-----------------------------------------------------|------------------|-----------------------------|
 * | working         | its worker runs                                     | pausing, left    | the end of the worker       |
 * | pausing         | the worker has crashed; another one starts soon     | working, left    | the clock, `close`          |
 * | left            | it is empty, and stays so                           | –                | –                           |
 *
 * A worker is told to stop by a message: signals of a terminal reach it as well as the primary, and two of them would end it at once.
 * Workers end by themselves when the primary is gone.
 */
import cluster, { type Worker } from 'node:cluster'
import process from 'node:process'
import {
  type Coroutine,
  createTask,
  Event,
  Future,
  moveOnAfter,
  type Resource,
  type Task,
  use,
  wait,
} from 'polvo'
import { outOfRange } from 'polvo/lowlevel'
import { addSignalHandler } from 'polvo/node'
import type { HttpServer } from './server.ts'

/** What the primary says to a worker. */
const STOP = 'polvo:stop'

/** How long a seat pauses after a crash: more with each, and little again after a worker that lived for a while. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
const LONG_LIFE_MS = 10_000
const KILL_MS = 5_000

interface End {
  readonly status: number | null
  readonly signal: string | null
}

/** One place in the crew, whose workers come and go. */
interface Seat {
  readonly number: number
  worker: Worker | null
  task: Task | null
}

export interface CrewOptions {
  readonly count: number
  /** How long workers may take to stop, in milliseconds, before they are killed. */
  readonly closeWithin: number
  /** Is told once, when all listen, where. */
  readonly onListening: (url: string) => void
  /** They listen for HTTPS. */
  readonly isSecure: boolean
}

/** The workers, as the primary keeps them. */
class WorkerCrew implements Resource<WorkerCrew> {
  readonly #options: CrewOptions
  readonly #seats: Seat[] = []
  readonly #stop = new Event()
  /** Set when it makes no sense to go on. */
  readonly #lost = new Event()
  readonly #listening = new Set<Seat>()
  #hasListened = false

  constructor(options: CrewOptions) {
    this.#options = options
  }

  /** Start the workers. */
  enter(): this {
    for (let number = 1; number <= this.#options.count; number++) {
      const seat: Seat = { number, worker: null, task: null }
      this.#seats.push(seat)
      seat.task = createTask({ name: `worker ${number}` }, () => this.#keep(seat)) as Task
    }
    return this
  }

  /** Wait until the crew is lost: its first workers have ended before any of them listened. */
  *untilLost(): Coroutine {
    yield* this.#lost.wait()
  }

  *#keep(seat: Seat): Coroutine {
    let pause = FIRST_PAUSE_MS
    while (!this.#stop.isSet()) {
      const began = performance.now()
      const worker = cluster.fork()
      const end = yield* this.#live(seat, worker)
      if (this.#stop.isSet()) return
      const lived = performance.now() - began
      if (!this.#hasListened) return this.#giveUp(seat, worker, end)
      if (lived >= LONG_LIFE_MS) pause = FIRST_PAUSE_MS
      console.error(
        `[polvo] Worker ${seat.number} (process ${worker.process.pid}) has ended with ${show(end)} after ` +
          `${(lived / 1000).toFixed(1)} s; another one starts in ${pause} ms.`,
      )
      yield* moveOnAfter(pause, () => this.#stop.wait())
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
    }
  }

  *#live(seat: Seat, worker: Worker): Coroutine<End> {
    const ended = new Future<End>()
    seat.worker = worker
    worker.once('exit', (status: number | null, signal: string | null) => ended.setResult({ status, signal }))
    worker.once('listening', ({ address, port, addressType }) => {
      this.#listening.add(seat)
      if (this.#listening.size === this.#options.count) this.#allListen(address, port, addressType)
    })
    try {
      return yield* ended
    } finally {
      seat.worker = null
    }
  }

  #allListen(address: string | null, port: number, type: number | string): void {
    if (this.#hasListened) return
    this.#hasListened = true
    const { onListening, isSecure } = this.#options
    const host = type === 6 ? `[${address}]` : (address ?? 'localhost')
    onListening(port > 0 ? `http${isSecure ? 's' : ''}://${host}:${port}` : String(address))
  }

  #giveUp(seat: Seat, worker: Worker, end: End): void {
    if (!this.#lost.isSet()) {
      console.error(
        `[polvo] Worker ${seat.number} (process ${worker.process.pid}) has ended with ${show(end)} before all workers ` +
          'listened; the others are stopped.',
      )
      process.exitCode = 1
    }
    this.#lost.set()
  }

  /** Tell all to stop, and wait; kill those that do not. */
  *exit(): Coroutine {
    this.#stop.set()
    for (const { worker } of this.#seats) if (worker?.isConnected()) worker.send(STOP)
    const tasks = this.#seats.map(({ task }) => task as Task)
    if (tasks.length === 0) return
    yield* wait(tasks, { timeout: this.#options.closeWithin })
    for (const { number, worker } of this.#seats) {
      if (worker === null) continue
      console.error(
        `[polvo] Worker ${number} (process ${worker.process.pid}) has not stopped in time, and is killed.`,
      )
      worker.process.kill('SIGKILL')
    }
    yield* wait(tasks)
  }
}

function show({ status, signal }: End): string {
  return signal === null ? `status ${status}` : signal
}

/** @throws RangeError unless it is a number of processes */
export function checkWorkers(count: number): void {
  if (Number.isInteger(count) && count > 0) return
  throw outOfRange(
    `workers is a number of processes from 1 on, and was ${String(count)}; os.availableParallelism() says how many run at once.`,
  )
}

/** Whether this process is one of the workers. */
export function isWorker(): boolean {
  return cluster.isWorker
}

/** The main function of the primary: workers until it is cancelled. */
export function* runCrew(options: CrewOptions): Coroutine {
  // Killing takes a moment as well.
  const closeWithin = options.closeWithin + KILL_MS
  yield* use(new WorkerCrew(options), (crew) => crew.untilLost(), { closeWithin })
}

/** In a worker: serve until the primary says that it is to stop. SIGINT is the primary's business from now on. */
export function* serveUntilTold(server: HttpServer): Coroutine {
  const told = new Event()
  const onMessage = (message: unknown) => {
    if (message === STOP) told.set()
  }
  addSignalHandler('SIGINT', () => {})
  process.on('message', onMessage)
  const stopping = createTask({ name: 'stop of a worker' }, stopWhenTold, told, server)
  try {
    yield* server.serveForever()
  } finally {
    process.off('message', onMessage)
    stopping.cancel()
  }
}

function* stopWhenTold(told: Event, server: HttpServer): Coroutine {
  yield* told.wait()
  yield* server.stop()
}
