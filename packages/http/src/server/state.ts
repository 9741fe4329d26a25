/** Typed state: what an application or a request carries, by keys that know the type of their value. */
import { misuse, outOfRange } from 'polvo/lowlevel'

/**
 * The key of a value of type T in the state of an application or request. Two keys of one name are two.
 *
 *     const database = new StateKey<Pool>('database')
 *     app.state.set(database, pool)
 *     request.app.state.get(database)   // a Pool
 */
export class StateKey<T> {
  /** What it is called, for messages. */
  readonly name: string
  /** Keeps the type of the value. */
  declare private readonly type: T

  constructor(name: string) {
    this.name = name
  }

  toString(): string {
    return `<StateKey ${this.name}>`
  }
}

/** Values by their keys. What is not found is looked up in the state around it: that of the application one is a part of. */
export class State {
  readonly #values = new Map<StateKey<unknown>, unknown>()
  /** @internal */
  _around: State | null = null

  /** Set a value, in place of the one before. @throws TypeError where the key is no StateKey. */
  set<T>(key: StateKey<T>, value: T): void {
    if (!(key instanceof StateKey)) {
      throw misuse(`state.set() takes a StateKey and its value, and was given ${String(key)} for a key.`)
    }
    this.#values.set(key as StateKey<unknown>, value)
  }

  /** The value, else `fallback`. @throws RangeError where there is neither. */
  get<T>(key: StateKey<T>, ...fallback: [T] | []): T {
    if (this.#values.has(key as StateKey<unknown>)) return this.#values.get(key as StateKey<unknown>) as T
    if (this._around !== null) return this._around.get(key, ...fallback)
    if (fallback.length > 0) return fallback[0] as T
    throw outOfRange(`${key} has no value here. Set it when the application is made, or by a resource of it.`)
  }

  /** Whether there is a value. */
  has(key: StateKey<unknown>): boolean {
    return this.#values.has(key) || (this._around?.has(key) ?? false)
  }

  /** Remove a value of its own; nothing happens where there is none. */
  delete(key: StateKey<unknown>): void {
    this.#values.delete(key)
  }
}
