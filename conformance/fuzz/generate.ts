/**
 * Making programs up. The same seed and number give the same program on every machine.
 *
 * Each program has its own taste: some kinds of operation it does without, others it is full of. So there are programs in
 * which five tasks struggle for one lock, and others in which timeouts are nested in groups; an even mixture of everything
 * would have little of either. (Groce et al.: Swarm testing, https://doi.org/10.1145/2338965.2336763)
 */
import { DRAFTS, type FamilyName, type FamilyOperation } from './families/index.ts'
import {
  type Body,
  type Child,
  type Kind,
  type Operation,
  type OperationOf,
  type Program,
  RETURN_WHEN,
} from './program.ts'
import { Random } from './random.ts'
import { type Conditions, Taste } from './taste.ts'

/** Program number `number` of a run. @param families the families that are in it; by default it has some, as it happens */
export function programOf(
  seed: number,
  number: number,
  families: readonly FamilyName[] | null = null,
): Program {
  const programSeed = Math.floor(new Random(seed, number).next() * 2 ** 32)
  const random = new Random(programSeed)
  const pace = Array.from({ length: 3 }, () => random.pick(PACES))
  return { seed: programSeed, pace, body: new Writer(random, families).program() }
}

/** How long the first cancellation from outside may be in coming, in milliseconds; 0 is some passes of the loop. */
const PACES = [0, 0, 1, 4, 10, 40]

/** Where an operation stands. */
export interface Place {
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

/** What families make their operations with. */
export interface Hand {
  readonly random: Random
  operation(kind: Kind, place: Place): Operation
  /** The body of an operation that stands there. */
  body(place: Place): Body
  /** A task to cancel. Hardly ever the one that does it, which has an operation of its own. */
  other(task: TaskPlace): number
  /** A task to wait for: mostly one that this task has spawned, always one with a greater number. */
  later(task: TaskPlace): number
  severalLater(task: TaskPlace): number[]
  /** A new task, into the group around it, now and then into one that may be elsewhere, or over. */
  spawned(place: Place): Omit<OperationOf<'spawn'>, 'at' | 'do'>
  /** The number of a new task of which the body is known. */
  newTask(task: TaskPlace): number
  /** The number of a new thing of some kind; and of one that may be there by then, mostly the newest; 0 where there is none. */
  fresh(noun: string): number
  known(noun: string): number
}

class Writer implements Hand {
  readonly random: Random
  readonly #taste: Taste
  #operations = 0
  #tasks = 0
  #groups = 0
  /** How many there are of what families have. */
  readonly #counts = new Map<string, number>()

  constructor(random: Random, families: readonly FamilyName[] | null) {
    this.random = random
    this.#taste = new Taste(random, families)
  }

  /** A few tasks to begin with, so that there is something to wait for and to cancel. */
  program(): Body {
    const place = placeInTask(0, this.random.between(2, 4))
    const company = Array.from({ length: this.random.between(1, 4) }, () => this.operation('spawn', place))
    return [...company, ...this.#taskBody(place)]
  }

  /** Often with a `try` in front, or most tasks would end with the first cancellation. */
  #taskBody(place: Place): Body {
    const front = this.random.chance(0.5) ? [this.operation('try', place)] : []
    return [...front, ...this.#body(place)]
  }

  #body(place: Place, most = 3): Body {
    const body: Operation[] = []
    for (let left = this.random.between(1, most); left > 0; left--) {
      const isSimple = place.depth <= 0 || this.random.chance(0.45)
      let kind: Kind | null = this.#taste.kind(isSimple, this.#conditionsAt(place))
      while (kind !== null) {
        body.push(this.operation(kind, place))
        kind = this.#taste.sequel(kind, this.#conditionsAt(place))
      }
    }
    return body
  }

