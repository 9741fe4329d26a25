import {
  asCompleted,
  createTask,
  currentTask,
  Future,
  forEach,
  getRunningLoop,
  sleep,
  type Task,
  timeout,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

const sleeper = (name: string, ms: number): Task<string> => createTask({ name }, () => sleep(ms, name))

bothSpellings('gives results in the order of completion', ['c at 10', 'a at 20', 'b at 30'], {
  *generator(print) {
    for (const next of asCompleted([sleeper('a', 20), sleeper('b', 30), sleeper('c', 10)])) {
      print(yield* next, 'at', now())
    }
  },
  async async(print) {
    for (const next of asCompleted([sleeper('a', 20), sleeper('b', 30), sleeper('c', 10)])) {
      print(await next, 'at', now())
    }
  },
})

bothSpellings(
  'gone through asynchronously it gives the very objects that were given',
  ['c at 10 true', 'a at 20 true', 'b at 30 true'],
  {
    *generator(print) {
      const tasks = [sleeper('a', 20), sleeper('b', 30), sleeper('c', 10)]
      yield* forEach(asCompleted(tasks), function* (task) {
        print(task.result(), 'at', now(), tasks.includes(task as Task<string>))
      })
    },
    async async(print) {
      const tasks = [sleeper('a', 20), sleeper('b', 30), sleeper('c', 10)]
      for await (const task of asCompleted(tasks)) {
        print(task.result(), 'at', now(), tasks.includes(task as Task<string>))
      }
    },
  },
)

bothSpellings(
  'takes targets of every kind, and starts them at once',
  ['started', 'function', 'operation', 'future'],
  {
    *generator(print) {
      const future = new Future<string>()
      getRunningLoop().callLater(30, () => future.setResult('future'))
      const all = asCompleted<string>([
        future,
        sleep(20, 'operation'),
        (function* () {
          print('started')
          yield* sleep(10)
          return 'function'
        })(),
      ])
      yield* sleep(0)
      for (const next of all) print(yield* next)
    },
    async async(print) {
      const future = new Future<string>()
      getRunningLoop().callLater(30, () => future.setResult('future'))
      const all = asCompleted<string>([
        future,
        sleep(20, 'operation'),
        (function* () {
          print('started')
          yield* sleep(10)
          return 'function'
        })(),
      ])
      await sleep(0)
      for (const next of all) print(await next)
    },
  },
)

bothSpellings('of nothing is over at once', ['over', 'over'], {
  *generator(print) {
    for (const next of asCompleted([])) print(yield* next)
    print('over')
    yield* forEach(asCompleted([]), () => print('never'))
    print('over')
  },
  async async(print) {
    for (const next of asCompleted([])) print(await next)
    print('over')
    for await (const task of asCompleted([])) print(task)
    print('over')
  },
})

bothSpellings('the same object given twice comes once', ['a', 'over'], {
  *generator(print) {
    const task = sleeper('a', 5)
    for (const next of asCompleted([task, task])) print(yield* next)
    print('over')
  },
  async async(print) {
    const task = sleeper('a', 5)
    for (const next of asCompleted([task, task])) print(await next)
    print('over')
  },
})

bothSpellings('what is done already comes first, in the order it was given', ['a', 'b', 'c'], {
  *generator(print) {
    const [a, b] = [new Future<string>(), new Future<string>()]
    b.setResult('b')
    a.setResult('a')
    for (const next of asCompleted<string>([sleeper('c', 5), a, b])) print(yield* next)
  },
  async async(print) {
    const [a, b] = [new Future<string>(), new Future<string>()]
    b.setResult('b')
    a.setResult('a')
    for (const next of asCompleted<string>([sleeper('c', 5), a, b])) print(await next)
  },
})

bothSpellings(
  'an error is thrown in its turn, and the others still come',
  ['a', 'boom', 'CancelledError', 'b'],
  {
    *generator(print) {
      const cancelled = sleeper('never', 1000)
      getRunningLoop().callLater(20, () => cancelled.cancel())
      const failing = createTask(function* (): Generator<never, string, unknown> {
        yield* sleep(10) as Iterable<never>
        throw 'boom'
      })
      for (const next of asCompleted([sleeper('b', 30), failing, cancelled, sleeper('a', 5)])) {
        try {
          print(yield* next)
        } catch (error) {
          print(error)
        }
      }
    },
    async async(print) {
      const cancelled = sleeper('never', 1000)
      getRunningLoop().callLater(20, () => cancelled.cancel())
      const failing = createTask(async (): Promise<string> => {
        await sleep(10)
        throw 'boom'
      })
      for (const next of asCompleted([sleeper('b', 30), failing, cancelled, sleeper('a', 5)])) {
        try {
          print(await next)
        } catch (error) {
          print(error)
        }
      }
    },
  },
)

bothSpellings('leaving the loop early cancels nothing', ['a at 5', 'b at 20'], {
  *generator(print) {
    const b = sleeper('b', 20)
    for (const next of asCompleted([b, sleeper('a', 5)])) {
      print(yield* next, 'at', now())
      break
    }
    print(yield* b, 'at', now())
  },
  async async(print) {
    const b = sleeper('b', 20)
    for await (const task of asCompleted([b, sleeper('a', 5)])) {
      print(task.result(), 'at', now())
      break
    }
    print(await b, 'at', now())
  },
})

describe('{ timeout }', () => {
  bothSpellings(
    'each one that is not done in time is a TimeoutError; nothing is cancelled',
    ['a', 'TimeoutError POLVO_TIMEOUT at 15', 'TimeoutError POLVO_TIMEOUT at 15', 'b c at 30'],
    {
      *generator(print) {
        const [b, c] = [sleeper('b', 20), sleeper('c', 30)]
        for (const next of asCompleted([b, c, sleeper('a', 5)], { timeout: 15 })) {
          try {
            print(yield* next)
          } catch (error) {
            print(error, (error as { code: string }).code, 'at', now())
          }
        }
        print(yield* b, yield* c, 'at', now())
      },
      async async(print) {
        const [b, c] = [sleeper('b', 20), sleeper('c', 30)]
        for (const next of asCompleted([b, c, sleeper('a', 5)], { timeout: 15 })) {
          try {
            print(await next)
          } catch (error) {
            print(error, (error as { code: string }).code, 'at', now())
          }
        }
        print(await b, await c, 'at', now())
      },
    },
  )

  bothSpellings(
    'gone through asynchronously it ends the loop with the TimeoutError',
    ['a', 'TimeoutError at 15'],
    {
      *generator(print) {
        try {
          yield* forEach(asCompleted([sleeper('b', 20), sleeper('a', 5)], { timeout: 15 }), (task) => {
            print(task.result())
          })
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        try {
          for await (const task of asCompleted([sleeper('b', 20), sleeper('a', 5)], { timeout: 15 })) {
            print(task.result())
          }
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
  )

  bothSpellings('counts from the start, not from the first await', ['a done in time', 'TimeoutError at 50'], {
    *generator(print) {
      const all = asCompleted([sleeper('a', 5), sleeper('b', 100)], { timeout: 15 })
      yield* sleep(50)
      for (const next of all) {
        try {
          print(yield* next, 'done in time')
        } catch (error) {
          print(error, 'at', now())
        }
      }
    },
    async async(print) {
      const all = asCompleted([sleeper('a', 5), sleeper('b', 100)], { timeout: 15 })
      await sleep(50)
      for (const next of all) {
        try {
          print(await next, 'done in time')
        } catch (error) {
          print(error, 'at', now())
        }
      }
    },
  })

  bothSpellings('leaves no timer behind when all are done in time; null is no limit', ['a 5 6', 'a 1006'], {
    *generator(print) {
      for (const next of asCompleted([sleeper('a', 5)], { timeout: 1_000_000 })) {
        const result = yield* next
        const then = now()
        yield* sleep(1)
        print(result, then, now())
      }
      for (const next of asCompleted([sleeper('a', 1000)], { timeout: null })) print(yield* next, now())
    },
    async async(print) {
      for (const next of asCompleted([sleeper('a', 5)], { timeout: 1_000_000 })) {
        const result = await next
        const then = now()
        await sleep(1)
        print(result, then, now())
      }
      for (const next of asCompleted([sleeper('a', 1000)], { timeout: null })) print(await next, now())
    },
  })

  for (const [what, limit, name] of [
    ['NaN', Number.NaN, 'RangeError'],
    ['a string', '5', 'TypeError'],
  ] as const) {
    test(`${what} is refused`, async () => {
      const trace = await traceOf(function* (print) {
        try {
          asCompleted([new Future()], { timeout: limit as number })
        } catch (error) {
          print(error)
        }
      })
      expect(trace).toEqual([name])
    })
  }
})

describe('cancelling', () => {
  bothSpellings('whoever waits leaves the tasks alone', ['CancelledError 1', 'a at 20'], {
    *generator(print) {
      const a = sleeper('a', 20)
      const waiting = createTask(function* () {
        try {
          for (const next of asCompleted([a])) yield* next
        } catch (error) {
          print(error, currentTask()?.cancelling())
        }
      })
      yield* sleep(5)
      waiting.cancel()
      yield* waiting
      print(yield* a, 'at', now())
    },
    async async(print) {
      const a = sleeper('a', 20)
      const waiting = createTask(async () => {
        try {
          for (const next of asCompleted([a])) await next
        } catch (error) {
          print(error, currentTask()?.cancelling())
        }
      })
      await sleep(5)
      waiting.cancel()
      await waiting
      print(await a, 'at', now())
    },
  })

  bothSpellings('a next() that was cancelled has taken nothing', ['TimeoutError', 'a', 'b', 'over'], {
    *generator(print) {
      const all = asCompleted([sleeper('a', 10), sleeper('b', 20)])
      try {
        yield* timeout(5, () => all.next())
      } catch (error) {
        print(error)
      }
      for (;;) {
        const { done, value } = yield* all.next()
        if (done === true) break
        print(value.result())
      }
      print('over')
    },
    async async(print) {
      const all = asCompleted([sleeper('a', 10), sleeper('b', 20)])
      try {
        await timeout(5, () => all.next())
      } catch (error) {
        print(error)
      }
      for (;;) {
        const { done, value } = await all.next()
        if (done === true) break
        print(value.result())
      }
      print('over')
    },
  })
})

describe('awaiting', () => {
  bothSpellings('each operation serves one await', ['a', 'InvalidStateError', 'true', 'InvalidStateError'], {
    *generator(print) {
      for (const next of asCompleted([sleeper('a', 5)])) {
        print(yield* next)
        try {
          yield* next
        } catch (error) {
          print(error)
        }
      }
      const step = asCompleted([]).next()
      print((yield* step).done)
      try {
        yield* step
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      for (const next of asCompleted([sleeper('a', 5)])) {
        print(await next)
        try {
          await next
        } catch (error) {
          print(error)
        }
      }
      const step = asCompleted([]).next()
      print((await step).done)
      try {
        await step
      } catch (error) {
        print(error)
      }
    },
  })

  test('next() that is never awaited is reported by name', async () => {
    const trace = await traceOf(function* () {
      asCompleted([]).next()
      yield
    })
    expect(trace).toEqual([
      expect.stringMatching(/^report: asCompleted\.next\(\) was created and never awaited/),
    ])
  })

  test('an operation of the plain iterator that is never awaited is reported by name, once', async () => {
    const trace = await traceOf(function* () {
      for (const _next of asCompleted([sleeper('a', 5)]));
      yield* sleep(10)
    })
    expect(trace).toEqual([expect.stringMatching(/^report: asCompleted\(\) was created and never awaited/)])
  })
})
