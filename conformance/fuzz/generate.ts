/**
 * Making programs up. The same seed and number give the same program on every machine.
 *
 * Each program has its own taste: some kinds of operation it does without, others it is full of. So there are programs in
 * which five tasks struggle for one lock, and others in which timeouts are nested in groups; an even mixture of everything
 * would have little of either. (Groce et al.: Swarm testing, https://doi.org/10.1145/2338965.2336763)
 */
import {
  type Body,
  type Child,
  type Kind,
  type Operation,
  type OperationOf,
  type Program,
  QUEUE_SIZES,
} from './program.ts'
import { Random } from './random.ts'

/** Program number `number` of a run. */
export function programOf(seed: number, number: number): Program {
  const programSeed = Math.floor(new Random(seed, number).next() * 2 ** 32)
  return { seed: programSeed, body: new Writer(new Random(programSeed)).program() }
}

/** How often the operations come up that have no bodies. What ends a task is rare: most of a program is to be carried out. */
const SIMPLE: Partial<Record<Kind, number>> = {
  sleep: 30,
  sleepFor: 12,
  fail: 1.5,
  cancel: 9,
  cancelSelf: 1.5,
  cancelLater: 4,
  await: 8,
  shield: 6,
  waitFor: 2,
  gather: 5,
  wait: 6,
  put: 9,
  get: 6,
  waitEvent: 3,
  toggleEvent: 5,
  waitCondition: 4,
  notify: 5,
  taskDone: 3,
  join: 2,
  shutdown: 1,
  waitBarrier: 4,
  resetBarrier: 1,
  abortBarrier: 0.5,
  setVar: 3,
  getVar: 5,
  asCompleted: 4,
  reschedule: 6,
}

/** The same for those that have. */
const COMPOUND: Partial<Record<Kind, number>> = {
  spawn: 18,
  gatherNew: 4,
  shieldNew: 3,
  lock: 7,
  semaphore: 7,
  call: 3,
  try: 16,
  finally: 6,
  group: 12,
  timeout: 12,
}

/** What the weights of one program are multiplied by. */
const TASTES = [0, 1, 1, 5]

/** No program does without these. */
const ALWAYS: readonly Kind[] = ['sleep', 'spawn']

const FOR_LATER_TASKS: readonly Kind[] = ['await', 'shield', 'waitFor', 'gather', 'wait', 'asCompleted']

/**
 * Who holds the lock does not take it again, nor wait for a task in such a way that its own cancellation would wait for that
 * task: it might be one that wants the lock back after `condition.wait()`, which no cancellation keeps from doing so.
 */
const NEVER_WITH_LOCK: readonly Kind[] = [
  'lock',
  'notify',
  'waitCondition',
  'await',
  'waitFor',
  'gather',
  'gatherNew',
  'group',
]

/** These may wake a task, which is best cancelled before it has run: it has to pass on what it was woken for. */
const WAKING: readonly Kind[] = [
  'put',
  'get',
  'notify',
  'lock',
  'semaphore',
  'taskDone',
  'waitBarrier',
  'resetBarrier',
]

/** Where an operation stands. */
interface Place {
  readonly task: TaskPlace
  /** The group in whose body it is. */
  readonly group: number | null
  /** Whether the task holds the lock. */
  readonly hasLock: boolean
  /** How deep it may go on. */
  readonly depth: number
}

interface TaskPlace {
  readonly id: number
  /** The tasks that it has spawned by then. */
  readonly spawned: number[]
}

/** An operation without its number. */
type Draft<K extends Kind = Kind> = K extends Kind ? Omit<OperationOf<K>, 'at' | 'do'> : never

class Writer {
  readonly #random: Random
  readonly #taste: ReadonlyMap<string, number>
  #operations = 0
  #tasks = 0
  #groups = 0
  #timeouts = 0
  /** The timeouts whose limit may be moved. */
  readonly #movable: number[] = []

  constructor(random: Random) {
    this.#random = random
    const kinds = Object.keys({ ...SIMPLE, ...COMPOUND }) as Kind[]
    this.#taste = new Map(kinds.map((kind) => [kind, ALWAYS.includes(kind) ? 1 : random.pick(TASTES)]))
  }

