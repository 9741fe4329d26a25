import {
  ALL_COMPLETED,
  type Awaitable,
  createTask,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  Future,
  getRunningLoop,
  sleep,
  type Task,
  timeout,
  wait,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

const names = (tasks: Set<Task>) => [...tasks].map((task) => task.getName()).join('+') || 'none'

/** Tasks that end well after so many milliseconds: `{ a: 10 }`. */
function sleepers(all: Record<string, number>): Task[] {
  return Object.entries(all).map(([name, ms]) => createTask({ name }, () => sleep(ms)) as Task)
}

function doneFuture(): Future {
  const future = new Future()
  future.setResult(1)
  return future
}

function failing(name: string, ms: number): Task {
  return createTask({ name }, function* (): Generator<never, void, unknown> {
    yield* sleep(ms) as Iterable<never>
    throw new Error(name)
  }) as Task
}

bothSpellings('by default waits for all, in the order they were given', ['a+b+c none at 30'], {
  *generator(print) {
    const [done, pending] = yield* wait(sleepers({ a: 20, b: 30, c: 10 }))
    print(names(done), names(pending), 'at', now())
  },
  async async(print) {
    const [done, pending] = await wait(sleepers({ a: 20, b: 30, c: 10 }))
    print(names(done), names(pending), 'at', now())
  },
})

describe('returnWhen', () => {
  bothSpellings(
    'FIRST_COMPLETED returns with the first, and leaves the others running',
    ['c a+b at 10', 'a+b at 30'],
    {
      *generator(print) {
        const tasks = sleepers({ a: 20, b: 30, c: 10 })
        const [done, pending] = yield* wait(tasks, { returnWhen: FIRST_COMPLETED })
        print(names(done), names(pending), 'at', now())
        const [rest] = yield* wait(pending)
        print(names(rest), 'at', now())
      },
      async async(print) {
        const tasks = sleepers({ a: 20, b: 30, c: 10 })
        const [done, pending] = await wait(tasks, { returnWhen: FIRST_COMPLETED })
        print(names(done), names(pending), 'at', now())
        const [rest] = await wait(pending)
        print(names(rest), 'at', now())
      },
    },
  )

  bothSpellings('FIRST_COMPLETED counts a failed and a cancelled one', ['bad a at 10', 'gone a at 15'], {
    *generator(print) {
      const [a] = sleepers({ a: 1000 }) as [Task]
      let [done, pending] = yield* wait([a, failing('bad', 10)], { returnWhen: FIRST_COMPLETED })
      print(names(done), names(pending), 'at', now())
      for (const task of done) task.exception()
      const [gone] = sleepers({ gone: 1000 }) as [Task]
      getRunningLoop().callLater(5, () => gone.cancel())
      ;[done, pending] = yield* wait([a, gone], { returnWhen: FIRST_COMPLETED })
      print(names(done), names(pending), 'at', now())
    },
    async async(print) {
      const [a] = sleepers({ a: 1000 }) as [Task]
      let [done, pending] = await wait([a, failing('bad', 10)], { returnWhen: FIRST_COMPLETED })
      print(names(done), names(pending), 'at', now())
      for (const task of done) task.exception()
      const [gone] = sleepers({ gone: 1000 }) as [Task]
      getRunningLoop().callLater(5, () => gone.cancel())
      ;[done, pending] = await wait([a, gone], { returnWhen: FIRST_COMPLETED })
      print(names(done), names(pending), 'at', now())
    },
  })

  bothSpellings(
    'FIRST_EXCEPTION returns with the first that failed; a cancelled one has not',
    ['quick+gone+bad a at 20', 'all done: a+b at 1020'],
    {
      *generator(print) {
        const [quick, gone, a] = sleepers({ quick: 5, gone: 1000, a: 1000 }) as [Task, Task, Task]
        getRunningLoop().callLater(10, () => gone.cancel())
        const [done, pending] = yield* wait([quick, gone, failing('bad', 20), a], {
          returnWhen: FIRST_EXCEPTION,
        })
        print(names(done), names(pending), 'at', now())
        for (const task of done) if (!task.cancelled()) task.exception()
        const [rest] = yield* wait([a, ...sleepers({ b: 1000 })], { returnWhen: FIRST_EXCEPTION })
        print('all done:', names(rest), 'at', now())
      },
      async async(print) {
        const [quick, gone, a] = sleepers({ quick: 5, gone: 1000, a: 1000 }) as [Task, Task, Task]
        getRunningLoop().callLater(10, () => gone.cancel())
        const [done, pending] = await wait([quick, gone, failing('bad', 20), a], {
          returnWhen: FIRST_EXCEPTION,
        })
        print(names(done), names(pending), 'at', now())
        for (const task of done) if (!task.cancelled()) task.exception()
        const [rest] = await wait([a, ...sleepers({ b: 1000 })], { returnWhen: FIRST_EXCEPTION })
        print('all done:', names(rest), 'at', now())
      },
    },
  )

  bothSpellings('ALL_COMPLETED does not stop at an error, and throws none', ['bad+a none at 20', 'Error'], {
    *generator(print) {
      const tasks = [failing('bad', 5), ...sleepers({ a: 20 })]
      const [done, pending] = yield* wait(tasks, { returnWhen: ALL_COMPLETED })
      print(names(done), names(pending), 'at', now())
      print(tasks[0]?.exception())
    },
    async async(print) {
      const tasks = [failing('bad', 5), ...sleepers({ a: 20 })]
      const [done, pending] = await wait(tasks, { returnWhen: ALL_COMPLETED })
      print(names(done), names(pending), 'at', now())
      print(tasks[0]?.exception())
    },
  })
})

describe('timeout', () => {
  bothSpellings(
    'returns what is done by then; nothing is cancelled, and nothing thrown',
    ['c a+b at 15', 'b pending: false', 'a+b none at 30', 'none a at 30', 'none a at 30'],
    {
      *generator(print) {
        const tasks = sleepers({ a: 20, b: 30, c: 10 })
        let [done, pending] = yield* wait(tasks, { timeout: 15 })
        print(names(done), names(pending), 'at', now())
        print('b pending:', tasks[1]?.cancelled())
        ;[done, pending] = yield* wait(pending, { timeout: 1000 })
        print(names(done), names(pending), 'at', now())
        const more = sleepers({ a: 20 })
        for (const ms of [0, -5]) {
          ;[done, pending] = yield* wait(more, { timeout: ms })
          print(names(done), names(pending), 'at', now())
        }
      },
      async async(print) {
        const tasks = sleepers({ a: 20, b: 30, c: 10 })
        let [done, pending] = await wait(tasks, { timeout: 15 })
        print(names(done), names(pending), 'at', now())
        print('b pending:', tasks[1]?.cancelled())
        ;[done, pending] = await wait(pending, { timeout: 1000 })
        print(names(done), names(pending), 'at', now())
        const more = sleepers({ a: 20 })
        for (const ms of [0, -5]) {
          ;[done, pending] = await wait(more, { timeout: ms })
          print(names(done), names(pending), 'at', now())
        }
      },
    },
  )

  bothSpellings(
    'null and undefined are no limit, and one in time leaves no timer',
    ['1000', '2000', '2020 2021'],
    {
      *generator(print) {
        yield* wait(sleepers({ a: 1000 }), { timeout: null })
        print(now())
        yield* wait(sleepers({ a: 1000 }), { timeout: undefined, returnWhen: undefined })
        print(now())
        yield* wait(sleepers({ a: 20 }), { timeout: 1_000_000 })
        const then = now()
        yield* sleep(1)
        print(then, now())
      },
      async async(print) {
        await wait(sleepers({ a: 1000 }), { timeout: null })
        print(now())
        await wait(sleepers({ a: 1000 }), { timeout: undefined, returnWhen: undefined })
        print(now())
        await wait(sleepers({ a: 20 }), { timeout: 1_000_000 })
        const then = now()
        await sleep(1)
        print(then, now())
      },
    },
  )
})

bothSpellings(
  'takes any iterable, sees each task once, and returns at once for what is done',
  ['3 0 at 5', '2 0 at 5'],
  {
    *generator(print) {
      const tasks = sleepers({ a: 5, b: 5, c: 5 })
      let [done, pending] = yield* wait(new Set(tasks))
      print(done.size, pending.size, 'at', now())
      const future = new Future()
      future.setResult(1)
      const twice = function* () {
        yield future
        yield tasks[0] as Future<unknown>
        yield future
      }
      ;[done, pending] = (yield* wait(twice())) as [Set<Task>, Set<Task>]
      print(done.size, pending.size, 'at', now())
    },
    async async(print) {
      const tasks = sleepers({ a: 5, b: 5, c: 5 })
      let [done, pending] = await wait(new Set(tasks))
      print(done.size, pending.size, 'at', now())
      const future = new Future()
      future.setResult(1)
      const twice = function* () {
        yield future
        yield tasks[0] as Future<unknown>
        yield future
      }
      ;[done, pending] = (await wait(twice())) as [Set<Task>, Set<Task>]
      print(done.size, pending.size, 'at', now())
    },
  },
)

bothSpellings(
  'cancelled, it leaves the tasks alone, and forgets them',
  ['CancelledError 1', 'a running true', 'TimeoutError 10', 'a none at 100'],
  {
    *generator(print) {
      const tasks = sleepers({ a: 100 })
      const waiting = createTask(function* () {
        try {
          yield* wait(tasks, { timeout: 1_000_000 })
        } catch (error) {
          print(error, requests())
        }
      })
      yield* sleep(5)
      waiting.cancel()
      yield* waiting
      print('a running', !tasks[0]?.done())
      try {
        yield* timeout(5, () => wait(tasks))
      } catch (error) {
        print(error, now())
      }
      const [done, pending] = yield* wait(tasks)
      print(names(done), names(pending), 'at', now())
    },
    async async(print) {
      const tasks = sleepers({ a: 100 })
      const waiting = createTask(async () => {
        try {
          await wait(tasks, { timeout: 1_000_000 })
        } catch (error) {
          print(error, requests())
        }
      })
      await sleep(5)
      waiting.cancel()
      await waiting
      print('a running', !tasks[0]?.done())
      try {
        await timeout(5, () => wait(tasks))
      } catch (error) {
        print(error, now())
      }
      const [done, pending] = await wait(tasks)
      print(names(done), names(pending), 'at', now())
    },
  },
)

describe('misuse', () => {
  const refusals: [what: string, given: () => Awaitable<unknown>, error: string][] = [
    ['no tasks at all', () => wait([]), 'RangeError POLVO_OUT_OF_RANGE'],
    ['a single task', () => wait(new Future() as never), 'TypeError POLVO_MISUSE'],
    ['nothing', () => wait(undefined as never), 'TypeError POLVO_MISUSE'],
    ['coroutines', () => wait([(function* () {})() as never]), 'TypeError POLVO_MISUSE'],
    ['operations', () => wait([sleep(5) as never]), 'TypeError POLVO_MISUSE'],
    ['promises', () => wait([Promise.resolve() as never]), 'TypeError POLVO_MISUSE'],
    [
      'an unknown returnWhen',
      () => wait([new Future()], { returnWhen: 'SOMETIME' as never }),
      'RangeError POLVO_OUT_OF_RANGE',
    ],
    [
      'NaN as a timeout',
      () => wait([doneFuture()], { timeout: Number.NaN }),
      'RangeError POLVO_OUT_OF_RANGE',
    ],
    [
      'a string as a timeout',
      () => wait([doneFuture()], { timeout: '5' as never }),
      'TypeError POLVO_MISUSE',
    ],
  ]
  for (const [what, given, error] of refusals) {
    bothSpellings(
      `refuses ${what}`,
      [error],
      {
        *generator(print) {
          try {
            yield* given()
          } catch (refusal) {
            print(refusal, (refusal as { code: string }).code)
          }
        },
        async async(print) {
          try {
            await given()
          } catch (refusal) {
            print(refusal, (refusal as { code: string }).code)
          }
        },
      },
      { hideReports: true },
    )
  }

  bothSpellings('serves one await', ['1', 'InvalidStateError'], {
    *generator(print) {
      const once = wait(sleepers({ a: 5 }))
      const [done] = yield* once
      print(done.size)
      try {
        yield* once
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const once = wait(sleepers({ a: 5 }))
      const [done] = await once
      print(done.size)
      try {
        await once
      } catch (error) {
        print(error)
      }
    },
  })

  test('is reported by name when it is never awaited', async () => {
    const trace = await traceOf(function* () {
      wait([new Future()])
      yield
    })
    expect(trace).toEqual([
      expect.stringMatching(/^report: wait\(\[array of 1\]\) was created and never awaited/),
    ])
  })
})
