/** What a task offers beside cancellation: its name, context, signal and promise side; and the odd ways in which one begins. */
import {
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  timeout,
  use,
  wait,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { bothSpellings, traceOf } from '../support/traces.ts'

const now = () => getRunningLoop().time()

/** Time must pass in virtual time for a grace period to be over: somebody else sleeps. */
function keepTimePassing(): void {
  createTask(function* () {
    for (let i = 0; i < 100; i++) yield* sleep(1)
  })
}

function* swallow(ms = 300): Coroutine<never> {
  for (;;) {
    try {
      yield* sleep(ms)
    } catch {}
  }
}

test('tasks without a name are numbered upwards', async () => {
  await run(function* () {
    const tasks = [createTask(sleep, 0), createTask({ name: 'own' }, sleep, 0), createTask(sleep, 0)]
    const numbers = tasks.map((task) => Number(/^Task-([1-9]\d*)$/.exec(task.getName())?.[1]))
    expect(numbers[1]).toBeNaN()
    expect(numbers[2]).toBeGreaterThan(numbers[0] as number)
    tasks[0]?.setName('later')
    expect(tasks.map((task) => task.getName()).slice(0, 2)).toEqual(['later', 'own'])
    yield* wait(tasks)
  })
})

test('its context is one object', async () => {
  await run(function* () {
    const task = currentTask()
    expect(task?.getContext()).toBeDefined()
    expect(task?.getContext()).toBe(task?.getContext())
  })
})

describe('its signal', () => {
  test('is one object, and is aborted by a request, with the CancelledError as its reason', async () => {
    await run(function* () {
      const task = createTask(sleep, 1000)
      const { signal } = task
      expect(task.signal).toBe(signal)
      yield
      expect(signal.aborted).toBe(false)
      task.cancel('enough')
      expect(signal.aborted).toBe(true)
      expect(signal.reason).toBeInstanceOf(CancelledError)
      expect(signal.reason.reason).toBe('enough')
      yield* wait([task])
    })
  })

  test.each([10, Number.POSITIVE_INFINITY])(
    'tells of a request that came before (cancelGrace %s)',
    async (cancelGrace) => {
      await run(
        function* () {
          const task = createTask(sleep, 1000)
          yield
          task.cancel('enough')
          expect(task.signal.reason).toBeInstanceOf(CancelledError)
          yield* wait([task])
        },
        { cancelGrace },
      )
    },
  )
})

describe('requests', () => {
  bothSpellings('of two, one taken back leaves the other', ['2', '1', 'CancelledError', 'true', '0'], {
    *generator(print) {
      const task = createTask(function* () {
        try {
          yield* sleep(10)
        } catch (error) {
          print(error)
          throw error
        }
      })
      yield
      task.cancel()
      task.cancel()
      print(task.cancelling())
      print(task.uncancel())
      yield* wait([task])
      print(task.cancelled())
      print(task.uncancel())
    },
    async async(print) {
      const task = createTask(async () => {
        try {
          await sleep(10)
        } catch (error) {
          print(error)
          throw error
        }
      })
      await sleep(0)
      task.cancel()
      task.cancel()
      print(task.cancelling())
      print(task.uncancel())
      await wait([task])
      print(task.cancelled())
      print(task.uncancel())
    },
  })

  bothSpellings(
    'that its own timeout made may be taken back; one from outside cancels it all the same afterwards',
    ['0', 'CancelledError', 'cancelled true'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* timeout(5, function* () {
              try {
                yield* sleep(10)
              } catch {
                print(currentTask()?.uncancel())
              }
              yield* sleep(10)
            })
          } catch (error) {
            print(error)
            throw error
          }
        })
        yield* sleep(8)
        task.cancel()
        yield* wait([task])
        print('cancelled', task.cancelled())
      },
      async async(print) {
        const task = createTask(async () => {
          try {
            await timeout(5, async () => {
              try {
                await sleep(10)
              } catch {
                print(currentTask()?.uncancel())
              }
              await sleep(10)
            })
          } catch (error) {
            print(error)
            throw error
          }
        })
        await sleep(8)
        task.cancel()
        await wait([task])
        print('cancelled', task.cancelled())
      },
    },
  )

  bothSpellings(
    'that were taken back start no clock: the task may go on for as long as it likes',
    ['over at 90', 'false'],
    {
      *generator(print) {
        keepTimePassing()
        const task = createTask(function* () {
          try {
            yield* sleep(300)
          } catch {
            currentTask()?.uncancel()
          }
          yield* sleep(90)
          print('over at', now())
        })
        yield
        task.cancel()
        yield* wait([task])
        print(task.cancelled())
      },
      async async(print) {
        keepTimePassing()
        const task = createTask(async () => {
          try {
            await sleep(300)
          } catch {
            currentTask()?.uncancel()
          }
          await sleep(90)
          print('over at', now())
        })
        await sleep(0)
        task.cancel()
        await wait([task])
        print(task.cancelled())
      },
    },
    { cancelGrace: 20 },
  )

  test('one that comes after others were taken back has a clock of its own', async () => {
    const trace = await traceOf(
      function* (print) {
        keepTimePassing()
        const task = createTask(() => swallow())
        yield
        task.cancel()
        yield* sleep(10)
        task.uncancel()
        yield* sleep(20)
        print(task.done())
        task.cancel()
        while (!task.done()) yield* sleep(1)
        print(task.cancelled(), 'at', now())
      },
      { cancelGrace: 20, hideReports: true },
    )
    expect(trace).toEqual(['false', 'true at 70'])
  })

  test('a reminder is not counted, neither in the task nor in one that it awaits', async () => {
    const trace = await traceOf(
      function* (print) {
        keepTimePassing()
        const inner = createTask(swallow)
        const outer = createTask(function* () {
          for (;;) {
            try {
              yield* inner
            } catch {}
          }
        })
        yield
        outer.cancel()
        yield* sleep(30)
        print(outer.cancelling(), inner.cancelling())
        yield* sleep(20)
        print(outer.cancelled(), inner.done())
      },
      { cancelGrace: 20, hideReports: true },
    )
    expect(trace).toEqual(['1 1', 'true false'])
  })

  test('a resource inside is closed when the task is ended, and may take its time for it, but not for ever', async () => {
    const trace = await traceOf(
      function* (print) {
        keepTimePassing()
        for (const ms of [5, 500]) {
          const began = now()
          const resource = {
            enter() {},
            *exit() {
              print('closing at', now() - began)
              yield* sleep(ms)
              print('closed at', now() - began)
            },
          }
          const task = createTask(() => use(resource, () => swallow()))
          yield
          task.cancel()
          while (!task.done()) yield* sleep(1)
          print('over at', now() - began, task.cancelled())
        }
      },
      { cancelGrace: 10, hideReports: true },
    )
    expect(trace).toEqual([
      'closing at 20',
      'closed at 25',
      'over at 25 true',
      'closing at 20',
      'over at 30 true',
    ])
  })
})

