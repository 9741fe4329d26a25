/**
 * A ready queue in which somebody chooses who runs next. The steps of one task keep their order, and so do the callbacks of the
 * loop (timers, done-callbacks, the library's own) among each other; whose turn it is, is open.
 *
 * Called by the scheduler: `peek` before each step, `length` before each pass. So a step is over, with all the async code that it
 * resumed, at the first of either call after it.
 */
import { Subscription } from '../coroutine/subscription.ts'
import type { Entry, ReadyQueue } from '../loop/scheduler.ts'
import { Task } from '../tasks/task.ts'

/** Who may run next: a task, or null for the callbacks of the loop. */
export interface Candidate {
  readonly task: Task | null
  readonly entry: Entry
  /** It became ready in its own step: it yields. */
  readonly hasYielded: boolean
  /** It became ready after the pass had begun. */
  readonly isNew: boolean
}

/** Chooses who runs next: an index of the candidates, of which there are two or more, in the order they became ready. */
export type Choose = (candidates: readonly Candidate[]) => number

/** Is told of each step. What it does may make further entries ready. */
export interface StepObserver {
  /** It was chosen, and is about to run. */
  stepBegins?(candidate: Candidate, choice: Choice | null): void
  /** It has run, to the next suspension or the end. */
  stepEnded?(candidate: Candidate): void
}

/** How it was chosen who runs next, where there was a choice. */
export interface Choice {
  readonly options: number
  readonly chosen: number
}

export class ReadyLine implements ReadyQueue {
  readonly choices: Choice[] = []
  steps = 0
  readonly #choose: Choose
  readonly #observer: StepObserver
  readonly #limit: number
  readonly #whenTooLong: () => void
  #entries: Candidate[] = []
  #next: Candidate | null = null
  #running: Candidate | null = null
  #isFrozen = false

  /** @param whenTooLong called when there have been more than `limit` steps, and again at twice as many */
  constructor(choose: Choose, observer: StepObserver, limit: number, whenTooLong: () => void) {
    this.#choose = choose
    this.#observer = observer
    this.#limit = limit
    this.#whenTooLong = whenTooLong
  }

  get length(): number {
    if (this.#isFrozen) return 0
    this.#endStep()
    for (const [i, candidate] of this.#entries.entries()) {
      if (candidate.isNew) this.#entries[i] = { ...candidate, isNew: false }
    }
    return this.#entries.length
  }

  push(entry: Entry): void {
    const task = taskOf(entry)
    const hasYielded = task !== null && task === this.#running?.task
    this.#entries.push({ task, entry, hasYielded, isNew: true })
  }

  peek(): Entry {
    this.#endStep()
    this.#next ??= this.#chooseNext()
    return this.#next.entry
  }

  drop(): void {
    this.#running = this.#next
    this.#next = null
    this.#entries.splice(this.#entries.indexOf(this.#running as Candidate), 1)
    if (++this.steps % this.#limit === 0) this.#whenTooLong()
  }

  /** Run nothing more: the program would go on for ever. */
  freeze(): void {
    this.#isFrozen = true
  }

  #endStep(): void {
    const ended = this.#running
    if (ended === null) return
    this.#running = null
    this.#observer.stepEnded?.(ended)
  }

  #chooseNext(): Candidate {
    const candidates = this.#candidates()
    const [first] = candidates as [Candidate]
    if (candidates.length === 1) {
      this.#observer.stepBegins?.(first, null)
      return first
    }
    const chosen = this.#choose(candidates)
    const choice = { options: candidates.length, chosen }
    this.choices.push(choice)
    const candidate = candidates[chosen] as Candidate
    this.#observer.stepBegins?.(candidate, choice)
    return candidate
  }

  /** The first entry of each task, and of the loop. */
  #candidates(): Candidate[] {
    const seen = new Set<Task | null>()
    return this.#entries.filter(({ task }) => !seen.has(task) && seen.add(task))
  }
}

/** The task whose step an entry is. A task that is an entry itself tells its owner of its end: a callback of the loop. */
function taskOf(entry: Entry): Task | null {
  if (entry instanceof Task || entry instanceof Subscription) return null
  return entry._subject instanceof Task ? entry._subject : null
}
