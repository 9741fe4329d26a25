/** What the driver does with unusual coroutines: their odd errors, the context they run in, and what is yielded to it. */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  CancelledError,
  type Coroutine,
  call,
  cleanup,
  createTask,
  currentTask,
  Future,
  getRunningLoop,
  run,
  type Suspension,
  shield,
  sleep,
  wait,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { runInside } from '../../src/coroutine/driver.ts'
import { COPY_KEY, thisCopy } from '../../src/host/copy.ts'
import { traceOf } from '../support/traces.ts'

describe('an iterator without throw()', () => {
  /** Yields what it is given, and has nothing to be thrown into. */
  const withoutThrow = (future: Future<unknown>) => ({
    [Symbol.iterator]: () => ({
      next: () => ({ done: false as const, value: future as unknown as Suspension }),
    }),
  })

  test('does not turn a cancellation into a TypeError', async () => {
    const trace = await traceOf(function* (print) {
      const task = createTask(function* (): Coroutine {
        yield* withoutThrow(new Future())
      })
      yield
      task.cancel()
      yield* wait([task])
      print(task.cancelled())
    })
    expect(trace).toEqual(['true'])
  })

  test('does so with any other error, as JavaScript has it', async () => {
    const trace = await traceOf(function* (print) {
      const future = new Future()
      const task = createTask(function* (): Coroutine {
        yield* withoutThrow(future)
      })
      yield
      future.setException(new RangeError('boom'))
      yield* wait([task])
      print(task.exception())
    })
    expect(trace).toEqual(['TypeError'])
  })
})

test('a TypeError that the code itself throws when it is cancelled is its own', async () => {
  const trace = await traceOf(function* (print) {
    const task = createTask(function* () {
      try {
        yield* sleep(10)
      } catch {
        throw new TypeError('mine')
      }
    })
    yield
    task.cancel()
    yield* wait([task])
    print(task.exception(), (task.exception() as Error).message)
  })
  expect(trace).toEqual(['TypeError mine'])
})

test("so is one about a 'throw' method that it throws when it was given a CancelledError as a result", async () => {
  const trace = await traceOf(function* (print) {
    const future = new Future()
    future.setResult(new CancelledError())
    const task = createTask(function* (): Coroutine {
      yield* sleep(0, yield* future)
      yield* shield(sleep(1, yield* future))
      throw new TypeError("it has no 'throw' method")
    })
    yield* wait([task])
    print(task.exception())
  })
  expect(trace).toEqual(['TypeError'])
})

test('a task that a generator inside an async function creates has the async context of that function', async () => {
  const storage = new AsyncLocalStorage<string>()
  const seen = await run(() =>
    storage.run('around the task', async () =>
      storage.run(
        'around the await',
        async () =>
          await call(function* () {
            const task = createTask(function* () {
              return storage.getStore()
            })
            return yield* task
          }),
      ),
    ),
  )
  expect(seen).toBe('around the await')
})

test('a body that takes no arguments is given none', async () => {
  const counts = await run(function* () {
    return yield* cleanup(10, (...args: unknown[]) => args.length)
  })
  expect(counts).toBe(0)
})

test('whatever is yielded to it says which copy of the library it is of', () => {
  for (const yielded of [runInside(() => {}), new Future()]) {
    expect((yielded as unknown as Record<symbol, unknown>)[COPY_KEY]).toBe(thisCopy)
  }
})

describe('async code that goes on when its function is over', () => {
  test('belongs to no task any more', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const trace = await traceOf(async (print) => {
      const stray = async () => {
        print('during', currentTask() === task)
        await promise
        print('after', currentTask())
      }
      const task = createTask(async () => {
        void stray()
      })
      await task
      resolve()
      await sleep(5)
    })
    expect(trace).toEqual(['during true', 'after null'])
  })

  test('nor does it when awaits that have lost were waited for', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const trace = await traceOf(async (print) => {
      const stray = async () => {
        await promise
        print('after', currentTask())
      }
      const loser = createTask(function* () {
        try {
          yield* sleep(100)
        } finally {
          print('requests', loser.cancelling())
          yield* sleep(1)
        }
      })
      const task = createTask(async () => {
        void stray()
        await Promise.race([loser, sleep(1)])
      })
      await task
      resolve()
      await sleep(5)
    })
    expect(trace).toEqual(['requests 1', 'after null'])
  })

  test('goes on though the run is over', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<string>()
    await run(async () => {
      void (async () => {
        await promise
        await sleep(1)
        ended.resolve('came back')
      })()
    })
    resolve()
    expect(await ended.promise).toBe('came back')
  })

  test('as what a callback awaits it is adopted by the loop that runs', async () => {
    const trace = await traceOf(function* (print) {
      getRunningLoop().callSoon(() => {
        sleep(1).then(() => print('adopted'))
      })
      yield* sleep(5)
      print('end')
    })
    expect(trace).toEqual(['adopted', 'end'])
  })
})