describe('as a promise', () => {
  test('catch() hands an error on, and lets a result through', async () => {
    await run(async () => {
      const failing = createTask(() => Promise.reject(new Error('boom')))
      expect(await failing.catch((error) => (error as Error).message)).toBe('boom')
      expect(await createTask(sleep, 0, 'fine').catch(() => 'not called')).toBe('fine')
    })
  })

  test('finally() is called however it ended, and gives the outcome', async () => {
    await run(async () => {
      let calls = 0
      expect(await createTask(sleep, 0, 'fine').finally(() => calls++)).toBe('fine')
      const failing = createTask(() => Promise.reject(new Error('boom')))
      await expect(failing.finally(() => calls++)).rejects.toThrow('boom')
      expect(calls).toBe(2)
    })
  })
})

describe('a plain function as a task', () => {
  for (const asyncContext of [true, false]) {
    test(`may return a coroutine, which is its code then (asyncContext: ${asyncContext})`, async () => {
      await run(
        function* () {
          const task = createTask(() => sleep(0, 'slept'))
          expect(yield* task).toBe('slept')
          expect(
            yield* createTask(() =>
              (function* () {
                yield* sleep(0)
                return 'also'
              })(),
            ),
          ).toBe('also')
          expect(yield* createTask({ eager: true }, () => sleep(0, 'eager'))).toBe('eager')
        },
        { asyncContext },
      )
    })
  }

  test('that cancels its task before it returns the coroutine is cancelled there', async () => {
    const trace = await traceOf(function* (print) {
      const task = createTask(() => {
        currentTask()?.cancel()
        return sleep(10)
      })
      yield* wait([task])
      print(task.cancelled(), now())
    })
    expect(trace).toEqual(['true 0'])
  })

  test('may return any thenable, which is listened to', async () => {
    await run(function* () {
      const thenable = (
        settle: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void,
      ) => ({
        then: settle,
      })
      const fine = createTask((() =>
        thenable((resolve) => setTimeout(resolve, 1, 'fine'))) as () => Promise<string>)
      expect(yield* fine).toBe('fine')
      const failing = createTask((() =>
        thenable((_, reject) => setTimeout(reject, 1, new Error('boom')))) as () => Promise<string>)
      yield* wait([failing])
      expect(failing.exception()).toMatchObject({ message: 'boom' })
    })
  })
})
