/**
 * What programs are full of, and what they do without: how often each kind of operation comes up, and where it can.
 */
import { ALL_FAMILIES, FAMILIES, type FamilyName } from './families/index.ts'
import type { Family } from './family.ts'
import type { Kind } from './program.ts'
import type { Random } from './random.ts'

/** How often the operations come up that have no bodies. What ends a task is rare: most of a program is to be carried out. */
const SIMPLE: Partial<Record<Kind, number>> = {
  sleep: 30,
  fail: 1.5,
  cancel: 9,
  cancelSelf: 1.5,
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

/** How likely a program has a family in it. Those that have none are about tasks alone. */
const WITH_FAMILY = 0.3

const ALL_SIMPLE: Weights = Object.assign({}, SIMPLE, ...ALL_FAMILIES.map(({ simple }) => simple))
const ALL_COMPOUND: Weights = Object.assign({}, COMPOUND, ...ALL_FAMILIES.map(({ compound }) => compound))
type Weights = Readonly<Partial<Record<Kind, number>>>

const FOR_LATER_TASKS: readonly string[] = [
  ...['await', 'shield', 'waitFor', 'gather', 'wait'],
  ...ALL_FAMILIES.flatMap(({ forLaterTasks = [] }) => forLaterTasks),
]

/**
 * Who holds the lock does not take it again, nor wait for a task in such a way that its own cancellation would wait for that
 * task: it might be one that wants the lock back after `condition.wait()`, which no cancellation keeps from doing so.
 */
const NEVER_WITH_LOCK: readonly string[] = [
  ...['lock', 'notify', 'waitCondition', 'await', 'waitFor', 'gather', 'gatherNew', 'group'],
  ...ALL_FAMILIES.flatMap(({ neverWithLock = [] }) => neverWithLock),
]

/** What there has to be for an operation, by its noun. */
const NEEDS: Readonly<Record<string, string>> = Object.assign(
  { reschedule: 'timeout' },
  ...ALL_FAMILIES.map(({ needs }) => needs),
)

/** What is likely to follow: it has something to work on then. */
const SEQUELS: Readonly<Record<string, readonly string[]>> = Object.assign(
  {},
  ...ALL_FAMILIES.map(({ sequels }) => sequels),
)

/** These may wake a task, which is best cancelled before it has run: it has to pass on what it was woken for. */
const WAKING: readonly string[] = [
  ...['put', 'get', 'notify', 'lock', 'semaphore'],
  ...ALL_FAMILIES.flatMap(({ waking = [] }) => waking),
]

/** What decides whether an operation can stand at some place. */
export interface Conditions {
  readonly hasLock: boolean
  readonly hasLaterTasks: boolean
  hasAny(noun: string): boolean
}

/** The taste of one program. */
export class Taste {
  readonly #random: Random
  readonly #factors: ReadonlyMap<string, number>

  /** @param names of the families that are in it; null for some, as it happens */
  constructor(random: Random, names: readonly FamilyName[] | null) {
    this.#random = random
    const chosen: readonly Family[] =
      names?.map((name) => FAMILIES[name]) ?? ALL_FAMILIES.filter(() => random.chance(WITH_FAMILY))
    const kinds = [SIMPLE, COMPOUND, ...chosen.flatMap(({ simple, compound = {} }) => [simple, compound])]
    this.#factors = new Map(
      kinds.flatMap(Object.keys).map((kind) => [kind, isAlways(kind) ? 1 : random.pick(TASTES)]),
    )
  }

  /** What comes next. */
  kind(isSimple: boolean, conditions: Conditions): Kind {
    const weights = Object.entries(isSimple ? ALL_SIMPLE : ALL_COMPOUND) as [Kind, number][]
    return this.#random.weighted(
      weights.map(([kind, weight]) => [
        fits(kind, conditions) ? weight * (this.#factors.get(kind) ?? 0) : 0,
        kind,
      ]),
    )
  }

  /** What comes right after an operation, if anything does. */
  sequel(kind: Kind, conditions: Conditions): Kind | null {
    if (WAKING.includes(kind) && this.#random.chance(0.4)) return 'cancel'
    const sequels = SEQUELS[kind]
    if (sequels === undefined || this.#random.chance(0.4)) return null
    const sequel = this.#random.pick(sequels) as Kind
    return fits(sequel, conditions) ? sequel : null
  }
}

/** Whether it can be done there: there is something for it to work on, and it is no deadlock. */
function fits(kind: Kind, { hasLock, hasLaterTasks, hasAny }: Conditions): boolean {
  if (hasLock && NEVER_WITH_LOCK.includes(kind)) return false
  if (FOR_LATER_TASKS.includes(kind)) return hasLaterTasks
  const need = NEEDS[kind]
  return need === undefined || hasAny(need)
}

function isAlways(kind: string): boolean {
  return ALWAYS.some((one) => one === kind)
}
