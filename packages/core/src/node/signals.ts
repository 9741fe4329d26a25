/**
 * Signals of the process, as callbacks of the loop or as a stream. What handles a signal does so until it is taken away, or its
 * loop is closed, at the end of a run; then the signal does again what it did before. Until then it keeps the process alive.
 * `main()` leaves a signal to whoever handles it.
 */
import { constants } from 'node:os'
import process from 'node:process'
import { Call } from '../coroutine/call.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { InvalidStateError, misuse, outOfRange } from '../errors.ts'
import { runDetached } from '../host/detached.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { copyContext } from '../loop/context.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { Event } from '../sync/event.ts'
import type { EventLoop } from '../tasks/event-loop.ts'

type Signal = NodeJS.Signals

/** These the system keeps for itself. */
const UNCATCHABLE = new Set<string>(['SIGKILL', 'SIGSTOP'])

/** A timer that never fires, for all practical purposes. */
const LONGEST_MS = 2 ** 31 - 1

/** Listens to one signal on behalf of a loop. Keeps the process alive: to Node, a program that waits for a signal is idle. */
class Listening {
  readonly #keepAlive = runDetached(() => setInterval(() => {}, LONGEST_MS))
  readonly signal: Signal
  readonly #loop: EventLoop
  readonly #listener: () => void

  constructor(loop: EventLoop, signal: Signal, listener: () => void) {
    this.signal = signal
    this.#loop = loop
    this.#listener = listener
    runDetached(() => process.on(signal, listener))
    loop._whenClosed.add(this.end)
    listeningOf(loop).add(this)
  }

  readonly end = (): void => {
    process.off(this.signal, this.#listener)
    clearInterval(this.#keepAlive)
    this.#loop._whenClosed.delete(this.end)
    listeningOf(this.#loop).delete(this)
  }
}

const listenings = new WeakMap<EventLoop, Set<Listening>>()
const handlers = new WeakMap<EventLoop, Map<Signal, Listening>>()

function listeningOf(loop: EventLoop): Set<Listening> {
  const known = listenings.get(loop) ?? new Set()
  listenings.set(loop, known)
  return known
}

function handlersOf(loop: EventLoop): Map<Signal, Listening> {
  const known = handlers.get(loop) ?? new Map()
  handlers.set(loop, known)
  return known
}

/** @internal Whether code of the loop handles the signal itself. */
export function handlesSignal(loop: EventLoop, signal: Signal): boolean {
  return [...listeningOf(loop)].some((listening) => listening.signal === signal)
}

/**
 * Call `callback(...args)` in a pass of the running loop whenever the process gets the signal, in place of what the signal does by
 * itself. One callback a signal: a second call replaces it. Its errors go to the exception handler.
 *
 * @throws RangeError for what is no signal, and for SIGKILL and SIGSTOP, which cannot be caught
 */
export function addSignalHandler<Args extends unknown[]>(
  signal: Signal,
  callback: (...args: Args) => void,
  ...args: Args
): void {
  checkSignal('addSignalHandler()', signal)
  if (typeof callback !== 'function') {
    throw misuse(`addSignalHandler() takes a signal and a function, and was given ${brief(callback)}.`)
  }
  const loop = loopForWork() as EventLoop
  const context = copyContext()
  const handle = () => void loop.callSoon({ context }, callback, ...args)
  removeSignalHandler(signal)
  handlersOf(loop).set(signal, new Listening(loop, signal, handle))
}

/** Let the signal do what it does by itself. Returns whether there was a handler, made by `addSignalHandler` in this loop. */
export function removeSignalHandler(signal: Signal): boolean {
  const known = handlersOf(loopForWork() as EventLoop)
  known.get(signal)?.end()
  return known.delete(signal)
}

/** The signals the process gets, one by one; what `signals` makes. */
export class SignalStream implements AsyncIterable<Signal>, Disposable {
  readonly #listening: readonly Listening[]
  /** Those that nobody has taken, in the order they came. */
  readonly #arrived = new Set<Signal>()
  readonly #wakeUp = new Event()
  #isClosed = false
  #isWaited = false

  /** @internal */
  constructor(names: readonly Signal[]) {
    const loop = loopForWork() as EventLoop
    this.#listening = names.map((name) => new Listening(loop, name, () => this.#add(name)))
  }

  #add(signal: Signal): void {
    this.#arrived.add(signal)
    this.#wakeUp.set()
  }

  /**
   * Wait for the next signal, and return its name. A checkpoint only where it waits. Cancelled, no signal is lost. One task waits at
   * a time. The end comes after `close`.
   */
  next(): Awaitable<IteratorResult<Signal, undefined>> {
    return new Call(this.#next, [], 'signals.next', 0, this) as Awaitable<unknown> as Awaitable<
      IteratorResult<Signal, undefined>
    >
  }

  *#next(): Coroutine<IteratorResult<Signal, undefined>> {
    if (this.#isWaited)
      throw new InvalidStateError('Another task waits for these signals. Let one task take them.')
    this.#isWaited = true
    try {
      yield* this.#wakeUp.wait()
    } finally {
      this.#isWaited = false
    }
    for (const signal of this.#arrived) {
      this.#arrived.delete(signal)
      if (this.#arrived.size === 0 && !this.#isClosed) this.#wakeUp.clear()
      return { done: false, value: signal }
    }
    return { done: true, value: undefined }
  }

  /** Listen no more: the signals do again what they do by themselves. A second call does nothing. */
  close(): void {
    this.#isClosed = true
    for (const listening of this.#listening) listening.end()
    this.#wakeUp.set()
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** The loop that goes through it was left: close it. */
  async return(): Promise<IteratorResult<Signal, undefined>> {
    this.close()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): AsyncIterator<Signal, undefined> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<Signal, undefined>
  }

  toString(): string {
    const names = this.#listening.map(({ signal }) => signal).join(' ')
    return `<SignalStream ${names} ${this.#isClosed ? 'closed' : 'open'}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/**
 * A stream of the signals the process gets, in place of what they do by themselves. It listens from now on, until it is closed, the
 * loop over it is left, or the run ends. A signal that comes again before it was taken counts once, as in the system itself.
 *
 *     for await (const _ of signals('SIGHUP')) await reloadSettings()
 *     yield* forEach(signals('SIGHUP', 'SIGUSR1'), function* (name) { … })
 *
 * @throws RangeError for what is no signal, and for SIGKILL and SIGSTOP, which cannot be caught
 */
export function signals(...names: [Signal, ...Signal[]]): SignalStream {
  for (const name of names) checkSignal('signals()', name)
  if (names.length === 0) throw outOfRange('signals() takes one signal or more, and was given none.')
  return new SignalStream([...new Set(names)])
}

function checkSignal(taker: string, signal: string): void {
  if (!(signal in constants.signals)) {
    throw outOfRange(`${taker} takes the name of a signal, as 'SIGHUP', and was given ${brief(signal)}.`)
  }
  if (UNCATCHABLE.has(signal)) throw outOfRange(`${taker} was given ${signal}, which cannot be caught.`)
}
