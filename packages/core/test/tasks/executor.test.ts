import { setTimeout } from 'node:timers/promises'
import { CancelledError, type Executor, Future, from, getRunningLoop, InvalidStateError, run } from 'polvo'
import { describe, expect, test } from 'vitest'

/** Begins each piece of work a millisecond after the one before it. */
class OneByOne implements Executor {
  readonly begun: unknown[][] = []
  #last: Promise<void> = Promise.resolve()

  submit<Args extends unknown[], R>(fn: (...args: Args) => R, ...args: Args): Future<Awaited<R>> {
    const future = new Future<Awaited<R>>()
    this.#last = this.#last.then(async () => {
      await setTimeout(1)
      if (future.cancelled()) return
      this.begun.push(args)
      try {
        future.setResult(await fn(...args))
      } catch (error) {
        future.setException(error)
      }
    })
    return future
  }

  shutdown(): Promise<void> {
    return this.#last
  }
}

const add = (a: number, b: number) => a + b

describe('runInExecutor', () => {
  test('gives the result, or throws what the function threw', () =>
    run(function* () {
      const executor = new OneByOne()
      const loop = getRunningLoop()
      expect(yield* loop.runInExecutor(executor, add, 1, 2)).toBe(3)
      const failing = () => {
        throw new RangeError('no')
      }
      yield* expectThrow(loop.runInExecutor(executor, failing), RangeError)
      yield* from(executor.shutdown())
    }))

  test('work that is cancelled before its turn is not begun', () =>
    run(async () => {
      const executor = new OneByOne()
      const loop = getRunningLoop()
      const first = loop.runInExecutor(executor, add, 1, 1)
      const second = loop.runInExecutor(executor, add, 2, 2)
      second.cancel()
      expect(await first).toBe(2)
      await expect(second).rejects.toThrow(CancelledError)
      await executor.shutdown()
      expect(executor.begun).toEqual([[1, 1]])
    }))

  test('null is the default executor, which the end of the run shuts down after its work', async () => {
    let executor: OneByOne | undefined
    await run(async () => {
      executor = new OneByOne()
      const loop = getRunningLoop()
      loop.setDefaultExecutor(executor)
      expect(await loop.runInExecutor(null, add, 3, 4)).toBe(7)
    })
    expect(executor?.begun).toEqual([[3, 4]])
  })

  test('an error in the shutdown of the default executor is reported', async () => {
    const reports: string[] = []
    await run(async () => {
      const loop = getRunningLoop()
      loop.setExceptionHandler((_, { message, exception }) => reports.push(`${message}: ${exception}`))
      loop.setDefaultExecutor({
        submit: () => new Future<never>(),
        shutdown: () => Promise.reject(new Error('stuck worker')),
      })
    })
    expect(reports).toEqual(['Unhandled exception of a task at the end of the run: Error: stuck worker'])
  })

  test('misuse is named', () =>
    run(async () => {
      const loop = getRunningLoop()
      expect(() => loop.runInExecutor(null, add, 1, 2)).toThrow(InvalidStateError)
      expect(() => loop.runInExecutor({} as Executor, add, 1, 2)).toThrow(/takes an executor, with submit/)
      expect(() => loop.setDefaultExecutor(5 as never)).toThrow(/was given 5/)
    }))
})

function* expectThrow(future: Future, kind: new (...args: never[]) => Error) {
  try {
    yield* future
  } catch (error) {
    expect(error).toBeInstanceOf(kind)
    return
  }
  expect.fail('nothing was thrown')
}
