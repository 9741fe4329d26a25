/** A cancel scope always ends: a body that would not stop is told again, then ended, and the code around it goes on. */
import {
  type CancelScope,
  type Coroutine,
  cancelScope,
  cleanup,
  coroutine,
  createTask,
  getRunningLoop,
  sleep,
  type Task,
  taskGroup,
  timeout,
  use,
  wait,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

const grace = { cancelGrace: 10 }

/** Time must pass in virtual time for a grace period to be over: somebody else sleeps. Reports are cut short. */
function watchTheClock(print: Print): Task<unknown> {
  getRunningLoop().setExceptionHandler((_, { message }) => {
    const [, whose, what] = /^(.*) swallows its cancellation: .*is (told again|ended)$/.exec(message) ?? []
    print(whose === undefined ? message : `report: ${whose} is ${what}`, 'at', now())
  })
  return createTask(function* () {
    for (let i = 0; i < 500; i++) yield* sleep(1)
  })
}

/** Swallows whatever is thrown into it, for ever. */
function* stubborn(print: Print = () => {}): Coroutine<undefined> {
  for (;;) {
    try {
      yield* sleep(1000)
    } catch {
      print('swallows at', now())
    }
  }
}

async function stubbornAsync(print: Print = () => {}): Promise<undefined> {
  for (;;) {
    try {
      await sleep(1000)
    } catch {
      print('swallows at', now())
    }
  }
}

const told = (at: number) => `report: The body of a cancel scope in task 'main' is told again at ${at}`
const ended = (at: number) => `report: The body of a cancel scope in task 'main' is ended at ${at}`

describe('a body that swallows for ever', () => {
  bothSpellings(
    'is told again, then ended; the scope gives undefined, and the code around it goes on',
    [
      'swallows at 5',
      told(15),
      'swallows at 15',
      ended(25),
      'undefined true at 25',
      'finally of the caller',
      'slept, requests: 0',
    ],
    {
      *generator(print) {
        watchTheClock(print)
        yield* createTask({ name: 'main' }, function* () {
          let own: CancelScope | undefined
          try {
            const result = yield* cancelScope(function* (scope) {
              own = scope
              getRunningLoop().callAt(5, () => scope.cancel())
              return yield* stubborn(print)
            })
            print(result, own?.cancelled, 'at', now())
          } finally {
            print('finally of the caller')
          }
          yield* sleep(1)
          print('slept, requests:', requests())
        })
      },
      async async(print) {
        watchTheClock(print)
        await createTask({ name: 'main' }, async () => {
          let own: CancelScope | undefined
          try {
            const result = await cancelScope(async (scope) => {
              own = scope
              getRunningLoop().callAt(5, () => scope.cancel())
              return await stubbornAsync(print)
            })
            print(result, own?.cancelled, 'at', now())
          } finally {
            print('finally of the caller')
          }
          await sleep(1)
          print('slept, requests:', requests())
        })
      },
    },
    grace,
  )

  bothSpellings(
    'is ended after its deadline as after cancel()',
    [told(15), ended(25), 'undefined at 25'],
    {
      *generator(print) {
        watchTheClock(print)
        yield* createTask({ name: 'main' }, function* () {
          print(yield* cancelScope(() => stubborn(), { deadline: 5 }), 'at', now())
        })
      },
      async async(print) {
        watchTheClock(print)
        await createTask({ name: 'main' }, async () => {
          print(await cancelScope(() => stubbornAsync(), { deadline: 5 }), 'at', now())
        })
      },
    },
    grace,
  )

  bothSpellings(
    'in its finally is ended as well',
    [told(15), ended(25), 'undefined at 25'],
    {
      *generator(print) {
        watchTheClock(print)
        yield* createTask({ name: 'main' }, function* () {
          const result = yield* cancelScope(
            function* (): Coroutine<undefined> {
              for (;;) {
                try {
                  yield* sleep(1000)
                } finally {
                  // biome-ignore lint/correctness/noUnsafeFinally: this is what the test is about
                  if (now() >= 0) continue
                }
              }
            },
            { deadline: 5 },
          )
          print(result, 'at', now())
        })
      },
      async async(print) {
        watchTheClock(print)
        await createTask({ name: 'main' }, async () => {
          const result = await cancelScope(
            async () => {
              for (;;) {
                try {
                  await sleep(1000)
                } finally {
                  // biome-ignore lint/correctness/noUnsafeFinally: this is what the test is about
                  if (now() >= 0) continue
                }
              }
            },
            { deadline: 5 },
          )
          print(result, 'at', now())
        })
      },
    },
    grace,
  )

  bothSpellings(
    'is not ended where the grace is unlimited, as in asyncio',
    ['still there at 400'],
    {
      *generator(print) {
        watchTheClock(() => {})
        const task = createTask(() => cancelScope(() => stubborn(), { deadline: 5 }))
        yield* wait([task], { timeout: 400 })
        print(task.done() ? 'gone' : 'still there', 'at', now())
        getRunningLoop().cancelGrace = 10 // or the run would not end
      },
      async async(print) {
        watchTheClock(() => {})
        const task = createTask(() => cancelScope(() => stubbornAsync(), { deadline: 5 }))
        await wait([task], { timeout: 400 })
        print(task.done() ? 'gone' : 'still there', 'at', now())
        getRunningLoop().cancelGrace = 10 // or the run would not end
      },
    },
    { cancelGrace: Number.POSITIVE_INFINITY },
  )
})

describe('a body that stops in time, or with the reminder', () => {
  bothSpellings(
    'one whose clean-up is within the grace period is not disturbed',
    ['cleaned up at 13', 'undefined'],
    {
      *generator(print) {
        watchTheClock(print)
        const result = yield* cancelScope(
          function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* sleep(8)
              print('cleaned up at', now())
            }
          },
          { deadline: 5 },
        )
        print(result)
      },
      async async(print) {
        watchTheClock(print)
        const result = await cancelScope(
          async () => {
            try {
              await sleep(1000)
            } finally {
              await sleep(8)
              print('cleaned up at', now())
            }
          },
          { deadline: 5 },
        )
        print(result)
      },
    },
    grace,
  )

  bothSpellings(
    'one that waits for ever in its finally is interrupted there by the reminder',
    [told(15), 'interrupted at 15', 'undefined'],
    {
      *generator(print) {
        watchTheClock(print)
        yield* createTask({ name: 'main' }, function* () {
          const result = yield* cancelScope(
            function* () {
              try {
                yield* sleep(1000)
              } finally {
                try {
                  yield* sleep(Number.POSITIVE_INFINITY)
                } finally {
                  print('interrupted at', now())
                }
              }
            },
            { deadline: 5 },
          )
          print(result)
        })
      },
      async async(print) {
        watchTheClock(print)
        await createTask({ name: 'main' }, async () => {
          const result = await cancelScope(
            async () => {
              try {
                await sleep(1000)
              } finally {
                try {
                  await sleep(Number.POSITIVE_INFINITY)
                } finally {
                  print('interrupted at', now())
                }
              }
            },
            { deadline: 5 },
          )
          print(result)
        })
      },
    },
    grace,
  )

  bothSpellings(
    'one that asked for more time with cleanup() has it',
    ['uploaded at 55', 'undefined'],
    {
      *generator(print) {
        watchTheClock(print)
        const result = yield* cancelScope(
          function* () {
            try {
              yield* sleep(1000)
            } finally {
              yield* cleanup(100, () => sleep(50))
              print('uploaded at', now())
            }
          },
          { deadline: 5 },
        )
        print(result)
      },
      async async(print) {
        watchTheClock(print)
        const result = await cancelScope(
          async () => {
            try {
              await sleep(1000)
            } finally {
              await cleanup(100, () => sleep(50))
              print('uploaded at', now())
            }
          },
          { deadline: 5 },
        )
        print(result)
      },
    },
    grace,
  )

  bothSpellings(
    'one that catches the reminder and returns has the last word',
    [told(15), 'gave in at 15'],
    {
      *generator(print) {
        watchTheClock(print)
        yield* createTask({ name: 'main' }, function* () {
          const result = yield* cancelScope(
            function* () {
              for (let i = 0; i < 2; i++) {
                try {
                  yield* sleep(1000)
                } catch {}
              }
              return 'gave in'
            },
            { deadline: 5 },
          )
          print(result, 'at', now())
        })
      },
      async async(print) {
        watchTheClock(print)
        await createTask({ name: 'main' }, async () => {
          const result = await cancelScope(
            async () => {
              for (let i = 0; i < 2; i++) {
                try {
                  await sleep(1000)
                } catch {}
              }
              return 'gave in'
            },
            { deadline: 5 },
          )
          print(result, 'at', now())
        })
      },
    },
    grace,
  )
})

