/**
 * The heart of the loop: passes over a ready queue, timers, and how both share the thread with Node.
 *
 * One pass runs the entries that were ready when it began and, behind them, those of the timers due by then; what they
 * add waits for the next pass. A pass may be interrupted, and goes on where it stopped:
 * - by its budget, so that I/O is never starved;
 * - by a hand-over. A step that resumes an async function only queues a microtask; the entries behind it must wait until
 *   that function has come to its next await, or both spellings would not give the same order. The pass pauses for the
 *   function's owner, and goes on in place when the owner suspends in polvo (`_goOn`); if it awaits something foreign
 *   instead, a tick behind the microtasks goes on.
 *
 * | state    | is true                                       | next                                  | moved by            |
 * |----------|-----------------------------------------------|---------------------------------------|---------------------|
 * | stopped  | nothing runs, entries are only collected      | idle or armed                         | `_start`            |
 * | idle     | ready queue empty; the alarm is set           | armed                                 | an entry, a timer   |
 * | armed    | a turn is on its way (tick, immediate)        | draining                              | the host            |
 * | draining | `_run` of an entry is on the stack            | paused, armed, idle, stopped          | the pass            |
 * | paused   | waits for async code that an entry resumed    | draining                              | `_goOn`, a tick     |
 *
 * Draining happens in the async context the entries ask for, never in that of whoever armed the loop.
 */
import { emptyContext, type PlatformContext } from '../host/async-context.ts'
import { recordCreationSites } from '../host/creation-sites.ts'
import { immediate, nextTick } from '../host/turns.ts'
import { Alarm } from './alarm.ts'
import { type Clock, systemClock } from './clock.ts'
import { type ExceptionContext, printReport } from './exception-handler.ts'
import { type Linked, LinkedList } from './linked-list.ts'
import { RingBuffer } from './ring-buffer.ts'
import type { TimerEntry } from './timers.ts'

/** What waits in the ready queue. */
export interface Entry {
  /** @internal Run one step. Never throws. */
  _run(): void
  /** @internal Whose step it is, for reports; itself where that is undefined. */
  readonly _subject?: object
  /** @internal The async context the step runs in; null only where the host has none. */
  readonly _platform: PlatformContext | null
}

/** What waits for a deadline, and is ready then. */
export interface TimedEntry extends Entry, TimerEntry {}

/** The entries that are ready, in the order they will run. The ordinary one is a RingBuffer; tests put others in its place. */
export interface ReadyQueue {
  /** How many entries wait. */
  readonly length: number
  push(entry: Entry): void
  /** The entry that runs next; the same one until it is dropped. Only while there is one. */
  peek(): Entry
  /** Take out the entry that `peek` gave. */
  drop(): void
}

/** After so many milliseconds Node gets the thread. Looking at the clock costs as much as a step: it is done once in so many. */
const TURN_MS = 0.25
const STEPS_PER_LOOK = 64

let running: Scheduler | null = null

/** The scheduler whose entry is on the stack, null between steps. */
export function runningScheduler(): Scheduler | null {
  return running
}

export class Scheduler {
  readonly #ready: ReadyQueue
  readonly #clock: Clock
  readonly #alarm: Alarm<TimedEntry>
  /** Timers that neither keep the process alive nor make a virtual clock jump: grace periods. */
  readonly #quietAlarm: Alarm<TimedEntry>
  /**
   * How long a cancelled body may take for its clean-up, in milliseconds, before it is told again, and after as long again
   * ended; 10,000 by default. Infinity waits for ever, as asyncio does. A change is for cancellations that come after it.
   */
  cancelGrace = 10_000
  /** @internal How long it may take after the reminder, where that is not as long again. */
  _secondGrace: number | null = null
  /** @internal The tasks that run here and are nobody's child; the list keeps them alive. */
  readonly _ownTasks = new LinkedList<Linked>()
  /** @internal The lists of children of the groups that are open here. */
  readonly _groups = new Set<LinkedList<Linked>>()
  /** In debug mode, an entry that takes this many milliseconds or more is logged; 100 by default. */
  slowCallbackDuration = 100
  #isDebug = false
  /** When the step that the pass is paused for began, in debug mode. */
  #pausedSince = 0
  /** @internal How tasks are made here, where not as usual. */
  _taskFactory: ((start: (options: object) => object, options: object) => object) | null = null
  /** @internal Whether tasks take the async context of their creator along. */
  _keepsAsyncContext = true

