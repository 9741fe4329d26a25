/** Handlers of errors, by their status or class. */
import { misuse } from 'polvo/lowlevel'
import type { ErrorHandler } from './route.ts'

/** A class of errors. */
export type ErrorClass<E = unknown> = abstract new (...args: never[]) => E

export class ErrorHandlers {
  readonly #handlers = new Map<number | ErrorClass, ErrorHandler>()

  /** In place of the one before. @throws TypeError for what cannot be */
  set(target: number | ErrorClass, handler: ErrorHandler): void {
    if (typeof handler !== 'function' || (typeof target !== 'number' && typeof target !== 'function')) {
      throw misuse(
        'onError() takes a status or a class of errors, and a function (error, request) => response.',
      )
    }
    this.#handlers.set(target, handler)
  }

  /** That for its status, else that for the most special of its classes; null where there is none. */
  find(error: unknown): ErrorHandler | null {
    if (this.#handlers.size === 0 || typeof error !== 'object' || error === null) return null
    const { status } = error as { status?: unknown }
    const byStatus = typeof status === 'number' ? this.#handlers.get(status) : undefined
    if (byStatus !== undefined) return byStatus
    let prototype = Object.getPrototypeOf(error)
    while (prototype !== null) {
      const handler = this.#handlers.get(prototype.constructor as ErrorClass)
      if (handler !== undefined) return handler
      prototype = Object.getPrototypeOf(prototype)
    }
    return null
  }
}
