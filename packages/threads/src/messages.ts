/**
 * What an executor and its workers say to each other. All of it can be cloned, between threads and between
 * processes.
 */
import type { CarriedError } from './carried-error.ts'

/** What is to be run: a member of a module, or a function by its text. */
export type Work =
  | { readonly module: string; readonly member: string }
  | { readonly text: string; readonly label: string }

/** Values of context variables, by the names of the variables. */
export type CarriedContext = readonly (readonly [name: string, value: unknown])[]

export interface Order {
  readonly kind: 'work'
  /** Numbers the jobs of a worker, from 1 on. */
  readonly id: number
  readonly work: Work
  readonly args: readonly unknown[]
  readonly context: CarriedContext | null
}

/** To a worker: do this; stop doing that; end, there is no more to do. */
export type ToWorker = Order | { readonly kind: 'cancel'; readonly id: number } | { readonly kind: 'end' }

/** From a process, before it ends by an error that nobody caught. Of a thread the system tells. */
export interface Uncaught {
  readonly kind: 'uncaught'
  readonly error: CarriedError
}

/** From a worker, once for each order. */
export type Reply =
  | { readonly id: number; readonly kind: 'result'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'cancelled' }
  | { readonly id: number; readonly kind: 'error'; readonly error: CarriedError }
  /** The function uses a name that does not exist in the worker. */
  | {
      readonly id: number
      readonly kind: 'unknown name'
      readonly name: string
      readonly error: CarriedError
    }
  /** What the work returned cannot be cloned. */
  | { readonly id: number; readonly kind: 'unsendable'; readonly reason: string }

export function labelOf(work: Work): string {
  return 'member' in work ? `${work.member}()` : work.label
}
