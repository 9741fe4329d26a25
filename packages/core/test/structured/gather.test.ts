import {
  createTask,
  Future,
  gather,
  getRunningLoop,
  isCancelled,
  Lock,
  sleep,
  taskGroup,
  timeout,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

bothSpellings(
  'returns the results in the order of the arguments, not of completion',
  ['c at 10', 'a at 20', 'b at 30', 'a,b,c 30'],
  {
    *generator(print) {
      const work = function* (name: string, ms: number) {
        yield* sleep(ms)
        print(name, 'at', now())
        return name
      }
      print(yield* gather(work('a', 20), work('b', 30), work('c', 10)), now())
    },
    async async(print) {
      const work = async (name: string, ms: number) => {
        await sleep(ms)
        print(name, 'at', now())
        return name
      }
      const results = await gather(
        () => work('a', 20),
        () => work('b', 30),
        () => work('c', 10),
      )
      print(results, now())
    },
  },
)

bothSpellings(
  'takes targets of every kind and of both spellings',
  ['coroutine,async,operation,task,future'],
  {
    *generator(print) {
      const work = function* () {
        yield* sleep(1)
        return 'coroutine'
      }
      const future = new Future<string>()
      getRunningLoop().callLater(5, () => future.setResult('future'))
      const results = yield* gather(
        work(),
        async () => {
          await sleep(3)
          return 'async'
        },
        sleep(2, 'operation'),
        createTask(() => 'task'),
        future,
      )
      print(results)
    },
    async async(print) {
      const work = function* () {
        yield* sleep(1)
        return 'coroutine'
      }
      const future = new Future<string>()
      getRunningLoop().callLater(5, () => future.setResult('future'))
      const results = await gather(
        work(),
        async () => {
          await sleep(3)
          return 'async'
        },
        sleep(2, 'operation'),
        createTask(() => 'task'),
        future,
      )
      print(results)
    },
  },
)

bothSpellings(
  'the same object given twice runs once, and is twice in the results',
  ['once', '1,2,1 ', '1,1'],
  {
    *generator(print) {
      const one = (function* () {
        print('once')
        yield
        return 1
      })()
      print(yield* gather(one, sleep(1, 2), one), '')
      const task = createTask(() => 1)
      print(yield* gather(task, task))
    },
    async async(print) {
      const one = (function* () {
        print('once')
        yield
        return 1
      })()
      print(await gather(one, sleep(1, 2), one), '')
      const task = createTask(() => 1)
      print(await gather(task, task))
    },
  },
)

bothSpellings('of nothing is done at once, with no results', ['true 0 0', '0 0'], {
  *generator(print) {
    const passes = passCounter()
    print(gather().done(), (yield* gather()).length, passes())
    print((yield* gather({ returnExceptions: true })).length, passes())
  },
  async async(print) {
    const passes = passCounter()
    print(gather().done(), (await gather()).length, passes())
    print((await gather({ returnExceptions: true })).length, passes())
  },
})

bothSpellings('of what is done already is done at once', ['true', 'a,b 0', 'boom 0'], {
  *generator(print) {
    const [a, b, failed] = [new Future<string>(), new Future<string>(), new Future<string>()]
    a.setResult('a')
    b.setResult('b')
    failed.setException('boom')
    const passes = passCounter()
    print(gather(a, b).done())
    print(yield* gather(a, b), passes())
    try {
      yield* gather(a, failed)
    } catch (error) {
      print(error, passes())
    }
  },
  async async(print) {
    const [a, b, failed] = [new Future<string>(), new Future<string>(), new Future<string>()]
    a.setResult('a')
    b.setResult('b')
    failed.setException('boom')
    const passes = passCounter()
    print(gather(a, b).done())
    print(await gather(a, b), passes())
    try {
      await gather(a, failed)
    } catch (error) {
      print(error, passes())
    }
  },
})

bothSpellings(
  'starts what it is given at once, and can be awaited later and again',
  ['works', 'later', '1', '1'],
  {
    *generator(print) {
      const all = gather(function* () {
        print('works')
        yield
        return 1
      })
      yield* sleep(5)
      print('later')
      print(yield* all)
      print(yield* all)
    },
    async async(print) {
      const all = gather(async () => {
        print('works')
        await sleep(0)
        return 1
      })
      await sleep(5)
      print('later')
      print(await all)
      print(await all)
    },
  },
)

bothSpellings('a child that sleeps(0) takes four passes, a nested gather five', ['4', '5'], {
  *generator(print) {
    const child = function* () {
      yield* sleep(0)
    }
    let passes = passCounter()
    yield* gather(child())
    print(passes())
    passes = passCounter()
    yield* gather(gather(child()), child())
    print(passes())
  },
  async async(print) {
    const child = async () => {
      await sleep(0)
    }
    let passes = passCounter()
    await gather(child)
    print(passes())
    passes = passCounter()
    await gather(gather(child), child)
    print(passes())
  },
})

describe('errors', () => {
  bothSpellings(
    'the first one is thrown at once, the others go on unobserved, and their errors are not reported',
    ['first at 10', 'slow done at 20', 'end at 100'],
    {
      *generator(print) {
        const fail = function* (what: string, ms: number) {
          yield* sleep(ms)
          throw what
        }
        const slow = function* () {
          yield* sleep(20)
          print('slow done at', now())
        }
        try {
          yield* gather(slow(), fail('first', 10), fail('second', 30))
        } catch (error) {
          print(error, 'at', now())
        }
        yield* sleep(90)
        print('end at', now())
      },
      async async(print) {
        const fail = async (what: string, ms: number) => {
          await sleep(ms)
          throw what
        }
        const slow = async () => {
          await sleep(20)
          print('slow done at', now())
        }
        try {
          await gather(
            slow,
            () => fail('first', 10),
            () => fail('second', 30),
          )
        } catch (error) {
          print(error, 'at', now())
        }
        await sleep(90)
        print('end at', now())
      },
    },
  )

  bothSpellings(
    '{ returnExceptions: true } waits for all, and puts errors among the results',
    ['a | boom | true | b', '30'],
    {
      *generator(print) {
        const cancelled = createTask(() => sleep(1000, 'never'))
        getRunningLoop().callLater(20, () => cancelled.cancel())
        const results = yield* gather(
          { returnExceptions: true },
          sleep(30, 'a'),
          function* () {
            yield
            throw 'boom'
          },
          cancelled,
          sleep(5, 'b'),
        )
        print(results.map((result) => (isCancelled(result) ? true : result)).join(' | '))
        print(now())
      },
      async async(print) {
        const cancelled = createTask(() => sleep(1000, 'never'))
        getRunningLoop().callLater(20, () => cancelled.cancel())
        const results = await gather(
          { returnExceptions: true },
          sleep(30, 'a'),
          async () => {
            await sleep(0)
            throw 'boom'
          },
          cancelled,
          sleep(5, 'b'),
        )
        print(results.map((result) => (isCancelled(result) ? true : result)).join(' | '))
        print(now())
      },
    },
  )

  bothSpellings('{ returnExceptions: false } throws the first', ['boom'], {
    *generator(print) {
      try {
        yield* gather({ returnExceptions: false }, sleep(1), function* () {
          yield
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      try {
        await gather({ returnExceptions: false }, sleep(1), async () => {
          await sleep(0)
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
    },
  })

  bothSpellings(
    'a child that is cancelled alone gives the caller a CancelledError without a request; the others go on',
    ['CancelledError 0 at 5', 'other done at 20'],
    {
      *generator(print) {
        const child = createTask(() => sleep(1000))
        const other = createTask(function* () {
          yield* sleep(20)
          print('other done at', now())
        })
        getRunningLoop().callLater(5, () => child.cancel())
        try {
          yield* gather(child, other)
        } catch (error) {
          print(error, requests(), 'at', now())
        }
        yield* other
      },
      async async(print) {
        const child = createTask(() => sleep(1000))
        const other = createTask(async () => {
          await sleep(20)
          print('other done at', now())
        })
        getRunningLoop().callLater(5, () => child.cancel())
        try {
          await gather(child, other)
        } catch (error) {
          print(error, requests(), 'at', now())
        }
        await other
      },
    },
  )
})

describe('cancelling', () => {
  bothSpellings(
    'the caller cancels all that is gathered',
    ['a cancelled', 'b cancelled', 'caller CancelledError 1', 'true true'],
    {
      *generator(print) {
        const child = function* (name: string) {
          try {
            yield* sleep(1000)
          } catch (error) {
            print(name, 'cancelled')
            throw error
          }
        }
        const [a, b] = [createTask(child, 'a'), createTask(child, 'b')]
        const caller = createTask(function* () {
          try {
            yield* gather(a, b)
          } catch (error) {
            print('caller', error, requests())
          }
        })
        yield* sleep(5)
        caller.cancel()
        yield* caller
        print(a.cancelled(), b.cancelled())
      },
      async async(print) {
        const child = async (name: string) => {
          try {
            await sleep(1000)
          } catch (error) {
            print(name, 'cancelled')
            throw error
          }
        }
        const [a, b] = [createTask(child, 'a'), createTask(child, 'b')]
        const caller = createTask(async () => {
          try {
            await gather(a, b)
          } catch (error) {
            print('caller', error, requests())
          }
        })
        await sleep(5)
        caller.cancel()
        await caller
        print(a.cancelled(), b.cancelled())
      },
    },
  )

  bothSpellings(
    'with returnExceptions all clean up before the caller gets its CancelledError',
    ['quick cleaned at 5', 'slow cleaned at 25', 'CancelledError 1 at 25'],
    {
      *generator(print) {
        const child = function* (name: string, ms: number) {
          try {
            yield* sleep(1000)
          } finally {
            if (ms > 0) yield* sleep(ms)
            print(name, 'cleaned at', now())
          }
        }
        const caller = createTask(function* () {
          try {
            yield* gather({ returnExceptions: true }, child('slow', 20), child('quick', 0))
          } catch (error) {
            print(error, requests(), 'at', now())
          }
        })
        yield* sleep(5)
        caller.cancel()
        yield* caller
      },
      async async(print) {
        const child = async (name: string, ms: number) => {
          try {
            await sleep(1000)
          } finally {
            if (ms > 0) await sleep(ms)
            print(name, 'cleaned at', now())
          }
        }
        const caller = createTask(async () => {
          try {
            await gather(
              { returnExceptions: true },
              () => child('slow', 20),
              () => child('quick', 0),
            )
          } catch (error) {
            print(error, requests(), 'at', now())
          }
        })
        await sleep(5)
        caller.cancel()
        await caller
      },
    },
  )

  bothSpellings(
    'a timeout around it stops everything',
    ['a stopped at 10', 'b stopped at 10', 'TimeoutError 10'],
    {
      *generator(print) {
        const child = function* (name: string) {
          try {
            yield* sleep(1000)
          } finally {
            print(name, 'stopped at', now())
          }
        }
        try {
          yield* timeout(10, () => gather(child('a'), child('b')))
        } catch (error) {
          print(error, now())
        }
      },
      async async(print) {
        const child = async (name: string) => {
          try {
            await sleep(1000)
          } finally {
            print(name, 'stopped at', now())
          }
        }
        try {
          await timeout(10, () =>
            gather(
              () => child('a'),
              () => child('b'),
            ),
          )
        } catch (error) {
          print(error, now())
        }
      },
    },
  )

  test('cancel() tells whether there was anything left to cancel', async () => {
    const trace = await traceOf(function* (print) {
      const all = gather(sleep(1000), sleep(1000))
      yield
      print(all.cancel('enough'), all.done())
      try {
        yield* all
      } catch (error) {
        print(error, (error as { reason?: unknown }).reason)
      }
      print(all.cancel(), gather().cancel())
    })
    expect(trace).toEqual(['true false', 'CancelledError enough', 'false false'])
  })

  test('a child that goes on in spite of it is waited for, and its result is returned', async () => {
    const trace = await traceOf(function* (print) {
      const all = gather(function* () {
        try {
          yield* sleep(1000)
        } catch {}
        yield* sleep(10)
        return 'in spite'
      })
      yield
      all.cancel()
      try {
        print(yield* all, now())
      } catch (error) {
        print(error, now())
      }
    })
    expect(trace).toEqual(['CancelledError 10'])
  })
})

bothSpellings('works in a group: its children belong to the loop, the wait to the group', ['1,2', '1,2'], {
  *generator(print) {
    const result = yield* taskGroup(function* (group) {
      const inGroup = group.createTask(() => gather(sleep(1, 1), sleep(2, 2)))
      print(yield* inGroup)
      return yield* inGroup
    })
    print(result)
  },
  async async(print) {
    const result = await taskGroup(async (group) => {
      const inGroup = group.createTask(() => gather(sleep(1, 1), sleep(2, 2)))
      print(await inGroup)
      return await inGroup
    })
    print(result)
  },
})

describe('misuse', () => {
  test('refuses a promise, and says to pass the function', async () => {
    const trace = await traceOf(function* (print) {
      try {
        gather(Promise.resolve() as never)
      } catch (error) {
        print(error, /Pass the function/.test((error as Error).message))
      }
    })
    expect(trace).toEqual(['TypeError true'])
  })

  test('refuses what is no target', async () => {
    const trace = await traceOf(function* (print) {
      for (const wrong of [5, 'text', null]) {
        try {
          gather(wrong as never)
        } catch (error) {
          print(error)
        }
      }
    })
    expect(trace).toEqual(['TypeError', 'TypeError', 'TypeError'])
  })

  test('an operation that was awaited before is refused', async () => {
    const trace = await traceOf(function* (print) {
      const lock = new Lock()
      const once = lock.acquire()
      yield* once
      try {
        yield* gather(once)
      } catch (error) {
        print(error)
      }
    })
    expect(trace).toEqual(['InvalidStateError'])
  })

  test('its error is reported when nobody awaits it', async () => {
    const trace = await traceOf(function* () {
      gather(function* () {
        yield
        throw new RangeError('boom')
      })
      yield* sleep(5)
    })
    expect(trace).toEqual([expect.stringMatching(/^report: .* exception was never retrieved.* RangeError$/)])
  })
})