  #conditionsAt({ task, hasLock }: Place): Conditions {
    const hasAny = (noun: string) => (this.#counts.get(noun) ?? 0) > 0
    return { hasLock, hasLaterTasks: this.#tasks > task.id, hasAny }
  }

  /** The number is taken first: an operation comes before those inside it. */
  operation(kind: Kind, place: Place): Operation {
    const at = ++this.#operations
    return { at, do: kind, ...this.#draft(kind, place) } as Operation
  }

  #draft(kind: Kind, place: Place): Draft {
    const random = this.random
    const { task } = place
    const inside = { ...place, depth: place.depth - 1 }
    switch (kind) {
      case 'sleep':
        return { times: random.between(1, 3) }
      case 'cancel':
        return { task: this.other(task) }
      case 'await':
      case 'shield':
      case 'waitFor':
        return { task: this.later(task) }
      case 'gather':
        return { tasks: this.severalLater(task), returnExceptions: random.chance(0.4) }
      case 'wait':
        return { tasks: this.severalLater(task), returnWhen: random.pick(RETURN_WHEN) }
      case 'put':
      case 'get':
        return { queue: random.between(0, 1) }
      case 'notify':
        return { count: random.between(1, 2) }
      case 'reschedule':
        return { timeout: this.known('timeout'), isOver: random.chance(0.8) }
      case 'lock':
        return { body: this.#body({ ...inside, hasLock: true }) }
      case 'semaphore':
        return { semaphore: random.between(0, 1), body: this.#body(inside) }
      case 'spawn':
        return this.spawned(place)
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
        return { timeout: this.fresh('timeout'), limit: random.pick(LIMITS), body: this.#body(inside) }
      default:
        return isOfFamily(kind) ? this.#draftOfFamily(kind, place) : {}
    }
  }

  #draftOfFamily(kind: FamilyOperation['do'], place: Place): Draft {
    return (DRAFTS[kind] as (hand: Hand, place: Place) => Draft)(this, place)
  }

  body(place: Place): Body {
    return this.#body({ ...place, depth: place.depth - 1 })
  }

  newTask({ spawned }: TaskPlace): number {
    spawned.push(++this.#tasks)
    return this.#tasks
  }

  fresh(noun: string): number {
    const number = (this.#counts.get(noun) ?? 0) + 1
    this.#counts.set(noun, number)
    return number
  }

  known(noun: string): number {
    const count = this.#counts.get(noun) ?? 0
    return this.random.chance(0.6) ? count : this.random.between(Math.min(1, count), count)
  }

  spawned({ task: spawner, group: around, depth }: Place): Omit<OperationOf<'spawn'>, 'at' | 'do'> {
    const task = this.newTask(spawner)
    const isChild = this.random.chance(around === null ? 0.15 : 0.7)
    const into = isChild ? (around ?? this.#anyGroup()) : null
    return { task, into, body: this.#taskBody(placeInTask(task, depth - 1)) }
  }

  #child({ depth }: Place): Child {
    const task = ++this.#tasks
    return { task, body: this.#taskBody(placeInTask(task, depth - 2)) }
  }

  /** What runs when a body is over: shorter and flatter than the body. */
  #afterwards(inside: Place): Body {
    return this.#body({ ...inside, group: null, depth: inside.depth - 1 }, 2)
  }

  other({ id }: TaskPlace): number {
    const task = this.#anyTask()
    return task === id ? this.#anyTask() : task
  }

  #anyTask(): number {
    return this.random.between(0, this.#tasks)
  }

  later({ id, spawned }: TaskPlace): number {
    if (spawned.length > 0 && this.random.chance(0.8)) return this.random.pick(spawned)
    return this.random.between(id + 1, this.#tasks)
  }

  severalLater(task: TaskPlace): number[] {
    return Array.from({ length: this.random.between(1, 3) }, () => this.later(task))
  }

  #anyGroup(): number | null {
    return this.#groups === 0 ? null : this.random.between(1, this.#groups)
  }
}

function isOfFamily(kind: Kind): kind is FamilyOperation['do'] {
  return kind in DRAFTS
}

function placeInTask(id: number, depth: number): Place {
  return { task: { id, spawned: [] }, group: null, hasLock: false, depth }
}

const ON_CANCEL = ['swallow', 'swallow', 'rethrow', 'fail'] as const
const LIMITS = ['never', 'never', 'never', 'over'] as const
