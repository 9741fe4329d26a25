import { createTask, Future, getRunningLoop, shield, sleep, timeout, wait } from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

bothSpellings(
  'gives the result of the inner task, or its error',
  ['result', 'boom', 'function', 'operation'],
  {
    *generator(print) {
      const work = function* (result: string) {
        yield* sleep(5)
        return result
      }
      print(yield* shield(createTask(work, 'result')))
      try {
        yield* shield(function* () {
          yield
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
      print(yield* shield(() => work('function')))
      print(yield* shield(sleep(5, 'operation')))
    },
    async async(print) {
      const work = async (result: string) => {
        await sleep(5)
        return result
      }
      print(await shield(createTask(work, 'result')))
      try {
        await shield(async () => {
          await sleep(0)
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
      print(await shield(() => work('function')))
      print(await shield(sleep(5, 'operation')))
    },
  },
)

bothSpellings(
  'the caller is cancelled, the inner task goes on',
  ['CancelledError 1 at 5', 'inner done at 20', 'result'],
  {
    *generator(print) {
      const inner = createTask(function* () {
        yield* sleep(20)
        print('inner done at', now())
        return 'result'
      })
      const caller = createTask(function* () {
        try {
          yield* shield(inner)
        } catch (error) {
          print(error, requests(), 'at', now())
          throw error
        }
      })
      yield* sleep(5)
      caller.cancel()
      print(yield* inner)
    },
    async async(print) {
      const inner = createTask(async () => {
        await sleep(20)
        print('inner done at', now())
        return 'result'
      })
      const caller = createTask(async () => {
        try {
          await shield(inner)
        } catch (error) {
          print(error, requests(), 'at', now())
          throw error
        }
      })
      await sleep(5)
      caller.cancel()
      print(await inner)
    },
  },
)

bothSpellings(
  'an inner task that is cancelled gives the caller a CancelledError without a request',
  ['CancelledError 0'],
  {
    *generator(print) {
      const inner = createTask(() => sleep(1000))
      yield
      inner.cancel()
      try {
        yield* shield(inner)
      } catch (error) {
        print(error, requests())
      }
    },
    async async(print) {
      const inner = createTask(() => sleep(1000))
      await sleep(0)
      inner.cancel()
      try {
        await shield(inner)
      } catch (error) {
        print(error, requests())
      }
    },
  },
)

bothSpellings('cancelling the shield itself leaves the inner task alone', ['true false', 'inner result'], {
  *generator(print) {
    const inner = createTask(() => sleep(20, 'inner result'))
    const outer = shield(inner)
    yield
    outer.cancel()
    yield
    print(outer.cancelled(), inner.done())
    print(yield* inner)
  },
  async async(print) {
    const inner = createTask(() => sleep(20, 'inner result'))
    const outer = shield(inner)
    await sleep(0)
    outer.cancel()
    await sleep(0)
    print(outer.cancelled(), inner.done())
    print(await inner)
  },
})

bothSpellings('survives a timeout', ['TimeoutError at 5', 'result at 20'], {
  *generator(print) {
    const inner = createTask(() => sleep(20, 'result'))
    try {
      yield* timeout(5, () => shield(inner))
    } catch (error) {
      print(error, 'at', now())
    }
    print(yield* inner, 'at', now())
  },
  async async(print) {
    const inner = createTask(() => sleep(20, 'result'))
    try {
      await timeout(5, () => shield(inner))
    } catch (error) {
      print(error, 'at', now())
    }
    print(await inner, 'at', now())
  },
})

test('of what is done is that very future', async () => {
  const trace = await traceOf(function* (print) {
    const future = new Future<string>()
    future.setResult('result')
    print(shield(future) === future, yield* shield(future))
    const task = createTask(() => 'task')
    yield* task
    print(shield(task) === task, yield* shield(task))
  })
  expect(trace).toEqual(['true result', 'true task'])
})

test('is a future: it may be awaited by several, and without a suspension once it is done', async () => {
  const trace = await traceOf(function* (print) {
    const outer = shield(() => sleep(5, 'result'))
    createTask(function* () {
      print('other', yield* outer)
    })
    print('main', yield* outer)
    print('again', yield* outer)
    yield
  })
  expect(trace.sort()).toEqual(['again result', 'main result', 'other result'])
})

bothSpellings(
  'an inner task that fails after its caller was cancelled is reported, and not lost',
  ['CancelledError', 'report'],
  {
    *generator(print) {
      getRunningLoop().setExceptionHandler((_, { exception }) => exception === 'boom' && print('report'))
      const caller = createTask(() =>
        shield(function* () {
          yield* sleep(20)
          throw 'boom'
        }),
      )
      yield* sleep(5)
      caller.cancel()
      try {
        yield* caller
      } catch (error) {
        print(error)
      }
      yield* sleep(50)
    },
    async async(print) {
      getRunningLoop().setExceptionHandler((_, { exception }) => exception === 'boom' && print('report'))
      const caller = createTask(() =>
        shield(async () => {
          await sleep(20)
          throw 'boom'
        }),
      )
      await sleep(5)
      caller.cancel()
      try {
        await caller
      } catch (error) {
        print(error)
      }
      await sleep(50)
    },
  },
)

bothSpellings(
  'the inner task is one of the run: it is cancelled when the run ends, and cleans up',
  ['main ends at 5', 'inner cleaned at 15'],
  {
    *generator(print) {
      shield(function* () {
        try {
          yield* sleep(1000)
        } finally {
          yield* sleep(10)
          print('inner cleaned at', now())
        }
      })
      yield* sleep(5)
      print('main ends at', now())
    },
    async async(print) {
      shield(async () => {
        try {
          await sleep(1000)
        } finally {
          await sleep(10)
          print('inner cleaned at', now())
        }
      })
      await sleep(5)
      print('main ends at', now())
    },
  },
)

describe('{ atMost }', () => {
  bothSpellings(
    'gives the inner task so much longer once its caller was cancelled, then cancels it',
    ['caller CancelledError at 5', 'inner shield({ atMost: 30 }) at 35', 'cancelled true'],
    {
      *generator(print) {
        const inner = createTask(function* () {
          try {
            yield* sleep(1000)
          } catch (error) {
            print('inner', (error as Error).message, 'at', now())
            throw error
          }
        })
        const caller = createTask(function* () {
          try {
            yield* shield(inner, { atMost: 30 })
          } catch (error) {
            print('caller', error, 'at', now())
          }
        })
        yield* sleep(5)
        caller.cancel()
        yield* sleep(100)
        print('cancelled', inner.cancelled())
      },
      async async(print) {
        const inner = createTask(async () => {
          try {
            await sleep(1000)
          } catch (error) {
            print('inner', (error as Error).message, 'at', now())
            throw error
          }
        })
        const caller = createTask(async () => {
          try {
            await shield(inner, { atMost: 30 })
          } catch (error) {
            print('caller', error, 'at', now())
          }
        })
        await sleep(5)
        caller.cancel()
        await sleep(100)
        print('cancelled', inner.cancelled())
      },
    },
  )

  bothSpellings(
    'does not touch an inner task that is done by then, and leaves no timer',
    ['inner done at 20', 'end at 21'],
    {
      *generator(print) {
        const inner = createTask(function* () {
          yield* sleep(20)
          print('inner done at', now())
        })
        const caller = createTask(() => shield(inner, { atMost: 1_000_000 }))
        yield* sleep(5)
        caller.cancel()
        yield* inner
        yield* sleep(1)
        print('end at', now())
      },
      async async(print) {
        const inner = createTask(async () => {
          await sleep(20)
          print('inner done at', now())
        })
        const caller = createTask(() => shield(inner, { atMost: 1_000_000 }))
        await sleep(5)
        caller.cancel()
        await inner
        await sleep(1)
        print('end at', now())
      },
    },
  )

  bothSpellings('does not limit an inner task whose caller is not cancelled', ['result at 1000'], {
    *generator(print) {
      print(yield* shield(() => sleep(1000, 'result'), { atMost: 10 }), 'at', now())
    },
    async async(print) {
      print(await shield(() => sleep(1000, 'result'), { atMost: 10 }), 'at', now())
    },
  })

  for (const [what, atMost, name] of [
    ['NaN', Number.NaN, 'RangeError'],
    ['a string', '5', 'TypeError'],
  ] as const) {
    test(`${what} is refused`, async () => {
      const trace = await traceOf(function* (print) {
        try {
          shield(new Future(), { atMost: atMost as number })
        } catch (error) {
          print(error)
        }
      })
      expect(trace).toEqual([name])
    })
  }
})

test('refuses a promise, and says to pass the function', async () => {
  const trace = await traceOf(function* (print) {
    try {
      shield(Promise.resolve() as never)
    } catch (error) {
      print(error, /Pass the function/.test((error as Error).message))
    }
  })
  expect(trace).toEqual(['TypeError true'])
})

test('a failure in the pass in which whoever awaits it is cancelled is not reported', async () => {
  const trace = await traceOf(function* (print) {
    const inner = createTask(function* () {
      yield* sleep(5)
      throw new RangeError('boom')
    })
    const awaiting = createTask(function* () {
      yield* shield(inner)
    })
    const loop = getRunningLoop()
    loop.callAt(5, () => loop.callSoon(() => awaiting.cancel()))
    yield* wait([awaiting])
    print(awaiting.cancelled(), inner.done())
    yield* sleep(1)
  })
  expect(trace).toEqual(['true true'])
})
