import { inspect } from 'node:util'
import {
  awaitable,
  type Coroutine,
  call,
  createTask,
  currentTask,
  gather,
  type Suspension,
  sleep,
  timeout,
  wait,
  waitFor,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

function* double(n: number): Coroutine<number> {
  yield* sleep(1)
  return 2 * n
}

async function doubleAsync(n: number): Promise<number> {
  await sleep(1)
  return 2 * n
}

describe('call()', () => {
  bothSpellings(
    'runs functions of every kind with their arguments, as a part of the coroutine that awaits it',
    ['4', '6', '8', 'slept', 'from a promise', 'main'],
    {
      *generator(print) {
        currentTask()?.setName('main')
        print(yield* call(double, 2))
        print(yield* call(doubleAsync, 3))
        print(yield* call((n: number) => 2 * n, 4))
        print(yield* call(() => sleep(1, 'slept')))
        print(yield* call(() => Promise.resolve('from a promise')))
        print(yield* call(() => currentTask()?.getName()))
      },
      async async(print) {
        currentTask()?.setName('main')
        print(await call(double, 2))
        print(await call(doubleAsync, 3))
        print(await call((n: number) => 2 * n, 4))
        print(await call(() => sleep(1, 'slept')))
        print(await call(() => Promise.resolve('from a promise')))
        print(await call(() => currentTask()?.getName()))
      },
    },
  )

  bothSpellings('is lazy: nothing runs until it is awaited', ['made', 'runs'], {
    *generator(print) {
      const later = call(function* () {
        print('runs')
      })
      yield* sleep(5)
      print('made')
      yield* later
    },
    async async(print) {
      const later = call(async () => print('runs'))
      await sleep(5)
      print('made')
      await later
    },
  })

  bothSpellings('costs no pass where the function does not suspend', ['0', '0', '0'], {
    *generator(print) {
      const passes = passCounter()
      yield* call(function* () {})
      print(passes())
      yield* call(async () => {})
      print(passes())
      yield* call(() => {})
      print(passes())
    },
    async async(print) {
      const passes = passCounter()
      await call(function* () {})
      print(passes())
      await call(async () => {})
      print(passes())
      await call(() => {})
      print(passes())
    },
  })

  bothSpellings('what the function throws comes out, at once or later', ['at once', 'later', 'rejected'], {
    *generator(print) {
      for (const fails of [
        () => {
          throw 'at once'
        },
        function* () {
          yield
          throw 'later'
        },
        async () => {
          await sleep(1)
          throw 'rejected'
        },
      ]) {
        try {
          yield* call(fails as () => unknown)
        } catch (error) {
          print(error)
        }
      }
    },
    async async(print) {
      for (const fails of [
        () => {
          throw 'at once'
        },
        function* () {
          yield
          throw 'later'
        },
        async () => {
          await sleep(1)
          throw 'rejected'
        },
      ]) {
        try {
          await call(fails as () => unknown)
        } catch (error) {
          print(error)
        }
      }
    },
  })

  bothSpellings(
    'is taken where code is: createTask, gather, waitFor, timeout',
    ['2', '4,6', 'TimeoutError', '8'],
    {
      *generator(print) {
        print(yield* createTask(call(double, 1)))
        print((yield* gather(call(double, 2), call(doubleAsync, 3))).join())
        try {
          yield* waitFor(call(sleep, 100), 5)
        } catch (error) {
          print(error)
        }
        print(yield* timeout(5, () => call(double, 4)))
      },
      async async(print) {
        print(await createTask(call(double, 1)))
        print((await gather(call(double, 2), call(doubleAsync, 3))).join())
        try {
          await waitFor(call(sleep, 100), 5)
        } catch (error) {
          print(error)
        }
        print(await timeout(5, () => call(double, 4)))
      },
    },
  )

  bothSpellings(
    'a cancellation reaches what runs inside, whose clean-up is waited for',
    ['CancelledError at 5', 'cleaned up at 15', 'cancelled at 15'],
    {
      *generator(print) {
        const inner = async () => {
          try {
            await sleep(100)
          } catch (error) {
            print(error, 'at', now())
            await sleep(10)
            print('cleaned up at', now())
            throw error
          }
        }
        const task = createTask(function* () {
          yield* call(inner)
        })
        yield* sleep(5)
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled at' : 'not cancelled at', now())
      },
      async async(print) {
        const inner = function* () {
          try {
            yield* sleep(100)
          } catch (error) {
            print(error, 'at', now())
            yield* sleep(10)
            print('cleaned up at', now())
            throw error
          }
        }
        const task = createTask(async () => {
          await call(inner)
        })
        await sleep(5)
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled at' : 'not cancelled at', now())
      },
    },
  )

  bothSpellings('runs in the task that awaits it, and not in the one that made it', ['awaiter'], {
    *generator(print) {
      const show = function* () {
        print(currentTask()?.getName())
      }
      const later = call(show)
      yield* createTask({ name: 'awaiter' }, function* () {
        yield* later
      })
    },
    async async(print) {
      const show = async () => print(currentTask()?.getName())
      const later = call(show)
      await createTask({ name: 'awaiter' }, async () => {
        await later
      })
    },
  })

  bothSpellings('spellings may be nested in each other to any depth', ['20 at 20 0'], {
    *generator(print) {
      function* down(n: number): Coroutine<number> {
        yield* sleep(1)
        return n === 0 ? 0 : 1 + (yield* call(downAsync, n - 1))
      }
      async function downAsync(n: number): Promise<number> {
        await sleep(1)
        return n === 0 ? 0 : 1 + (await call(down, n - 1))
      }
      print(1 + (yield* down(19)), 'at', now(), requests())
    },
    async async(print) {
      function* down(n: number): Coroutine<number> {
        yield* sleep(1)
        return n === 0 ? 0 : 1 + (yield* call(downAsync, n - 1))
      }
      async function downAsync(n: number): Promise<number> {
        await sleep(1)
        return n === 0 ? 0 : 1 + (await call(down, n - 1))
      }
      print(1 + (await downAsync(19)), 'at', now(), requests())
    },
  })

  test('can be chained like a promise', async () => {
    const trace = await traceOf(async (print) => {
      const sum = await call(doubleAsync, 2)
        .then((n) => n + 1)
        .then((n) => call(double, n))
      print(sum)
      const failing = () => {
        throw 'boom'
      }
      print(await call(failing).then(null, (error) => `caught ${error}`))
    })
    expect(trace).toEqual(['10', 'caught boom'])
  })

  test('shows the function and its arguments', () => {
    const later = call(function fetchPage(_url: string, _options: object) {}, '/index', { retries: 3 })
    expect(inspect(later)).toBe('<coroutine fetchPage("/index", {…})>')
    const anonymous = call(() => {})
    expect(String(anonymous)).toBe('<coroutine anonymous()>')
    later.close()
    anonymous.close()
  })

  describe('close()', () => {
    bothSpellings(
      'gives it up: nothing runs, nothing is reported, and it cannot be awaited',
      ['InvalidStateError'],
      {
        *generator(print) {
          const later = call(() => print('runs'))
          later.close()
          later.close()
          try {
            yield* later
          } catch (error) {
            print(error)
          }
        },
        async async(print) {
          const later = call(() => print('runs'))
          later.close()
          later.close()
          try {
            await later
          } catch (error) {
            print(error)
          }
        },
      },
    )

    bothSpellings('does nothing once it was awaited', ['2'], {
      *generator(print) {
        const under = call(double, 1)
        const task = createTask(function* () {
          return yield* under
        })
        yield
        under.close()
        print(yield* task)
      },
      async async(print) {
        const under = call(double, 1)
        const task = createTask(async () => await under)
        await sleep(0)
        under.close()
        print(await task)
      },
    })
  })

  refuses('call()', [5, null, undefined, 'fn', {}], (fn) => call(fn))

  keepsTheOperationContract('double(2)', () => call(double, 2))
  keepsTheOperationContract('doubleAsync(2)', () => call(doubleAsync, 2))
})

describe('awaitable()', () => {
  const twoPasses = (log: (line: string) => void = () => {}) => ({
    *[Symbol.iterator](): Iterator<Suspension, string> {
      log('begins')
      yield
      yield
      return 'through'
    },
  })

  bothSpellings(
    'makes an object with a generator method work in both spellings, lazily',
    ['made', 'begins', 'through 2'],
    {
      *generator(print) {
        const operation = awaitable(twoPasses(print))
        print('made')
        const passes = passCounter()
        print(yield* operation, passes())
      },
      async async(print) {
        const operation = awaitable(twoPasses(print))
        print('made')
        const passes = passCounter()
        print(await operation, passes())
      },
    },
  )

  bothSpellings('a cancellation is thrown at the yield of the object', ['CancelledError', 'cancelled'], {
    *generator(print) {
      const task = createTask(
        awaitable({
          *[Symbol.iterator](): Iterator<Suspension, void> {
            try {
              yield
              yield
              yield
            } catch (error) {
              print(error)
              throw error
            }
          },
        }),
      )
      yield
      task.cancel()
      yield* wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
    async async(print) {
      const task = createTask(
        awaitable({
          *[Symbol.iterator](): Iterator<Suspension, void> {
            try {
              yield
              yield
              yield
            } catch (error) {
              print(error)
              throw error
            }
          },
        }),
      )
      await sleep(0)
      task.cancel()
      await wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
  })

  refuses('awaitable()', [5, null, {}, Promise.resolve(1)], (custom) => awaitable(custom))

  test('refuses what is awaitable already', () => {
    const nap = sleep(1)
    expect(() => awaitable(nap)).toThrow(expect.objectContaining({ code: 'POLVO_MISUSE' }))
    createTask(nap).cancel()
  })

  keepsTheOperationContract('awaitable({…})', () => awaitable(twoPasses()))
})

test('there is no current task in code that is adopted outside any', async () => {
  const adopted = call(function* () {
    return currentTask()
  })
  expect(await adopted).toBe(null)
})
