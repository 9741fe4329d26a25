/** Debug mode: slow steps, wrong callbacks, swallowed cancellations, where things were created, abandoned promises. */
import { inspect } from 'node:util'
import {
  call,
  coroutine,
  createTask,
  currentTask,
  Future,
  from,
  getRunningLoop,
  newEventLoop,
  rethrowCancelled,
  run,
  sleep,
  type Task,
  timeout,
  wait,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

const debug = { debug: true }

/** What takes time here makes the clock that steps are measured with go on. */
let clock = 0
const work = (ms: number): void => {
  clock += ms
}
let warn = vi.spyOn(console, 'warn')

beforeEach(() => {
  clock = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
  warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Warnings become lines of the trace, with the lines of this file as N. */
function watch(print: Print): void {
  warn.mockImplementation((message: string) => print(message.replace(/\S*debug\.test\.ts:\d+/g, 'here:N')))
}

/** The place of the call, as the library shows it. */
function hereNow(): string {
  const line = new Error().stack?.split('\n')[2] ?? ''
  return `packages/core/test/tasks/${/debug\.test\.ts:\d+/.exec(line)?.[0]}`
}

describe('slow steps', () => {
  bothSpellings(
    'are logged when they are over, with the task, where it is, and how long they took',
    [
      "Executing <Task pending name='crawler' coro=<crawl() PLACE> wait_for=<sleep(5) created at here:N> created at here:N> took 0.153 seconds",
      "Executing <Task finished name='crawler' result=42 created at here:N> took 0.200 seconds",
    ],
    {
      *generator(print) {
        watch((line) => print(String(line).replace('running at here:N', 'PLACE')))
        yield* createTask({ name: 'crawler' }, function* crawl() {
          work(153)
          yield* sleep(5)
          work(200)
          return 42
        })
      },
      async async(print) {
        watch((line) => print(String(line).replace('defined at here:N', 'PLACE')))
        await createTask({ name: 'crawler' }, async function crawl() {
          work(153)
          await sleep(5)
          work(200)
          return 42
        })
      },
    },
    debug,
  )

  bothSpellings(
    'are those of 100 ms and more',
    ['100', '101'],
    {
      *generator(print) {
        warn.mockImplementation((message: string) => print(/took 0\.(\d+) seconds/.exec(message)?.[1]))
        for (const ms of [99, 100, 99.9, 101, 50]) {
          work(ms)
          yield
        }
      },
      async async(print) {
        warn.mockImplementation((message: string) => print(/took 0\.(\d+) seconds/.exec(message)?.[1]))
        for (const ms of [99, 100, 99.9, 101, 50]) {
          work(ms)
          await sleep(0)
        }
      },
    },
    debug,
  )

  bothSpellings(
    'are as many milliseconds as slowCallbackDuration says',
    ['100', '0.010', '0.020'],
    {
      *generator(print) {
        warn.mockImplementation((message: string) => print(/took (\S+) seconds/.exec(message)?.[1]))
        const loop = getRunningLoop()
        print(loop.slowCallbackDuration)
        loop.slowCallbackDuration = 10
        for (const ms of [9, 10, 20]) {
          work(ms)
          yield
        }
      },
      async async(print) {
        warn.mockImplementation((message: string) => print(/took (\S+) seconds/.exec(message)?.[1]))
        const loop = getRunningLoop()
        print(loop.slowCallbackDuration)
        loop.slowCallbackDuration = 10
        for (const ms of [9, 10, 20]) {
          work(ms)
          await sleep(0)
        }
      },
    },
    debug,
  )

  bothSpellings(
    'count from where the task was resumed to where it suspends, over all calls between',
    ['0.160'],
    {
      *generator(print) {
        warn.mockImplementation((message: string) => print(/took (\S+) seconds/.exec(message)?.[1]))
        const inner = coroutine(function* () {
          work(80)
          yield* timeout(10, function* () {
            work(80)
            yield* sleep(1)
          })
        })
        yield* createTask(function* () {
          yield* inner()
        })
      },
      async async(print) {
        warn.mockImplementation((message: string) => print(/took (\S+) seconds/.exec(message)?.[1]))
        const inner = async () => {
          work(80)
          await null
          await timeout(10, async () => {
            work(80)
            await sleep(1)
          })
        }
        await createTask(async () => {
          await inner()
        })
      },
    },
    debug,
  )

  test('of one task are not those of another that runs beside it', async () => {
    const trace = await traceOf(async (print) => {
      warn.mockImplementation((message: string) => print(/name='(\w+)'.*took (\S+)/.exec(message)?.slice(1)))
      const quick = createTask({ name: 'quick' }, async () => {
        for (let i = 0; i < 3; i++) await sleep(1)
      })
      const slow = createTask({ name: 'slow' }, async () => {
        await sleep(1)
        work(120)
        await sleep(1)
      })
      await wait([quick, slow])
    }, debug)
    expect(trace).toEqual(['slow,0.120'])
  })

  for (const [kind, schedule] of [
    ['Handle', (tick: () => void) => getRunningLoop().callSoon(tick)],
    ['TimerHandle', (tick: () => void) => getRunningLoop().callLater(1, tick)],
  ] as const) {
    test(`of callbacks are logged as well, by name, with a place (${kind})`, async () => {
      const trace = await traceOf(function* (print) {
        watch(print)
        schedule(function tick() {
          work(300)
        })
        yield* sleep(5)
      }, debug)
      expect(trace).toEqual([
        expect.stringMatching(new RegExp(`^Executing <${kind} tick\\(\\) .*here:N.*> took 0\\.300 seconds$`)),
      ])
    })
  }

  test('of done-callbacks are logged by name', async () => {
    const trace = await traceOf(function* (print) {
      watch(print)
      const future = new Future<void>()
      future.addDoneCallback(function onDone() {
        work(300)
      })
      future.setResult()
      yield* sleep(1)
    }, debug)
    expect(trace).toEqual([expect.stringMatching(/^Executing <.*onDone\(\).*> took 0\.300 seconds$/)])
  })

  bothSpellings(
    'are blamed on the task that was slow, and not on one it started eagerly',
    ['slow 0.150'],
    {
      *generator(print) {
        warn.mockImplementation((message: string) =>
          print(/name='(\w+)'/.exec(message)?.[1], /took (\S+)/.exec(message)?.[1]),
        )
        yield* createTask({ name: 'slow' }, function* () {
          work(150)
          createTask({ name: 'started', eager: true }, async () => {
            await sleep(1)
          })
          yield* sleep(5)
        })
      },
      async async(print) {
        warn.mockImplementation((message: string) =>
          print(/name='(\w+)'/.exec(message)?.[1], /took (\S+)/.exec(message)?.[1]),
        )
        await createTask({ name: 'slow' }, async () => {
          work(150)
          createTask({ name: 'started', eager: true }, async () => {
            await sleep(1)
          })
          await sleep(5)
        })
      },
    },
    debug,
  )
})

describe('callbacks', () => {
  const coroutines = {
    'a generator function': function* tick() {},
    'an async function': async function tick() {},
  }

  for (const [what, tick] of Object.entries(coroutines)) {
    test(`${what} is refused as one, which says what to do; without debug mode nobody looks`, async () => {
      const attempt = (isDebug: boolean) =>
        traceOf(
          function* (print) {
            const loop = getRunningLoop()
            for (const schedule of [
              () => loop.callSoon(tick),
              () => loop.callLater(1, tick),
              () => loop.callAt(1, tick),
            ]) {
              try {
                schedule()
                print('scheduled')
              } catch (error) {
                print(error, (error as Error).message)
              }
            }
          },
          { debug: isDebug },
        )
      expect(await attempt(true)).toEqual(
        ['callSoon', 'callLater', 'callAt'].map(
          (taker) => `TypeError ${taker}() takes a plain function; tick() is a coroutine. Use createTask().`,
        ),
      )
      expect(await attempt(false)).toEqual(['scheduled', 'scheduled', 'scheduled'])
    })
  }

  test('of another loop are refused; without debug mode nobody looks', async () => {
    const attempt = (isDebug: boolean) => {
      const other = newEventLoop()
      other.setDebug(isDebug)
      const trace = traceOf(function* (print) {
        for (const schedule of [() => other.callSoon(() => {}), () => other.callLater(1, () => {})]) {
          try {
            schedule().cancel()
            print('scheduled')
          } catch (error) {
            print(error, (error as Error).message)
          }
        }
      })
      return trace.finally(() => other.setDebug(false))
    }
    const refused =
      /^InvalidStateError call\w+\(\) of <EventLoop stopped tasks=0> was called by code of <EventLoop running/
    expect(await attempt(true)).toEqual([expect.stringMatching(refused), expect.stringMatching(refused)])
    expect(await attempt(false)).toEqual(['scheduled', 'scheduled'])
  })

  test('of a loop that nobody runs are taken from outside any', () => {
    const loop = newEventLoop()
    loop.setDebug(true)
    expect(loop.callSoon(() => {}).cancelled()).toBe(false)
    loop.setDebug(false)
  })
})

describe('a swallowed cancellation', () => {
  const report =
    "report: task 'careless' was cancelled and returned as if nothing had happened: a catch has swallowed the CancelledError. " +
    'Begin it with rethrowCancelled(error), or call uncancel() if that is meant.'

  bothSpellings(
    'is reported when the task returns',
    [report, 'false returned'],
    {
      *generator(print) {
        const careless = createTask({ name: 'careless' }, function* () {
          try {
            yield* sleep(100)
          } catch {}
          return 'returned'
        })
        yield* cancelled(careless)
        print(careless.cancelled(), careless.result())
      },
      async async(print) {
        const careless = createTask({ name: 'careless' }, async () => {
          try {
            await sleep(100)
          } catch {}
          return 'returned'
        })
        await call(cancelled, careless)
        print(careless.cancelled(), careless.result())
      },
    },
    debug,
  )

  bothSpellings(
    'by a return in finally is reported as well',
    [report, 'returned'],
    {
      *generator(print) {
        const careless = createTask({ name: 'careless' }, function* () {
          try {
            yield* sleep(100)
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: that is the mistake
            return 'returned'
          }
        })
        yield* cancelled(careless)
        print(careless.result())
      },
      async async(print) {
        const careless = createTask({ name: 'careless' }, async () => {
          try {
            await sleep(100)
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: that is the mistake
            return 'returned'
          }
        })
        await call(cancelled, careless)
        print(careless.result())
      },
    },
    debug,
  )

  bothSpellings(
    'is none where the error is thrown on, turned into another, taken back, or was never delivered',
    ['thrown on cancelled', 'another failed', 'taken back returned', 'never delivered cancelled'],
    {
      *generator(print) {
        const tasks: Record<string, Task<string>> = {
          'thrown on': createTask(function* () {
            try {
              yield* sleep(100)
            } catch (error) {
              rethrowCancelled(error)
            }
            return 'never'
          }),
          another: createTask(function* () {
            try {
              yield* sleep(100)
            } catch {
              throw new Error('boom')
            }
            return 'never'
          }),
          'taken back': createTask(function* () {
            try {
              yield* sleep(100)
            } catch {
              currentTask()?.uncancel()
            }
            return 'meant'
          }),
          'never delivered': createTask(function* () {
            yield
            currentTask()?.cancel()
            return 'lost'
          }),
        }
        for (const [name, task] of Object.entries(tasks)) {
          if (name !== 'never delivered') yield* cancelled(task)
          else yield* wait([task])
          print(name, outcome(task))
        }
      },
      async async(print) {
        const tasks: Record<string, Task<string>> = {
          'thrown on': createTask(async () => {
            try {
              await sleep(100)
            } catch (error) {
              rethrowCancelled(error)
            }
            return 'never'
          }),
          another: createTask(async () => {
            try {
              await sleep(100)
            } catch {
              throw new Error('boom')
            }
            return 'never'
          }),
          'taken back': createTask(async () => {
            try {
              await sleep(100)
            } catch {
              currentTask()?.uncancel()
            }
            return 'meant'
          }),
          'never delivered': createTask(async () => {
            await sleep(0)
            currentTask()?.cancel()
            return 'lost'
          }),
        }
        for (const [name, task] of Object.entries(tasks)) {
          if (name !== 'never delivered') await call(cancelled, task)
          else await wait([task])
          print(name, outcome(task))
        }
      },
    },
    debug,
  )

  test('is not reported without debug mode, nor where a scope converts its own', async () => {
    const swallow = function* (print: Print) {
      const careless = createTask({ name: 'careless' }, function* () {
        try {
          yield* sleep(100)
        } catch {}
      })
      yield* cancelled(careless)
      print('no report')
    }
    expect(await traceOf(swallow)).toEqual(['no report'])
    const limited = await traceOf(function* (print) {
      const task = createTask(function* () {
        try {
          yield* timeout(5, () => sleep(100))
        } catch {}
      })
      yield* task
      print('no report')
    }, debug)
    expect(limited).toEqual(['no report'])
  })

  /** Cancel it where it waits, and wait for its end. */
  function* cancelled(task: Task<unknown>) {
    yield* sleep(1)
    task.cancel()
    yield* wait([task])
  }

  function outcome(task: Task<unknown>): string {
    if (task.cancelled()) return 'cancelled'
    return task.exception() === null ? 'returned' : 'failed'
  }
})

describe('where things were created', () => {
  bothSpellings(
    'tasks and operations say so when they are shown',
    ['task true', 'sleep true', 'wait_for true'],
    {
      *generator(print) {
        const show = (name: string, object: unknown, place: string) =>
          print(name, inspect(object).includes(`created at ${place}`))
        const [task, taskPlace] = [createTask(sleep(5)), hereNow()]
        show('task', task, taskPlace)
        const [nap, napPlace] = [sleep(5), hereNow()]
        show('sleep', nap, napPlace)
        const waiting = createTask(nap)
        yield
        show('wait_for', waiting, `${napPlace}> created at`)
        yield* waiting
      },
      async async(print) {
        const show = (name: string, object: unknown, place: string) =>
          print(name, inspect(object).includes(`created at ${place}`))
        const [task, taskPlace] = [createTask(sleep(5)), hereNow()]
        show('task', task, taskPlace)
        const [nap, napPlace] = [sleep(5), hereNow()]
        show('sleep', nap, napPlace)
        const waiting = createTask(nap)
        await sleep(0)
        show('wait_for', waiting, `${napPlace}> created at`)
        await waiting
      },
    },
    debug,
  )

  for (const spelling of ['generators', 'async']) {
    test(`an operation that nobody awaited is reported with its place (${spelling})`, async () => {
      let place = ''
      const forget = () => {
        ;[, place] = [sleep(5), hereNow()]
      }
      const trace = await traceOf(
        spelling === 'async'
          ? async () => {
              forget()
              await sleep(1)
            }
          : function* () {
              forget()
              yield* sleep(1)
            },
        debug,
      )
      expect(place).toMatch(/debug\.test\.ts:\d+$/)
      expect(trace).toEqual([
        `report: sleep(5) was created at ${place} and never awaited, so it did nothing. Write \`yield* sleep(5)\` or \`await sleep(5)\`.`,
      ])
    })
  }
})

describe('an abandoned promise', () => {
  bothSpellings(
    'is reported at once',
    ['report: A promise was abandoned: its awaiter was cancelled, it goes on', 'TimeoutError'],
    {
      *generator(print) {
        try {
          yield* timeout(5, () =>
            from(new Promise((resolve) => setImmediate(resolve, 'late')).then(forAWhile)),
          )
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        try {
          await timeout(5, () =>
            from(new Promise((resolve) => setImmediate(resolve, 'late')).then(forAWhile)),
          )
        } catch (error) {
          print(error)
        }
      },
    },
    debug,
  )

  /** Goes on until the program is through. */
  async function forAWhile(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
  }

  test('is not reported at once without debug mode', async () => {
    const trace = await traceOf(function* (print) {
      try {
        yield* timeout(5, () => from(forAWhile()))
      } catch (error) {
        print(error)
      }
    })
    expect(trace).toEqual(['TimeoutError'])
  })
})

describe('on and off', () => {
  test('run(…, { debug: true }) is on for that run, POLVO_DEBUG=1 for all that do not say otherwise', async () => {
    const isOn = (options?: { debug?: boolean }) => runVirtual(() => getRunningLoop().getDebug(), options)
    expect(await isOn()).toBe(false)
    expect(await isOn({ debug: true })).toBe(true)
    vi.stubEnv('POLVO_DEBUG', '1')
    expect(await isOn()).toBe(true)
    expect(await isOn({ debug: false })).toBe(false)
    vi.stubEnv('POLVO_DEBUG', '0')
    expect(await isOn()).toBe(false)
    vi.unstubAllEnvs()
  })

  test('the loop can be switched over while it runs', async () => {
    const trace = await traceOf(
      function* (print) {
        const loop = getRunningLoop()
        warn.mockImplementation((message: string) => print(/took (\S+)/.exec(message)?.[1]))
        for (const isOn of [true, false, true]) {
          loop.setDebug(isOn)
          yield
          work(150)
          yield
          print(isOn, String(sleep(1)).includes('created'))
        }
      },
      { hideReports: true },
    )
    expect(trace).toEqual(['0.150', 'true true', 'false false', '0.150', 'true true'])
  })

  test('off again it prints nothing, shows nothing, and takes no stacks', async () => {
    await runVirtual(function* () {
      yield* sleep(1)
    }, debug)
    const capture = vi.spyOn(Error, 'captureStackTrace')
    const trace = await traceOf(
      function* (print) {
        work(500)
        const task = createTask(sleep(5))
        yield* sleep(1)
        work(500)
        print(inspect(task).includes('created'), String(call(sleep, 1)).includes('created'))
        yield* task
      },
      { hideReports: true },
    )
    expect(trace).toEqual(['false false'])
    expect(warn).not.toHaveBeenCalled()
    expect(capture).not.toHaveBeenCalled()
  })

  test('switching it twice the same way counts once', async () => {
    const loop = newEventLoop()
    loop.setDebug(true)
    loop.setDebug(true)
    loop.setDebug(false)
    const nap = sleep(0)
    expect([loop.getDebug(), String(nap)]).toEqual([false, '<sleep(0)>'])
    await run(() => nap)
  })

  test('a run that fails or is cancelled leaves it off as well', async () => {
    await runVirtual(() => {
      throw new Error('boom')
    }, debug).catch(() => {})
    await runVirtual(() => sleep(100), { debug: true, signal: AbortSignal.abort() }).catch(() => {})
    const nap = sleep(0)
    expect(String(nap)).toBe('<sleep(0)>')
    await run(() => nap)
  })
})
