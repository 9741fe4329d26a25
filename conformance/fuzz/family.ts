/**
 * A family of operations: what one part of asyncio adds to the programs. Each has a module in `families/`, and beside it one of
 * Python with the same name. A family says how often its operations come up, how they are made up, and how they are carried
 * out; everything else (both spellings, printing, shrinking) is the same for all of them.
 */
import type { Awaitable } from 'polvo'
import type { Hand, Place } from './generate.ts'
import type { Body } from './program.ts'
import type { ScopeBody, Stage, TaskFunction } from './stage.ts'

/** How often each operation comes up. */
export interface Family {
  /** The operations that have no bodies. */
  readonly simple: Readonly<Record<string, number>>
  /** And those that have. */
  readonly compound?: Readonly<Record<string, number>>
  /** Those for which there has to be a task that was begun later. */
  readonly forLaterTasks?: readonly string[]
  /** Those for which there has to be something, by the noun that the hand counts it under. */
  readonly needs?: Readonly<Record<string, string>>
  /** What is likely to come right after some. */
  readonly sequels?: Readonly<Record<string, readonly string[]>>
  /** Those that a task does not do while it holds the lock; see generate.ts. */
  readonly neverWithLock?: readonly string[]
  /** Those that wake a task, which is best cancelled at once. */
  readonly waking?: readonly string[]
  /** What is left of it at the end: the last lines of the trace. */
  readonly left?: (stage: Stage) => readonly unknown[]
}

interface AnyOperation {
  readonly at: number
  readonly do: string
}

/** How the operations of a family are made up: all that is in them but the number and the kind. */
export type Drafts<O extends AnyOperation> = {
  readonly [K in O['do']]: (hand: Hand, place: Place) => Omit<Extract<O, { do: K }>, 'at' | 'do'>
}

/**
 * How they are carried out. What is returned goes into the trace, an array as several words, and an awaitable when it was
 * awaited; undefined is an operation that has nothing to work on. So is what is thrown, and a program goes on after it.
 */
export type Plays<O extends AnyOperation> = {
  readonly [K in O['do']]: (scene: Scene, operation: Extract<O, { do: K }>, me: number) => unknown
}

/** Where an operation is carried out: on the stage, in the spelling of the task. */
export interface Scene {
  readonly stage: Stage
  /** The function that a scope is given to run. */
  bodyOf<S>(me: number, body: Body, enter: (scope: S) => void): ScopeBody<S>
  taskFunction(id: number): TaskFunction
  /** The function of a task whose first step is taken on the spot. */
  eagerTaskFunction(id: number, body: Body): TaskFunction
}

export function isAwaitable(result: unknown): result is Awaitable<unknown> {
  return typeof (result as Partial<Awaitable<unknown>> | undefined)?.then === 'function'
}
