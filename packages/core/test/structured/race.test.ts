import {
  type Coroutine,
  createTask,
  currentTask,
  Event,
  getRunningLoop,
  Queue,
  race,
  sleep,
  timeout,
  wait,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** Sleeps, and says what becomes of it; its clean-up takes a while. */
const runner = (name: string, ms: number, print: Print, cleanUpMs = 0) =>
  function* (): Coroutine<string> {
    try {
      yield* sleep(ms)
      return name
    } catch (error) {
      print(name, error, 'at', now())
      throw error
    } finally {
      if (cleanUpMs > 0) {
        yield* sleep(cleanUpMs)
        print(name, 'cleaned up at', now())
      }
    }
  }

const asyncRunner =
  (name: string, ms: number, print: Print, cleanUpMs = 0) =>
  async (): Promise<string> => {
    try {
      await sleep(ms)
      return name
    } catch (error) {
      print(name, error, 'at', now())
      throw error
    } finally {
      if (cleanUpMs > 0) {
        await sleep(cleanUpMs)
        print(name, 'cleaned up at', now())
      }
    }
  }

describe('the first that is done', () => {
  bothSpellings(
    'gives its result; the others are cancelled, and their clean-up is waited for',
    ['a CancelledError at 10', 'c CancelledError at 10', 'c cleaned up at 15', 'b at 15', 'left over 0'],
    {
      *generator(print) {
        const winner = yield* race(
          runner('a', 100, print),
          runner('b', 10, print),
          runner('c', 100, print, 5),
        )
        print(winner, 'at', now())
        print('left over', requests())
      },
      async async(print) {
        const winner = await race(
          asyncRunner('a', 100, print),
          asyncRunner('b', 10, print),
          asyncRunner('c', 100, print, 5),
        )
        print(winner, 'at', now())
        print('left over', requests())
      },
    },
  )

  bothSpellings('throws its error, where it fails', ['a CancelledError at 10', 'boom at 10'], {
    *generator(print) {
      try {
        yield* race(runner('a', 100, print), function* () {
          yield* sleep(10)
          throw 'boom'
        })
      } catch (error) {
        print(error, 'at', now())
      }
    },
    async async(print) {
      try {
        await race(asyncRunner('a', 100, print), async () => {
          await sleep(10)
          throw 'boom'
        })
      } catch (error) {
        print(error, 'at', now())
      }
    },
  })

  bothSpellings(
    'may be an operation, a coroutine, a task or a function of either kind',
    ['item', 'task', 'plain'],
    {
      *generator(print) {
        const queue = new Queue<string>()
        getRunningLoop().callAt(5, () => queue.putNowait('item'))
        print(yield* race(queue.get(), sleep(10, 'late')))
        print(yield* race(createTask(sleep(1, 'task')), new Event().wait()))
        print(
          yield* race(
            () => 'plain',
            async () => {
              await sleep(10)
              return 'late'
            },
          ),
        )
      },
      async async(print) {
        const queue = new Queue<string>()
        getRunningLoop().callAt(5, () => queue.putNowait('item'))
        print(await race(queue.get(), sleep(10, 'late')))
        print(await race(createTask(sleep(1, 'task')), new Event().wait()))
        print(
          await race(
            () => 'plain',
            async () => {
              await sleep(10)
              return 'late'
            },
          ),
        )
      },
    },
  )

  bothSpellings('is the only one, where there is just one', ['a at 10'], {
    *generator(print) {
      print(yield* race(runner('a', 10, print)), 'at', now())
    },
    async async(print) {
      print(await race(asyncRunner('a', 10, print)), 'at', now())
    },
  })

  bothSpellings('of equal ones is the first that was given', ['a', 'a'], {
    *generator(print) {
      print(yield* race(sleep(10, 'a'), sleep(10, 'b')))
      print(
        yield* race(
          () => 'a',
          () => 'b',
        ),
      )
    },
    async async(print) {
      print(await race(sleep(10, 'a'), sleep(10, 'b')))
      print(
        await race(
          () => 'a',
          () => 'b',
        ),
      )
    },
  })

  bothSpellings(
    'is the one that was done a pass earlier, whatever the order they were given in',
    ['early', 'early'],
    {
      *generator(print) {
        const early = function* () {
          return 'early'
        }
        const late = function* () {
          yield
          return 'late'
        }
        print(yield* race(early, late))
        print(yield* race(late, early))
      },
      async async(print) {
        const early = async () => 'early'
        const late = async () => {
          await sleep(0)
          return 'late'
        }
        print(await race(early, late))
        print(await race(late, early))
      },
    },
  )

  bothSpellings('is a checkpoint, also where all are done at once', ['true'], {
    *generator(print) {
      const passes = passCounter()
      yield* race(() => 'at once')
      print(passes() > 0)
    },
    async async(print) {
      const passes = passCounter()
      await race(() => 'at once')
      print(passes() > 0)
    },
  })

  test('leaves no task behind', async () => {
    const trace = await traceOf(function* (print) {
      yield* race(sleep(1), sleep(100), new Event().wait())
      print(now(), String(getRunningLoop()))
    })
    expect(trace).toEqual(['1 <EventLoop running tasks=1>'])
  })
})

describe('the losers', () => {
  bothSpellings(
    'that fail in their clean-up are reported, and do not hide the winner',
    ['report: Exception in a loser of race() Error', 'winner'],
    {
      *generator(print) {
        const winner = yield* race(sleep(10, 'winner'), function* () {
          try {
            yield* sleep(100)
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: that is what a clean-up that fails does
            throw new Error('boom')
          }
        })
        print(winner)
      },
      async async(print) {
        const winner = await race(sleep(10, 'winner'), async () => {
          try {
            await sleep(100)
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: that is what a clean-up that fails does
            throw new Error('boom')
          }
        })
        print(winner)
      },
    },
  )

  bothSpellings('that return something after all are dropped', ['winner at 20'], {
    *generator(print) {
      const winner = yield* race(sleep(10, 'winner'), function* () {
        try {
          yield* sleep(100)
        } catch {
          yield* sleep(10)
        }
        return 'loser'
      })
      print(winner, 'at', now())
    },
    async async(print) {
      const winner = await race(sleep(10, 'winner'), async () => {
        try {
          await sleep(100)
        } catch {
          await sleep(10)
        }
        return 'loser'
      })
      print(winner, 'at', now())
    },
  })

  bothSpellings('are told why', ['another was first', 'winner'], {
    *generator(print) {
      const winner = yield* race(sleep(10, 'winner'), function* () {
        try {
          yield* sleep(100)
        } catch (error) {
          print((error as { reason: unknown }).reason)
          throw error
        }
      })
      print(winner)
    },
    async async(print) {
      const winner = await race(sleep(10, 'winner'), async () => {
        try {
          await sleep(100)
        } catch (error) {
          print((error as { reason: unknown }).reason)
          throw error
        }
      })
      print(winner)
    },
  })
})

describe('cancelling', () => {
  bothSpellings(
    'reaches all of them, and waits for their clean-up',
    ['a CancelledError at 10', 'b CancelledError at 10', 'b cleaned up at 15', 'TimeoutError at 15'],
    {
      *generator(print) {
        try {
          yield* timeout(10, () => race(runner('a', 100, print), runner('b', 100, print, 5)))
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        try {
          await timeout(10, () => race(asyncRunner('a', 100, print), asyncRunner('b', 100, print, 5)))
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
  )

  bothSpellings('a racer that cancels itself is done, as cancelled', ['CancelledError at 5 0'], {
    *generator(print) {
      try {
        yield* race(sleep(100), function* () {
          yield* sleep(5)
          currentTask()?.cancel()
          yield
        })
      } catch (error) {
        print(error, 'at', now(), requests())
      }
    },
    async async(print) {
      try {
        await race(sleep(100), async () => {
          await sleep(5)
          currentTask()?.cancel()
          await sleep(0)
        })
      } catch (error) {
        print(error, 'at', now(), requests())
      }
    },
  })

  bothSpellings('a loser takes nothing: what comes later stays in the queue', ['timer', 'item'], {
    *generator(print) {
      const queue = new Queue<string>()
      print(yield* race(sleep(10, 'timer'), queue.get()))
      queue.putNowait('item')
      yield* sleep(1)
      print(queue.getNowait())
    },
    async async(print) {
      const queue = new Queue<string>()
      print(await race(sleep(10, 'timer'), queue.get()))
      queue.putNowait('item')
      await sleep(1)
      print(queue.getNowait())
    },
  })

  bothSpellings(
    'a second time during the clean-up of the losers does not cut the wait for it short',
    ['a CancelledError at 5', 'a cleaned up at 25', 'over at 25'],
    {
      *generator(print) {
        const racing = createTask(() => race(runner('a', 100, print, 20)))
        yield* sleep(5)
        racing.cancel()
        yield* sleep(5)
        racing.cancel()
        yield* wait([racing])
        print('over at', now())
        yield* sleep(100)
      },
      async async(print) {
        const racing = createTask(() => race(asyncRunner('a', 100, print, 20)))
        await sleep(5)
        racing.cancel()
        await sleep(5)
        racing.cancel()
        await wait([racing])
        print('over at', now())
        await sleep(100)
      },
    },
  )
})

describe('misuse', () => {
  test('refuses to run nothing', () => {
    expect(() => race()).toThrow(expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' }))
  })

  bothSpellings(
    'a racer that is none is refused by its value; those before it do not go on',
    ['TypeError 5', 'nothing more'],
    {
      *generator(print) {
        try {
          yield* race(function* () {
            yield* sleep(5)
            print('goes on')
          }, 5 as never)
        } catch (error) {
          print(error, /given (5)/.exec((error as Error).message)?.[1])
        }
        yield* sleep(10)
        print('nothing more')
      },
      async async(print) {
        try {
          await race(async () => {
            await sleep(5)
            print('goes on')
          }, 5 as never)
        } catch (error) {
          print(error, /given (5)/.exec((error as Error).message)?.[1])
        }
        await sleep(10)
        print('nothing more')
      },
    },
  )

  test('a promise is refused, which says to pass the function', async () => {
    const trace = await traceOf(function* (print) {
      try {
        yield* race(Promise.resolve(1) as never)
      } catch (error) {
        print(error, /Pass the function/.test((error as Error).message))
      }
    })
    expect(trace).toEqual(['TypeError true'])
  })

  keepsTheOperationContract('race(body())', () => race(function body() {}))

  bothSpellings(
    'a race that is never awaited starts nobody',
    ['nobody ran'],
    {
      *generator(print) {
        race(function* () {
          print('ran')
        })
        yield* sleep(5)
        print('nobody ran')
      },
      async async(print) {
        race(async () => print('ran'))
        await sleep(5)
        print('nobody ran')
      },
    },
    { hideReports: true },
  )
})
