/** run() and Runner: the way into polvo, and what is left when it ends. */
import {
  allTasks,
  type Coroutine,
  call,
  createTask,
  currentTask,
  getRunningLoop,
  InvalidStateError,
  Runner,
  run,
  sleep,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { bothSpellings, traceOf } from '../support/traces.ts'

describe('run()', () => {
  test.each([
    [
      'a generator function',
      () =>
        run(function* () {
          yield
          return 42
        }),
    ],
    [
      'an async function',
      () =>
        run(async () => {
          await sleep(0)
          return 42
        }),
    ],
    ['a plain function', () => run(() => 42)],
    [
      'a coroutine object',
      () =>
        run(
          (function* (): Coroutine<number> {
            return 42
          })(),
        ),
    ],
    ['an operation', () => run(sleep(0, 42))],
    ['a call that is still to be made', () => run(call(async () => 42))],
  ])('runs %s and returns its result', async (_, start) => {
    expect(await start()).toBe(42)
  })

  test('rejects with the error of the main task', async () => {
    await expect(
      run(async () => {
        throw new RangeError('boom')
      }),
    ).rejects.toThrow(RangeError)
  })

  bothSpellings(
    'cancels and waits for what is left, and reports its errors',
    ['main done', 'leftover cleans up', 'report: Unhandled exception of a task at the end of the run Error'],
    {
      *generator(print) {
        createTask(function* () {
          try {
            yield* sleep(1000)
          } finally {
            yield* sleep(1)
            print('leftover cleans up')
          }
        })
        createTask(function* () {
          try {
            yield* sleep(1000)
          } catch {
            yield* sleep(2)
            throw new Error('sore loser')
          }
        })
        yield* sleep(1)
        print('main done')
      },
      async async(print) {
        createTask(async () => {
          try {
            await sleep(1000)
          } finally {
            await sleep(1)
            print('leftover cleans up')
          }
        })
        createTask(async () => {
          try {
            await sleep(1000)
          } catch {
            await sleep(2)
            throw new Error('sore loser')
          }
        })
        await sleep(1)
        print('main done')
      },
    },
  )

  test('cancels also the tasks that a clean-up starts', async () => {
    const trace = await traceOf(function* (print) {
      createTask(function* () {
        try {
          yield* sleep(1000)
        } finally {
          createTask(function* () {
            try {
              yield* sleep(1000)
            } finally {
              print('second generation')
            }
          })
          yield* sleep(1)
        }
      })
      yield* sleep(1)
    })
    expect(trace).toEqual(['second generation'])
  })

  bothSpellings('cannot be called inside a task', ['InvalidStateError'], {
    *generator(print) {
      try {
        yield* call(() => run(async () => {}))
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      try {
        await run(async () => {})
      } catch (error) {
        print(error)
      }
    },
  })

  test('may be called in a listener while a task of another run waits', async () => {
    const result = await run(async () => {
      const inner = new Promise<number>((resolve) => {
        setTimeout(
          () =>
            resolve(
              run(async () => {
                await sleep(1)
                return 7
              }),
            ),
          1,
        )
      })
      await sleep(20)
      return inner
    })
    expect(result).toBe(7)
  })

  test('runs side by side with others, each with its own tasks', async () => {
    const counts = await Promise.all(
      [1, 2, 3].map((n) =>
        runVirtual(async () => {
          for (let i = 0; i < n; i++) createTask(sleep(1000))
          await sleep(10 * n)
          return allTasks().size
        }),
      ),
    )
    expect(counts).toEqual([2, 3, 4])
  })

  test('is cancelled by its signal, with the reason', async () => {
    const controller = new AbortController()
    const cancelled = run(
      async () => {
        try {
          await sleep(60_000)
        } finally {
          await sleep(1)
        }
      },
      { signal: controller.signal },
    )
    setTimeout(() => controller.abort('enough'), 5)
    await expect(cancelled).rejects.toMatchObject({ name: 'CancelledError', reason: 'enough' })
  })

  test('with a signal that is aborted already never starts the body', async () => {
    let ran = false
    const result = run(
      async () => {
        ran = true
      },
      { signal: AbortSignal.abort() },
    )
    await expect(result).rejects.toMatchObject({ code: 'ABORT_ERR' })
    expect(ran).toBe(false)
  })
})

describe('a Runner', () => {
  test('runs several on one loop, and closes once', async () => {
    const runner = new Runner()
    const first = await runner.run(async () => getRunningLoop())
    await expect(
      runner.run(async () => {
        throw new Error('boom')
      }),
    ).rejects.toThrow('boom')
    const second = await runner.run(async () => getRunningLoop())
    expect(first).toBe(second)
    expect(runner.getLoop()).toBe(first)
    await runner.close()
    await runner.close()
    expect(first.isClosed()).toBe(true)
    await expect(runner.run(async () => {})).rejects.toThrow(InvalidStateError)
  })

  test('leaves tasks standing between runs, and ends them when it is closed', async () => {
    const trace: string[] = []
    const runner = new Runner()
    await runner.run(function* () {
      createTask(function* () {
        try {
          for (let i = 0; ; i++) {
            trace.push(`tick ${i}`)
            yield
          }
        } finally {
          trace.push('ended')
        }
      })
      yield
    })
    const before = trace.length
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(trace.length).toBe(before)
    await runner.run(function* () {
      yield
    })
    expect(trace.length).toBeGreaterThan(before)
    await runner.close()
    expect(trace.at(-1)).toBe('ended')
  })

  test('refuses a second run while one is under way', async () => {
    const runner = new Runner()
    const first = runner.run(sleep(5))
    await expect(runner.run(sleep(5))).rejects.toThrow(/running something already/)
    await first
    await runner.close()
  })
})

test('outside any run there is no running loop and no current task', () => {
  expect(currentTask()).toBe(null)
  expect(() => getRunningLoop()).toThrow(/needs a running event loop/)
  expect(() => allTasks()).toThrow(InvalidStateError)
})
