/** What happens in the very pass in which a body that would not stop is ended, and to what it was in the middle of. */
import {
  type Coroutine,
  call,
  createTask,
  currentTask,
  Event,
  Future,
  getRunningLoop,
  sleep,
  type Task,
  taskGroup,
  timeout,
  use,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** Cancelled at 10, it is told again at 30, and ended at 50. */
const options = { cancelGrace: 20, hideReports: true }

/** Call `act` in the moment in which a body is ended: it is reported, and not dropped yet. */
function whenEnded(act: () => void, print: Print = () => {}): void {
  getRunningLoop().setExceptionHandler((_, { message, exception }) => {
    if (message.endsWith('is ended')) act()
    else if (exception !== undefined) print('report:', message)
  })
}

/** Call `act` when a body was dropped, before the code around it goes on. */
const afterEnding = (act: () => void, print: Print) => whenEnded(() => getRunningLoop().callSoon(act), print)

const now = () => getRunningLoop().time()
const limitOf = (error: unknown) => (error as Error).message.split(' ')[0]

/** Time must pass in virtual time for a grace period to be over: somebody else sleeps. */
function keepTimePassing(): void {
  createTask(function* () {
    for (let i = 0; i < 100; i++) yield* sleep(1)
  })
}

/** Sleeps `ms` at a time, whatever is thrown at it. */
function* stubborn(ms = 300, onWakeUp = () => {}): Coroutine<never> {
  for (;;) {
    try {
      yield* sleep(ms)
    } catch {}
    onWakeUp()
  }
}

/** Neither the cancellation nor the reminder ends it: what comes behind it has to be ended. */
function* swallowTwice(): Coroutine {
  for (let i = 0; i < 2; i++) {
    try {
      yield* sleep(300)
    } catch {}
  }
}

async function stubbornAsync(ms = 300, onWakeUp = () => {}): Promise<never> {
  for (;;) {
    try {
      await sleep(ms)
    } catch {}
    onWakeUp()
  }
}

describe('in the pass in which it is ended', () => {
  bothSpellings(
    'a cancellation of its task comes out in place of the TimeoutError',
    ['CancelledError at 50', 'true'],
    {
      *generator(print) {
        keepTimePassing()
        const task = createTask(function* () {
          try {
            yield* timeout(10, () => stubborn())
          } catch (error) {
            print(error, 'at', now())
            throw error
          }
        })
        yield* sleep(10)
        afterEnding(() => task.cancel('from outside'), print)
        yield* sleep(60)
        print(task.cancelled())
      },
      async async(print) {
        keepTimePassing()
        const task = createTask(async () => {
          try {
            await timeout(10, () => stubbornAsync())
          } catch (error) {
            print(error, 'at', now())
            throw error
          }
        })
        await sleep(10)
        afterEnding(() => task.cancel('from outside'), print)
        await sleep(60)
        print(task.cancelled())
      },
    },
    options,
  )

  bothSpellings(
    'uncancel() does not save it',
    ['TimeoutError at 50'],
    {
      *generator(print) {
        keepTimePassing()
        const task = createTask(function* () {
          try {
            yield* timeout(10, () => stubborn())
          } catch (error) {
            print(error, 'at', now())
          }
        })
        yield* sleep(10)
        afterEnding(() => task.uncancel(), print)
        yield* sleep(60)
      },
      async async(print) {
        keepTimePassing()
        const task = createTask(async () => {
          try {
            await timeout(10, () => stubbornAsync())
          } catch (error) {
            print(error, 'at', now())
          }
        })
        await sleep(10)
        afterEnding(() => task.uncancel(), print)
        await sleep(60)
      },
    },
    options,
  )

  for (const isInnerFirst of [true, false]) {
    bothSpellings(
      `of two limits around it the outer one counts (the ${isInnerFirst ? 'inner' : 'outer'} one first)`,
      ['TimeoutError of timeout(10) at 50'],
      {
        *generator(print) {
          keepTimePassing()
          try {
            yield* timeout(10, function* (outer) {
              try {
                yield* timeout(10.5, function* (inner) {
                  inner.reschedule(outer.when())
                  if (isInnerFirst) outer.reschedule(outer.when())
                  yield* stubborn()
                })
              } catch {
                print('between')
              }
            })
          } catch (error) {
            print(error, 'of', limitOf(error), 'at', now())
          }
        },
        async async(print) {
          keepTimePassing()
          try {
            await timeout(10, async (outer) => {
              try {
                await timeout(10.5, async (inner) => {
                  inner.reschedule(outer.when())
                  if (isInnerFirst) outer.reschedule(outer.when())
                  await stubbornAsync()
                })
              } catch {
                print('between')
              }
            })
          } catch (error) {
            print(error, 'of', limitOf(error), 'at', now())
          }
        },
      },
      options,
    )
  }

  bothSpellings(
    'a child that was woken just before does not run, and is counted once',
    ['children=2', 'children=1', 'through'],
    {
      *generator(print) {
        keepTimePassing()
        yield* taskGroup(function* (group) {
          const wake = new Future()
          whenEnded(() => wake.setResult(1))
          const child = group.createTask(function* () {
            yield* swallowTwice()
            print('woken', yield* wake)
          })
          group.createTask(sleep, 90)
          print(childrenOf(group))
          yield* sleep(10)
          child.cancel()
          yield* sleep(70)
          print(childrenOf(group))
        })
        print('through')
      },
      async async(print) {
        keepTimePassing()
        await taskGroup(async (group) => {
          const wake = new Future()
          whenEnded(() => wake.setResult(1))
          const child = group.createTask(async () => {
            await call(swallowTwice)
            print('woken', await wake)
          })
          group.createTask(sleep, 90)
          print(childrenOf(group))
          await sleep(10)
          child.cancel()
          await sleep(70)
          print(childrenOf(group))
        })
        print('through')
      },
    },
    options,
  )

  const childrenOf = (group: unknown) => /children=\d+/.exec(String(group))?.[0]

  bothSpellings(
    'one that is ready to run, a resource of its just closed, runs no more',
    ['closed at 50', 'TimeoutError at 50'],
    {
      *generator(print) {
        keepTimePassing()
        const resource = { enter: () => {}, exit: () => print('closed at', now()) }
        try {
          yield* timeout(10, function* () {
            try {
              yield* use(resource, () => stubborn())
            } catch {}
            for (let i = 0; i < 5; i++) yield
            print('runs on')
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        keepTimePassing()
        const resource = { enter: () => {}, exit: () => print('closed at', now()) }
        try {
          await timeout(10, async () => {
            try {
              await use(resource, () => stubbornAsync())
            } catch {}
            for (let i = 0; i < 5; i++) await sleep(0)
            print('runs on')
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
    options,
  )
})

describe('afterwards', () => {
  bothSpellings(
    'what it waited for wakes nobody',
    ['fallback at 50', 'fallback over at 70'],
    {
      *generator(print) {
        keepTimePassing()
        const wake = new Future()
        getRunningLoop().callAt(60, () => wake.setResult(1))
        try {
          yield* timeout(10, function* () {
            yield* swallowTwice()
            yield* wake
          })
        } catch {
          print('fallback at', now())
          yield* sleep(20)
          print('fallback over at', now())
        }
      },
      async async(print) {
        keepTimePassing()
        const wake = new Future()
        getRunningLoop().callAt(60, () => wake.setResult(1))
        try {
          await timeout(10, async () => {
            await call(swallowTwice)
            await wake
          })
        } catch {
          print('fallback at', now())
          await sleep(20)
          print('fallback over at', now())
        }
      },
    },
    options,
  )

  bothSpellings(
    'a function of the other spelling inside it goes on no more',
    ['woke at 0', 'woke at 1', 'woke at 20', 'woke at 21', 'over at 40'],
    {
      *generator(print) {
        keepTimePassing()
        yield* untilOver(
          print,
          createTask(function* () {
            yield* call(stubbornAsync, 1, () => now() % 20 < 2 && print('woke at', now()))
          }),
        )
      },
      async async(print) {
        keepTimePassing()
        await call(
          untilOver,
          print,
          createTask(async () => {
            await call(stubborn, 1, () => now() % 20 < 2 && print('woke at', now()))
          }),
        )
      },
    },
    options,
  )

  function* untilOver(print: (...values: unknown[]) => void, task: Task<unknown>): Coroutine {
    yield
    task.cancel()
    while (!task.done()) yield* sleep(1)
    print('over at', now())
    yield* sleep(30)
  }

  test('an async function that awaited a foreign promise is never heard of again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const trace = await traceOf(async (print) => {
      keepTimePassing()
      const sleeping = async () => {
        await promise
        print('goes on, in', currentTask())
        await sleep(1)
        print('must not come here')
      }
      const wake = new Future()
      const event = new Event()
      const waiting = async () => {
        await promise
        await wake
        print('must not come here')
      }
      const inLine = async () => {
        await promise
        await event.wait()
        print('must not come here')
      }
      const returning = async () => {
        await promise
      }
      await taskGroup(async (group) => {
        const bodies = [sleeping, () => call(sleeping), waiting, inLine, returning]
        const children = bodies.map((body) => group.createTask(body as () => Promise<void>))
        group.createTask(sleep, 60)
        await sleep(1)
        for (const child of children) child.cancel()
        await sleep(45)
        print(
          children.every((child) => child.cancelled()),
          childrenOf(group),
        )
        resolve()
        await sleep(1)
        wake.setResult('late')
        event.set()
        await sleep(5)
        print(childrenOf(group))
      })
    }, options)
    // What an ended function did would be adopted by the loop of real time.
    await new Promise((passed) => setTimeout(passed, 20))
    expect(trace).toEqual(['true children=1', 'goes on, in null', 'goes on, in null', 'children=1'])
  })

  const childrenOf = (group: unknown) => /children=\d+/.exec(String(group))?.[0]

  test('an async function inside a generator that returns later is not heard of', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const trace = await traceOf(function* (print) {
      keepTimePassing()
      yield* taskGroup(function* (group) {
        const child = group.createTask(function* () {
          yield* call(() => promise)
          print('must not come here')
        })
        group.createTask(sleep, 90)
        yield
        child.cancel()
        yield* sleep(45)
        print(child.cancelled(), childrenOf(group))
        resolve()
        yield* sleep(1)
        print(childrenOf(group))
      })
    }, options)
    expect(trace).toEqual(['true children=1', 'children=1'])
  })

  test('its finally blocks run as far as they do not suspend, three times at most', async () => {
    const trace = await traceOf(function* (print) {
      keepTimePassing()
      let count = 0
      const task = createTask(function* () {
        for (;;) {
          try {
            yield* sleep(300)
          } catch {
          } finally {
            if (now() >= 40) print('finally', ++count)
            // biome-ignore lint/correctness/noUnsafeFinally: this is what the test is about
            if (count < 9) continue
          }
        }
      })
      yield
      task.cancel()
      yield* sleep(50)
      print(task.cancelled())
    }, options)
    expect(trace).toEqual(['finally 1', 'finally 2', 'finally 3', 'true'])
  })

  test('an error of its finally blocks is reported', async () => {
    const trace = await traceOf(
      function* (print) {
        keepTimePassing()
        const task = createTask(function* () {
          try {
            yield* stubborn()
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: this is what the test is about
            throw new Error('boom')
          }
        })
        yield
        task.cancel()
        yield* sleep(50)
        print(task.cancelled())
      },
      { cancelGrace: 20 },
    )
    expect(trace.slice(-2)).toEqual([
      'report: Exception in the clean-up of a coroutine that was ended Error',
      'true',
    ])
  })
})

describe('who is ended, and how often it is said', () => {
  bothSpellings(
    'a resource around the scope that is ended stays open',
    ['TimeoutError at 50', 'still open', 'closed'],
    {
      *generator(print) {
        keepTimePassing()
        yield* use({ enter() {}, exit: () => print('closed') }, function* () {
          try {
            yield* timeout(10, () => stubborn())
          } catch (error) {
            print(error, 'at', now())
          }
          yield* sleep(1)
          print('still open')
        })
      },
      async async(print) {
        keepTimePassing()
        await use({ enter() {}, exit: () => print('closed') }, async () => {
          try {
            await timeout(10, () => stubbornAsync())
          } catch (error) {
            print(error, 'at', now())
          }
          await sleep(1)
          print('still open')
        })
      },
    },
    options,
  )

  test('it is reported once, however many resources are to be closed', async () => {
    const trace = await traceOf(function* (print) {
      keepTimePassing()
      whenEnded(() => print('is ended at', now()))
      const resource = (name: string) => ({ enter() {}, exit: () => print(name, 'closed') })
      try {
        yield* timeout(10, () =>
          use(resource('outer'), function* () {
            try {
              yield* use(resource('inner'), () => stubborn())
            } catch {}
            yield* stubborn()
          }),
        )
      } catch (error) {
        print(error)
      }
    }, options)
    expect(trace).toEqual(['is ended at 50', 'inner closed', 'outer closed', 'TimeoutError'])
  })

  test('the second part of the grace may be another one', async () => {
    const trace = await traceOf(function* (print) {
      keepTimePassing()
      getRunningLoop()._secondGrace = 5
      try {
        yield* timeout(10, () => stubborn())
      } catch (error) {
        print(error, 'at', now())
      }
    }, options)
    expect(trace).toEqual(['TimeoutError at 35'])
  })

  test('a task that it awaits is reminded too, which is counted nowhere', async () => {
    const trace = await traceOf(function* (print) {
      keepTimePassing()
      const inner = createTask(() => stubborn(300, () => print('told', inner.cancelling())))
      try {
        yield* timeout(10, function* () {
          for (;;) {
            try {
              yield* inner
            } catch {}
          }
        })
      } catch (error) {
        print(error, 'at', now())
      }
    }, options)
    expect(trace.slice(0, 3)).toEqual(['told 1', 'told 1', 'TimeoutError at 50'])
  })
})