describe('what is inside a body that is ended', () => {
  bothSpellings(
    'resources are closed, the innermost first, before the caller goes on',
    ['open r1', 'open r2', 'closed r2 CancelledError', 'closed r1 CancelledError', 'undefined'],
    {
      *generator(print) {
        watchTheClock(() => {})
        const result = yield* cancelScope(() => use(door('r1'), () => use(door('r2'), () => stubborn())), {
          deadline: 5,
        })
        print(result)

        function door(name: string) {
          return {
            enter: () => print('open', name),
            *exit(error?: unknown): Coroutine {
              yield* sleep(1)
              print('closed', name, error)
            },
          }
        }
      },
      async async(print) {
        watchTheClock(() => {})
        const result = await cancelScope(
          async () => {
            await use(door('r1'), async () => {
              await use(door('r2'), () => stubbornAsync())
            })
          },
          { deadline: 5 },
        )
        print(result)

        function door(name: string) {
          return {
            enter: () => print('open', name),
            async exit(error?: unknown) {
              await sleep(1)
              print('closed', name, error)
            },
          }
        }
      },
    },
    grace,
  )

  bothSpellings(
    'children of a group are cancelled',
    ['child cleans up', 'undefined true'],
    {
      *generator(print) {
        watchTheClock(() => {})
        let child: Task<unknown> | undefined
        const result = yield* cancelScope(
          () =>
            taskGroup(function* (group) {
              child = group.createTask(function* () {
                try {
                  yield* sleep(5000)
                } finally {
                  print('child cleans up')
                }
              })
              return yield* stubborn()
            }),
          { deadline: 5 },
        )
        yield* sleep(1)
        print(result, child?.cancelled())
      },
      async async(print) {
        watchTheClock(() => {})
        let child: Task<unknown> | undefined
        const result = await cancelScope(
          async () =>
            await taskGroup(async (group) => {
              child = group.createTask(async () => {
                try {
                  await sleep(5000)
                } finally {
                  print('child cleans up')
                }
              })
              return await stubbornAsync()
            }),
          { deadline: 5 },
        )
        await sleep(1)
        print(result, child?.cancelled())
      },
    },
    grace,
  )

  test('the frames of generators are closed, innermost first, marked ones too', async () => {
    const trace = await traceOf(function* (print) {
      watchTheClock(() => {})
      const level = coroutine(function* (n: number): Coroutine<undefined> {
        try {
          return n > 0 ? yield* level(n - 1) : yield* stubborn()
        } finally {
          print('closed', n)
        }
      })
      print(yield* cancelScope(() => level(2), { deadline: 5 }))
    }, grace)
    expect(trace).toEqual(['closed 0', 'closed 1', 'closed 2', 'undefined'])
  })

  test('an async body on a native promise that never settles is dropped', async () => {
    const trace = await traceOf(async (print) => {
      watchTheClock(print)
      await createTask({ name: 'main' }, async () => {
        print(await cancelScope(() => new Promise<void>(() => {}), { deadline: 5 }), 'at', now())
      })
    }, grace)
    expect(trace).toEqual([told(15), ended(25), 'undefined at 25'])
  })
})

