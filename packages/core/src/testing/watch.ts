/** What a program opens and takes, and has to have closed and given back when it ends. */
import { EventEmitter, getEventListeners } from 'node:events'

/** What a swept program is given, to say what must be as it was when it ends. */
export interface Watch {
  /**
   * Have `thing` be at the end what it is now, and return it. Locks, semaphores, limiters, queues, channels and whatever else shows
   * its state by `toString` has to show the same; arrays, maps and sets have to have as many elements, an AbortSignal or
   * EventEmitter as many listeners.
   */
  watch<T extends object>(thing: T): T
  /** Say that something was opened that has to be closed exactly once, in `finally` above all: call the function returned then. */
  opened(name: string): () => void
}

/** Something was not given back, not closed, or is still going on. The message lists all of it. */
export class LeftBehindError extends Error {
  /** Tells the error apart across versions: `POLVO_LEFT_BEHIND`. */
  readonly code = 'POLVO_LEFT_BEHIND'
  /** What was left behind, a line each. */
  readonly complaints: readonly string[]

  constructor(complaints: readonly string[]) {
    super(complaints.join('; '))
    this.complaints = complaints
  }

  /** The name of the class. */
  override get name(): string {
    return 'LeftBehindError'
  }
}

interface Watched {
  readonly before: string
  now(): string
}

export class Watchman implements Watch {
  readonly #watched: Watched[] = []
  readonly #opened: { readonly name: string; closed: number }[] = []

  constructor() {
    this.watch = this.watch.bind(this)
    this.opened = this.opened.bind(this)
  }

  watch<T extends object>(thing: T): T {
    const now = () => stateOf(thing)
    this.#watched.push({ before: now(), now })
    return thing
  }

  opened(name: string): () => void {
    const entry = { name, closed: 0 }
    this.#opened.push(entry)
    return () => {
      entry.closed++
    }
  }

  /** What is not as it should be now, in words. */
  complaints(): string[] {
    const changed = this.#watched.flatMap(({ before, now }) =>
      now() === before ? [] : [`${now()} was ${before}`],
    )
    const unclosed = this.#opened.flatMap(({ name, closed }) =>
      closed === 1 ? [] : [closed === 0 ? `${name} was not closed` : `${name} was closed ${closed} times`],
    )
    return [...changed, ...unclosed]
  }
}

function stateOf(thing: object): string {
  if (thing instanceof EventEmitter) {
    const counts = thing.eventNames().map((name) => `${String(name)}=${thing.listenerCount(name)}`)
    return `${thing.constructor.name} with listeners ${counts.sort().join(' ') || 'none'}`
  }
  if (thing instanceof AbortSignal)
    return `AbortSignal with listeners ${getEventListeners(thing, 'abort').length}`
  if (Array.isArray(thing)) return `array of ${thing.length}`
  if (thing instanceof Map || thing instanceof Set) return `${thing.constructor.name} of ${thing.size}`
  return String(thing)
}