  #started = false
  #stopping = false
  /** It was told to stop before it was started. */
  #stopsAfterOne = false
  /** Armed, draining or paused. */
  #active = false
  #draining = false
  /** Whose async code the pass waits for. */
  #paused: object | null = null
  #fallbackUnderWay = false
  /** Entries of the running pass still to go. */
  #left = 0
  /** The async context of the running burst. */
  #platform: PlatformContext | null = emptyContext
  #stepsUntilLook = STEPS_PER_LOOK
  #turnBegan = 0

  constructor(clock: Clock = systemClock, ready: ReadyQueue = new RingBuffer<Entry>(64)) {
    this.#clock = clock
    this.#ready = ready
    this.#alarm = new Alarm(clock, true, this.#wake)
    this.#quietAlarm = new Alarm(clock, false, this.#wake)
  }

  /** The loop's clock: milliseconds, monotonic. Deadlines are times of this clock. */
  time(): number {
    return this.#clock.now()
  }

  /**
   * Turn debug mode on or off: it logs slow steps (see `slowCallbackDuration`), notes where tasks and operations are created,
   * and reports swallowed cancellations and abandoned promises at once.
   */
  setDebug(isDebug: boolean): void {
    if (isDebug !== this.#isDebug) recordCreationSites(isDebug)
    this.#isDebug = isDebug
  }

  /** Whether debug mode is on. */
  getDebug(): boolean {
    return this.#isDebug
  }

  /** Whether it was started and has not stopped. */
  isRunning(): boolean {
    return this.#started
  }

  /** @internal Whether it runs what is ready, or is about to. */
  get _isActive(): boolean {
    return this.#active
  }

  // ------------------------------------------------------------ entries and timers

  /** @internal Make an entry ready: it runs in the next pass. */
  _push(entry: Entry): void {
    this.#ready.push(entry)
    if (!this.#active && this.#started) this.arm()
  }

  /** @internal */
  _addTimer(timer: TimedEntry): void {
    this.#alarm.add(timer, !this.#active && this.#started)
  }

  /** @internal */
  _removeTimer(timer: TimedEntry): void {
    this.#alarm.remove(timer)
  }

  /** @internal */
  _addQuietTimer(timer: TimedEntry): void {
    this.#quietAlarm.add(timer, !this.#active && this.#started)
  }

  /** @internal */
  _removeQuietTimer(timer: TimedEntry): void {
    this.#quietAlarm.remove(timer)
  }

  // ------------------------------------------------------------ hand-overs to async code

  /** @internal The running step resumed async code of `owner`: pause the pass behind it. */
  _handOver(owner: object): void {
    if (this.#draining) this.#paused = owner
  }

  /** @internal Async code of `owner` suspended in polvo, or ended: if the pass waits for it, it goes on, right here. */
  _goOn(owner: object): void {
    if (this.#paused !== owner) return
    this.resumePass()
    if (!this.#draining) this.drain()
  }

  private resumePass(): void {
    if (this.#isDebug && this.#paused !== null) this.complainWhenSlow(this.#paused, this.#pausedSince)
    this.#paused = null
  }

  private runWatched(entry: Entry): void {
    const began = performance.now()
    const subject = entry._subject ?? entry
    entry._run()
    const goesOnInMicrotasks = this.#paused === subject
    if (!goesOnInMicrotasks) this.complainWhenSlow(subject, began)
    this.#pausedSince = goesOnInMicrotasks ? began : performance.now()
  }

  private complainWhenSlow(subject: object, began: number): void {
    const ms = performance.now() - began
    if (ms < this.slowCallbackDuration) return
    console.warn(`Executing ${subject} took ${(ms / 1000).toFixed(3)} seconds`)
  }

  /** @internal */
  _isPausedFor(owner: object): boolean {
    return this.#paused === owner
  }

  // ------------------------------------------------------------ starting and stopping

  /** @internal Begin to run what is ready. */
  _start(): void {
    if (this.#started) return
    this.#started = true
    this.#stopsAfterOne = this.#stopping
    this.#stopping = false
    if (this.#ready.length > 0 || this.#stopsAfterOne) this.arm()
    else this.setAlarms()
  }

  /** @internal Stop after the running pass; where it is not started, after the first one. */
  _stop(): void {
    this.#stopping = true
    if (this.#started && !this.#active) this.arm()
  }

  // ------------------------------------------------------------ passes

  private arm(): void {
    this.#active = true
    queueMicrotask(this.#tickAfterMicrotasks)
  }

  readonly #tickAfterMicrotasks = (): void => nextTick(this.#turn)

  readonly #turn = (): void => {
    this.#stepsUntilLook = STEPS_PER_LOOK
    this.#turnBegan = performance.now()
    this.drain()
  }

  readonly #wake = (): void => {
    if (this.#active || !this.#started) return
    this.#active = true
    this.#turn()
  }

  private drain(): void {
    const outer = running
    running = this
    this.#draining = true
    try {
      if (this.#platform === null) this.#burst()
      else while (this.#platform.runInAsyncScope(this.#burst, null));
    } finally {
      this.#draining = false
      running = outer
    }
  }

  /**
   * Run entries in the async context `#platform`.
   * Returns true when the next entry asks for another one (it is then in `#platform`), false when the drain is over.
   */
  readonly #burst = (): boolean => {
    const ready = this.#ready
    for (;;) {
      if (this.#left === 0 && !this.beginPass()) return false
      if (--this.#stepsUntilLook === 0 && this.isTurnOver()) {
        immediate(this.#turn)
        return false
      }
      const entry = ready.peek()
      const platform = entry._platform
      if (platform !== this.#platform) {
        this.#platform = platform
        return true
      }
      ready.drop()
      this.#left--
      if (this.#isDebug) this.runWatched(entry)
      else entry._run()
      if (this.#paused !== null) {
        this.armFallback()
        return false
      }
    }
  }

  /** Count the entries of a new pass. Returns false when there is none, or when the loop is to stop. */
  private beginPass(): boolean {
    if (!this.#stopping) {
      this.#alarm.takeDue(this.#makeReady)
      this.#quietAlarm.takeDue(this.#makeReady)
      this.#left = this.#ready.length
      this.#stopping = this.#stopsAfterOne
      this.#stopsAfterOne = false
      if (this.#left > 0) return true
    }
    this.#active = false
    this._passesEnded()
    if (this.#stopping) {
      this.#started = this.#stopping = false
      this.#alarm.clear()
      this.#quietAlarm.clear()
      this._stopped()
    } else this.setAlarms()
    return false
  }

  readonly #makeReady = (timer: TimedEntry): void => this.#ready.push(timer)

  private setAlarms(): void {
    this.#alarm.set()
    this.#quietAlarm.set()
  }

  /** @internal Nothing is ready any more: for the layers above, which look for what was forgotten. */
  _passesEnded(): void {}

  /** @internal The loop stopped, as asked. */
  _stopped(): void {}

  private isTurnOver(): boolean {
    this.#stepsUntilLook = STEPS_PER_LOOK
    return performance.now() - this.#turnBegan > TURN_MS
  }

  /** One tick a burst: queued from a microtask, it comes when the microtask queue is empty. */
  private armFallback(): void {
    if (this.#fallbackUnderWay) return
    this.#fallbackUnderWay = true
    queueMicrotask(this.#tickToFallback)
  }

  readonly #tickToFallback = (): void => nextTick(this.#fallback)

  readonly #fallback = (): void => {
    this.#fallbackUnderWay = false
    if (this.#paused === null) return
    this.resumePass()
    this.drain()
  }

  /** Report an error that nobody is left to hear. Never throws. */
  callExceptionHandler(context: ExceptionContext): void {
    printReport(context)
  }
}