  /** A few tasks to begin with, so that there is something to wait for and to cancel. */
  program(): Body {
    const place = placeInTask(0, this.#random.between(2, 4))
    const company = Array.from({ length: this.#random.between(1, 4) }, () => this.#operation('spawn', place))
    return [...company, ...this.#taskBody(place)]
  }

  /** Often with a `try` in front, or most tasks would end with the first cancellation. */
  #taskBody(place: Place): Body {
    const front = this.#random.chance(0.5) ? [this.#operation('try', place)] : []
    return [...front, ...this.#body(place)]
  }

  #body(place: Place, most = 3): Body {
    const body: Operation[] = []
    for (let left = this.#random.between(1, most); left > 0; left--) {
      const kind = this.#kind(place)
      body.push(this.#operation(kind, place))
      if (WAKING.includes(kind) && this.#random.chance(0.3)) body.push(this.#operation('cancel', place))
    }
    return body
  }

  #kind(place: Place): Kind {
    const isSimple = place.depth <= 0 || this.#random.chance(0.45)
    const weights = Object.entries(isSimple ? SIMPLE : COMPOUND) as [Kind, number][]
    return this.#random.weighted(
      weights.map(([kind, weight]) => [this.#fits(kind, place) ? weight * this.#taste.get(kind)! : 0, kind]),
    )
  }

  /** Whether it can be done there: there is something for it to work on, and it is no deadlock. */
  #fits(kind: Kind, { task, hasLock }: Place): boolean {
    if (hasLock && NEVER_WITH_LOCK.includes(kind)) return false
    if (FOR_LATER_TASKS.includes(kind)) return this.#tasks > task.id
    return kind !== 'reschedule' || this.#movable.length > 0
  }

  /** The number is taken first: an operation comes before those inside it. */
  #operation(kind: Kind, place: Place): Operation {
    const at = ++this.#operations
    return { at, do: kind, ...this.#draft(kind, place) } as Operation
  }

  #draft(kind: Kind, place: Place): Draft {
    const random = this.#random
    const { task } = place
    const inside = { ...place, depth: place.depth - 1 }
    switch (kind) {
      case 'sleep':
        return { times: random.between(1, 3) }
      case 'cancel':
        return { task: this.#other(task) }
      case 'sleepFor':
        return { after: random.between(1, 8) }
      case 'cancelLater':
        return { task: this.#other(task), after: random.between(1, 8) }
      case 'await':
      case 'shield':
        return { task: this.#later(task) }
      case 'waitFor':
        return { task: this.#later(task), after: random.between(0, 5) }
      case 'gather':
        return { tasks: this.#severalLater(task), returnExceptions: random.chance(0.4) }
      case 'wait':
        return {
          tasks: this.#severalLater(task),
          returnWhen: random.pick(RETURN_WHEN),
          after: this.#perhaps(5),
        }
      case 'asCompleted':
        return { tasks: this.#severalLater(task), after: this.#perhaps(5) }
      case 'put':
      case 'get':
      case 'taskDone':
      case 'join':
        return { queue: random.between(0, QUEUE_SIZES.length - 1) }
      case 'shutdown':
        return { queue: random.between(0, QUEUE_SIZES.length - 1), immediate: random.chance(0.3) }
      case 'notify':
        return { count: random.between(1, 2) }
      case 'reschedule':
        return { timeout: random.pick(this.#movable), isOver: random.chance(0.8) }
      case 'lock':
        return { body: this.#body({ ...inside, hasLock: true }) }
      case 'semaphore':
        return { semaphore: random.between(0, 1), body: this.#body(inside) }
      case 'spawn':
        return this.#spawn(place)
      case 'gatherNew': {
        const children = Array.from({ length: random.between(1, 3) }, () => this.#child(place))
        return { children, returnExceptions: random.chance(0.4) }
      }
      case 'shieldNew':
        return { child: this.#child(place) }
      case 'call':
        return { body: this.#body(inside) }
      case 'try': {
        const body = this.#body(inside)
        const handler = random.chance(0.6) ? this.#afterwards(inside) : []
        return { body, onCancel: random.pick(ON_CANCEL), handler }
      }
      case 'finally':
        return { body: this.#body(inside), cleanUp: this.#afterwards(inside) }
      case 'group': {
        const group = ++this.#groups
        return { group, body: this.#body({ ...inside, group }) }
      }
      case 'timeout':
        return this.#timeout(inside)
      default:
        return {}
    }
  }

  /** Into the group around it, now and then into one that may be elsewhere, or over. */
  #spawn({ task: spawner, group: around, depth }: Place): Draft<'spawn'> {
    const task = ++this.#tasks
    spawner.spawned.push(task)
    const isChild = this.#random.chance(around === null ? 0.15 : 0.7)
    const into = isChild ? (around ?? this.#anyGroup()) : null
    return { task, into, body: this.#taskBody(placeInTask(task, depth - 1)) }
  }

  #child({ depth }: Place): Child {
    const task = ++this.#tasks
    return { task, body: this.#taskBody(placeInTask(task, depth - 2)) }
  }

  #timeout(inside: Place): Draft<'timeout'> {
    const timeout = ++this.#timeouts
    const limit = this.#random.pick(LIMITS)
    if (limit !== 'never') this.#movable.push(timeout)
    return { timeout, limit, after: this.#random.between(1, 6), body: this.#body(inside) }
  }

  /** What runs when a body is over: shorter and flatter than the body. */
  #afterwards(inside: Place): Body {
    return this.#body({ ...inside, group: null, depth: inside.depth - 1 }, 2)
  }

  /** A task to cancel. Hardly ever the one that does it, which has an operation of its own. */
  #other({ id }: TaskPlace): number {
    const task = this.#anyTask()
    return task === id ? this.#anyTask() : task
  }

  #anyTask(): number {
    return this.#random.between(0, this.#tasks)
  }

  /** A task to wait for: mostly one that this task has spawned, always one with a greater number. */
  #later({ id, spawned }: TaskPlace): number {
    if (spawned.length > 0 && this.#random.chance(0.8)) return this.#random.pick(spawned)
    return this.#random.between(id + 1, this.#tasks)
  }

  /** A time limit, or none. */
  #perhaps(most: number): number | null {
    return this.#random.chance(0.5) ? this.#random.between(0, most) : null
  }

  #severalLater(task: TaskPlace): number[] {
    return Array.from({ length: this.#random.between(1, 3) }, () => this.#later(task))
  }

  #anyGroup(): number | null {
    return this.#groups === 0 ? null : this.#random.between(1, this.#groups)
  }
}

function placeInTask(id: number, depth: number): Place {
  return { task: { id, spawned: [] }, group: null, hasLock: false, depth }
}

const RETURN_WHEN = ['FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED'] as const
const ON_CANCEL = ['swallow', 'swallow', 'rethrow', 'fail'] as const
const LIMITS = ['never', 'movable', 'movable', 'over', 'soon', 'soon'] as const
