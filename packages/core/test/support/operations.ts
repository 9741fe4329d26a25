import type { Awaitable } from 'polvo'
import { bothSpellings, type Print } from './traces.ts'

/** What the exception handler is told of an operation that nobody awaited. */
export const neverAwaited = (what: string): string =>
  `report: ${what} was created and never awaited, so it did nothing. Write \`yield* ${what}\` or \`await ${what}\`.`

/**
 * What every operation of the library keeps: it serves one await, and does nothing where nobody awaits it, which is
 * reported.
 *
 * @param shown how the report names it
 * @param make makes one that ends by itself and prints nothing
 */
export function keepsTheOperationContract(shown: string, make: (print: Print) => Awaitable<unknown>): void {
  bothSpellings(`${shown} serves one await`, ['awaited', 'InvalidStateError'], {
    *generator(print) {
      const operation = make(print)
      yield* operation
      print('awaited')
      try {
        yield* operation
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const operation = make(print)
      await operation
      print('awaited')
      try {
        await operation
      } catch (error) {
        print(error)
      }
    },
  })

  bothSpellings(`${shown} that nobody awaits does nothing, and is reported by name`, [neverAwaited(shown)], {
    *generator(print) {
      make(print)
      yield
    },
    async async(print) {
      make(print)
    },
  })
}
