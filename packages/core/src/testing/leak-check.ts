import { setImmediate } from 'node:timers/promises'
import { loopHere } from '../loop/current.ts'
import { tasksOf } from '../tasks/create-task.ts'
import type { Task } from '../tasks/task.ts'
import { checkNumber, MAX_TIMER } from './arguments.ts'
import { VirtualLoop } from './virtual-loop.ts'
import { LeftBehindError, Watchman } from './watch.ts'

/** What `leakCheck` takes; all of it may be left out. */
export interface LeakCheckOptions {
  /** What has to be as it is now: locks, queues, signals, emitters; see `Watch`. */
  watch?: readonly object[] | undefined
  /** How many milliseconds of real time the system may take to close what was closed; by default 1,000. */
  within?: number | undefined
}

/** What `leakCheck` gives. */
export interface LeakCheck extends AsyncDisposable {
  /**
   * Compare with the beginning. Does not return before the system has closed what was closed, and cannot be cancelled.
   * @throws LeftBehindError where there is more than in the beginning.
   */
  check(): Promise<void>
}

/** Come and go by themselves. */
const PASSING = new Set(['Immediate', 'TickObject', 'Microtask'])

/**
 * Note what there is now, to see later that nothing more has been left: tasks of the running loop, in virtual time its timers, and
 * whatever keeps the process alive (sockets, servers, children, timers of Node's), by kind and number. Not a checkpoint.
 *
 *     await using leaks = leakCheck()
 *
 * @throws RangeError for a `within` that cannot be.
 */
export function leakCheck({ watch = [], within = 1000 }: LeakCheckOptions = {}): LeakCheck {
  checkNumber('leakCheck({ within })', within, 0, MAX_TIMER)
  const watchman = new Watchman()
  for (const thing of watch) watchman.watch(thing)
  const loop = loopHere()
  const tasksBefore = loop === null ? new Set<Task>() : tasksOf(loop)
  const timersBefore = new Set<unknown>(loop instanceof VirtualLoop ? loop.timersLeft : [])
  const kindsBefore = kindsOfResources()

  const complaints = (): string[] => {
    const tasks = loop === null ? [] : [...tasksOf(loop)].filter((task) => !tasksBefore.has(task))
    const timers =
      loop instanceof VirtualLoop ? loop.timersLeft.filter((timer) => !timersBefore.has(timer)) : []
    const kinds = [...kindsOfResources()].flatMap(([kind, count]) => {
      const more = count - (kindsBefore.get(kind) ?? 0)
      return more > 0 ? [`${more} more ${kind}`] : []
    })
    return [
      ...tasks.map((task) => `still running: ${task}`),
      ...timers.map((timer) => `still waiting: ${timer}`),
      ...kinds,
      ...watchman.complaints(),
    ]
  }

  const check = async (): Promise<void> => {
    const until = performance.now() + within
    for (;;) {
      const left = complaints()
      if (left.length === 0) return
      if (performance.now() > until) throw new LeftBehindError(left)
      await setImmediate()
    }
  }
  return { check, [Symbol.asyncDispose]: check }
}

/** What keeps the process alive, counted. */
function kindsOfResources(): Map<string, number> {
  const kinds = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    if (!PASSING.has(kind)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return kinds
}
