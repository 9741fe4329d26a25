/**
 * One run of a sweep: a task is cancelled at one of its suspensions, or has an error thrown there.
 *
 * Suspensions are counted by task, from 1, and tasks by their first step, from 0, which is the main task. At suspension 0 a task is
 * about to run for the first time.
 */
import { Future } from '../coroutine/future.ts'
import { Operation } from '../coroutine/operation.ts'
import { PENDING, type Waitable } from '../coroutine/waitable.ts'
import type { CancelledError } from '../errors.ts'
import { tasksOf } from '../tasks/create-task.ts'
import { waitsOf } from '../tasks/inspect-task.ts'
import type { Task } from '../tasks/task.ts'
import { awaitedBy, placeOf } from './place.ts'
import type { Candidate } from './ready-line.ts'
import type { RunHooks } from './scheduled-run.ts'
import type { VirtualLoop } from './virtual-loop.ts'

/**
 * What is done to a task at a suspension: a cancellation when it has just suspended; when it was woken and is about to go on (at
 * suspension 0: before its start); two at once; one, and another at the next suspension, in its clean-up; or an error thrown there
 * in place of a cancellation.
 */
export type Disturbance = 'cancel' | 'cancel with the result' | 'cancel twice' | 'cancel again' | 'error'

/** Where a sweep disturbs a program. */
export interface CancelPoint {
  /** Which task, counted by their first step; 0 is the main task. */
  readonly task: number
  /** Which of its suspensions, counted from 1; 0 is before its first step. */
  readonly suspension: number
  /** What is done there. */
  readonly disturbance: Disturbance
}

/** What 'error' throws. */
export class PlantedError extends Error {
  /** Tells the error apart across versions: `POLVO_PLANTED`. */
  readonly code = 'POLVO_PLANTED'

  /** The name of the class. */
  override get name(): string {
    return 'PlantedError'
  }
}

/** Watches the tasks of a run, and disturbs one of them where a point is given. */
export class PointRun implements RunHooks {
  /** How often each task suspended. */
  readonly suspensions: number[] = []
  /** What was left when the main task had ended. */
  left: string[] = []
  /** Whether the point was reached, and the task could be disturbed there. */
  wasReached = false
  /** The task and the place that were disturbed, where they are to be described. */
  where = ''
  readonly #point: CancelPoint | null
  readonly #describes: boolean
  readonly #tasks = new Map<Task, number>()
  #loop: VirtualLoop | undefined
  #isToCancelAgain = false

  constructor(point: CancelPoint | null, describes = false) {
    this.#point = point
    this.#describes = describes
  }

  prepare(loop: VirtualLoop): void {
    this.#loop = loop
  }

  stepBegins({ task }: Candidate): void {
    if (task === null) return
    const number = this.#numberOf(task)
    const point = this.#point
    if (point?.disturbance !== 'cancel with the result' || point.task !== number) return
    if (point.suspension === this.suspensions[number]) this.#disturb(task, point)
  }

  stepEnded({ task }: Candidate): void {
    if (task === null) return
    const number = this.#numberOf(task)
    if (task._state !== PENDING) {
      if (number === 0) this.#noteWhatIsLeft()
      return
    }
    this.suspensions[number] = (this.suspensions[number] as number) + 1
    if (this.#isToCancelAgain && this.#point?.task === number) {
      this.#isToCancelAgain = false
      task._cancelFor(null, 'the sweep, again')
    }
    const point = this.#point
    if (point === null || point.task !== number || point.suspension !== this.suspensions[number]) return
    if (point.disturbance !== 'cancel with the result') this.#disturb(task, point)
  }

  #numberOf(task: Task): number {
    let number = this.#tasks.get(task)
    if (number === undefined) {
      number = this.#tasks.size
      this.#tasks.set(task, number)
      this.suspensions.push(0)
    }
    return number
  }

  #disturb(task: Task, { disturbance, suspension, task: number }: CancelPoint): void {
    if (this.#describes) this.where = `${nameOf(task, number)} ${describe(task, suspension)}`
    if (disturbance === 'error') {
      this.wasReached = throwInto(task)
      return
    }
    this.wasReached = task._cancelFor(null, 'the sweep')
    if (disturbance === 'cancel twice') task._cancelFor(null, 'the sweep')
    this.#isToCancelAgain = disturbance === 'cancel again'
  }

  #noteWhatIsLeft(): void {
    const loop = this.#loop as VirtualLoop
    const tasks = [...tasksOf(loop)]
    this.left = tasks.map((task) => `${task._describe()} was still running`)
    if (tasks.length === 0) this.left = loop.timersLeft.map((timer) => `a timer was left: ${timer}`)
  }
}

function describe(task: Task, suspension: number): string {
  if (suspension === 0) return 'before its first step'
  const place = placeOf(task)
  const what = awaitedBy(task)
  const parts = [what === undefined ? '' : `waiting for ${what} `, place === undefined ? '' : `in ${place} `]
  return `${parts.join('')}(suspension ${suspension})`
}

/** The numbers that the library gives to tasks without a name go on from run to run. */
function nameOf(task: Task, number: number): string {
  if (number === 0) return 'the main task'
  return /^Task-\d+$/.test(task.getName()) ? `task ${number}` : task._describe()
}

/** Have what the task waits for fail, where that is an operation or a plain future. */
function throwInto(task: Task): boolean {
  const [on] = task._runner === null ? [] : waitsOf(task._runner)
  if (on === undefined || !isPlain(on)) return false
  // A cancellation is the one way in which any wait ends at once, and which undoes what it has begun; it may carry any error.
  return on._cancelWait(new PlantedError('planted by the sweep') as Error as CancelledError, false)
}

/** Whether nobody's tasks stand behind it. */
function isPlain(on: Waitable): boolean {
  return on instanceof Operation || Object.getPrototypeOf(on) === Future.prototype
}