describe('scopes around it', () => {
  bothSpellings(
    'the inner scope is ended alone: the body of the outer one goes on',
    ['inner gave undefined at 25', 'outer gave result'],
    {
      *generator(print) {
        watchTheClock(() => {})
        const result = yield* cancelScope(function* () {
          print('inner gave', yield* cancelScope(() => stubborn(), { deadline: 5 }), 'at', now())
          yield* sleep(1)
          return 'result'
        })
        print('outer gave', result)
      },
      async async(print) {
        watchTheClock(() => {})
        const result = await cancelScope(async () => {
          print('inner gave', await cancelScope(() => stubbornAsync(), { deadline: 5 }), 'at', now())
          await sleep(1)
          return 'result'
        })
        print('outer gave', result)
      },
    },
    grace,
  )

  bothSpellings(
    'a task that was cancelled meanwhile is cancelled when its scope has been ended',
    ['finally of the caller', 'cancelled at 25'],
    {
      *generator(print) {
        watchTheClock(() => {})
        const task = createTask(function* () {
          try {
            yield* cancelScope(() => stubborn(), { deadline: 5 })
            print('never printed')
          } finally {
            print('finally of the caller')
          }
        })
        yield* sleep(8)
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled', 'at', now())
      },
      async async(print) {
        watchTheClock(() => {})
        const task = createTask(async () => {
          try {
            await cancelScope(() => stubbornAsync(), { deadline: 5 })
            print('never printed')
          } finally {
            print('finally of the caller')
          }
        })
        await sleep(8)
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled', 'at', now())
      },
    },
    grace,
  )

  bothSpellings(
    'a time limit around a scope that swallows for it ends both, and is a TimeoutError',
    ['TimeoutError at 25', 'slept, requests: 0'],
    {
      *generator(print) {
        watchTheClock(() => {})
        try {
          yield* timeout(5, () => cancelScope(() => stubborn()))
        } catch (error) {
          print(error, 'at', now())
        }
        yield* sleep(1)
        print('slept, requests:', requests())
      },
      async async(print) {
        watchTheClock(() => {})
        try {
          await timeout(5, async () => await cancelScope(() => stubbornAsync()))
        } catch (error) {
          print(error, 'at', now())
        }
        await sleep(1)
        print('slept, requests:', requests())
      },
    },
    grace,
  )

  bothSpellings(
    'a shield is no way around it: a time limit ends a shielded body that takes too long',
    ['TimeoutError at 25', 'slept, requests: 0'],
    {
      *generator(print) {
        watchTheClock(() => {})
        try {
          yield* timeout(5, () => cancelScope(() => sleep(1000), { shield: true }))
        } catch (error) {
          print(error, 'at', now())
        }
        yield* sleep(1)
        print('slept, requests:', requests())
      },
      async async(print) {
        watchTheClock(() => {})
        try {
          await timeout(5, async () => await cancelScope(() => sleep(1000), { shield: true }))
        } catch (error) {
          print(error, 'at', now())
        }
        await sleep(1)
        print('slept, requests:', requests())
      },
    },
    grace,
  )

  bothSpellings(
    'a shielded scope that is cancelled itself ends its body; what came from outside is delivered then',
    ['finally of the caller', 'cancelled at 25'],
    {
      *generator(print) {
        watchTheClock(() => {})
        const task = createTask(function* () {
          try {
            yield* cancelScope(() => stubborn(), { shield: true, deadline: 5 })
            print('never printed')
          } finally {
            print('finally of the caller')
          }
        })
        yield* sleep(8)
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled', 'at', now())
      },
      async async(print) {
        watchTheClock(() => {})
        const task = createTask(async () => {
          try {
            await cancelScope(() => stubbornAsync(), { shield: true, deadline: 5 })
            print('never printed')
          } finally {
            print('finally of the caller')
          }
        })
        await sleep(8)
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled', 'at', now())
      },
    },
    grace,
  )

  bothSpellings(
    'two that are ended in the same pass: both give undefined, once',
    ['undefined at 25', 'slept, requests: 0'],
    {
      *generator(print) {
        watchTheClock(() => {})
        const result = yield* cancelScope(() => cancelScope(() => stubborn(), { deadline: 5 }), {
          deadline: 5,
        })
        print(result, 'at', now())
        yield* sleep(1)
        print('slept, requests:', requests())
      },
      async async(print) {
        watchTheClock(() => {})
        const result = await cancelScope(
          async () => await cancelScope(() => stubbornAsync(), { deadline: 5 }),
          { deadline: 5 },
        )
        print(result, 'at', now())
        await sleep(1)
        print('slept, requests:', requests())
      },
    },
    grace,
  )

  bothSpellings(
    'two that are ended in the same pass, with a body between them that would go on: it is ended',
    ['undefined at 25'],
    {
      *generator(print) {
        watchTheClock(() => {})
        const task = createTask(() =>
          cancelScope(
            function* (): Coroutine<undefined> {
              for (;;) {
                try {
                  yield* cancelScope(() => stubborn(), { deadline: 5 })
                } catch {}
                yield* stubborn()
              }
            },
            { deadline: 5 },
          ),
        )
        task.addDoneCallback(() => print(task.result(), 'at', now()))
        yield* wait([task], { timeout: 200 })
      },
      async async(print) {
        watchTheClock(() => {})
        const task = createTask(() =>
          cancelScope(
            async (): Promise<undefined> => {
              for (;;) {
                try {
                  await cancelScope(() => stubbornAsync(), { deadline: 5 })
                } catch {}
                await stubbornAsync()
              }
            },
            { deadline: 5 },
          ),
        )
        task.addDoneCallback(() => print(task.result(), 'at', now()))
        await wait([task], { timeout: 200 })
      },
    },
    grace,
  )

  bothSpellings(
    'two that are ended in the same pass, with a resource inside: it is closed once, before both',
    ['closed at 28', 'undefined at 28'],
    {
      *generator(print) {
        watchTheClock(() => {})
        const door = {
          enter() {},
          *exit(): Coroutine {
            yield* sleep(3)
            print('closed at', now())
          },
        }
        const result = yield* cancelScope(
          () => cancelScope(() => use(door, () => stubborn()), { deadline: 5 }),
          { deadline: 5 },
        )
        print(result, 'at', now())
      },
      async async(print) {
        watchTheClock(() => {})
        const door = {
          enter() {},
          async exit() {
            await sleep(3)
            print('closed at', now())
          },
        }
        const result = await cancelScope(
          async () => await cancelScope(async () => await use(door, () => stubbornAsync()), { deadline: 5 }),
          { deadline: 5 },
        )
        print(result, 'at', now())
      },
    },
    grace,
  )
})
