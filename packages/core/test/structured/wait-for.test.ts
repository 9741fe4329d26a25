import {
  call,
  createTask,
  currentTask,
  Event,
  Future,
  sleep,
  type TimeoutError,
  timeout,
  waitFor,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

bothSpellings(
  'returns the result of whatever can be awaited',
  ['operation', 'task', 'future', 'function', 'call', 'no limit 1000010'],
  {
    *generator(print) {
      const work = function* (result: string) {
        yield* sleep(2)
        return result
      }
      const future = new Future<string>()
      future.setResult('future')
      print(yield* waitFor(sleep(2, 'operation'), 5))
      print(yield* waitFor(createTask(work, 'task'), 5))
      print(yield* waitFor(future, 5))
      print(yield* waitFor(() => work('function'), 5))
      print(yield* waitFor(call(work, 'call'), 5))
      print(yield* waitFor(sleep(1_000_002, 'no limit'), null), now())
    },
    async async(print) {
      const work = async (result: string) => {
        await sleep(2)
        return result
      }
      const future = new Future<string>()
      future.setResult('future')
      print(await waitFor(sleep(2, 'operation'), 5))
      print(await waitFor(createTask(work, 'task'), 5))
      print(await waitFor(future, 5))
      print(await waitFor(() => work('function'), 5))
      print(await waitFor(call(work, 'call'), 5))
      print(await waitFor(sleep(1_000_002, 'no limit'), null), now())
    },
  },
)

bothSpellings('takes a coroutine object of the generator spelling', ['result', 'TimeoutError 7'], {
  *generator(print) {
    const work = function* (ms: number) {
      yield* sleep(ms)
      return 'result'
    }
    print(yield* waitFor(work(2), 5))
    try {
      yield* waitFor(work(1000), 5)
    } catch (error) {
      print(error, now())
    }
  },
  async async(print) {
    const work = function* (ms: number) {
      yield* sleep(ms)
      return 'result'
    }
    print(await waitFor(work(2), 5))
    try {
      await waitFor(work(1000), 5)
    } catch (error) {
      print(error, now())
    }
  },
})

bothSpellings('throws the error of the target', ['boom 0'], {
  *generator(print) {
    try {
      yield* waitFor(function* () {
        yield
        throw 'boom'
      }, 5)
    } catch (error) {
      print(error, requests())
    }
  },
  async async(print) {
    try {
      await waitFor(async () => {
        await sleep(0)
        throw 'boom'
      }, 5)
    } catch (error) {
      print(error, requests())
    }
  },
})

bothSpellings(
  'is a checkpoint only where the target suspends, and runs it in this task',
  ['true', '0', '1'],
  {
    *generator(print) {
      const passes = passCounter()
      const own = currentTask()
      yield* waitFor(function* () {
        print(currentTask() === own)
      }, 5)
      print(passes())
      yield* waitFor(sleep(0), 5)
      print(passes())
    },
    async async(print) {
      const passes = passCounter()
      const own = currentTask()
      await waitFor(async () => {
        print(currentTask() === own)
      }, 5)
      print(passes())
      await waitFor(sleep(0), 5)
      print(passes())
    },
  },
)

describe('late', () => {
  bothSpellings(
    'cancels the target, waits for its clean-up, and throws TimeoutError',
    ['cleaned 15', 'TimeoutError CancelledError 15 0', 'task cancelled true'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* sleep(1000)
          } finally {
            yield* sleep(10)
            print('cleaned', now())
          }
        })
        try {
          yield* waitFor(task, 5)
        } catch (error) {
          print(error, (error as TimeoutError).cause, now(), requests())
        }
        print('task cancelled', task.cancelled())
      },
      async async(print) {
        const task = createTask(async () => {
          try {
            await sleep(1000)
          } finally {
            await sleep(10)
            print('cleaned', now())
          }
        })
        try {
          await waitFor(task, 5)
        } catch (error) {
          print(error, (error as TimeoutError).cause, now(), requests())
        }
        print('task cancelled', task.cancelled())
      },
    },
  )

  bothSpellings(
    'what the target returns in spite of the cancellation is returned',
    ['last word 5 0', 'task: last word 10 0', 'own error 15 0'],
    {
      *generator(print) {
        const stubborn = function* () {
          try {
            yield* sleep(1000)
          } catch {}
          return 'last word'
        }
        print(yield* waitFor(stubborn, 5), now(), requests())
        print('task:', yield* waitFor(createTask(stubborn), 5), now(), requests())
        try {
          yield* waitFor(function* () {
            try {
              yield* sleep(1000)
            } catch {
              throw 'own error'
            }
          }, 5)
        } catch (error) {
          print(error, now(), requests())
        }
      },
      async async(print) {
        const stubborn = async () => {
          try {
            await sleep(1000)
          } catch {}
          return 'last word'
        }
        print(await waitFor(stubborn, 5), now(), requests())
        print('task:', await waitFor(createTask(stubborn), 5), now(), requests())
        try {
          await waitFor(async () => {
            try {
              await sleep(1000)
            } catch {
              throw 'own error'
            }
          }, 5)
        } catch (error) {
          print(error, now(), requests())
        }
      },
    },
  )
})

for (const ms of [0, -5]) {
  bothSpellings(
    `with ${ms} what is done gives its result, and a coroutine is not even started`,
    [
      'done',
      'TimeoutError CancelledError',
      'TimeoutError pending cancelled true',
      'cleaning',
      'cleaned',
      'TimeoutError of a task',
      'boom',
    ],
    {
      *generator(print) {
        const future = new Future<string>()
        future.setResult('done')
        print(yield* waitFor(future, ms))
        try {
          yield* waitFor(function* () {
            print('never')
            yield
          }, ms)
        } catch (error) {
          print(error, (error as TimeoutError).cause)
        }
        const pending = new Future()
        try {
          yield* waitFor(pending, ms)
        } catch (error) {
          print(error, 'pending cancelled', pending.cancelled())
        }
        const task = createTask(function* () {
          try {
            yield* sleep(1000)
          } finally {
            print('cleaning')
            yield* sleep(5)
            print('cleaned')
          }
        })
        yield
        try {
          yield* waitFor(task, ms)
        } catch (error) {
          print(error, 'of a task')
        }
        const failed = new Future()
        failed.setException('boom')
        try {
          yield* waitFor(failed, ms)
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const future = new Future<string>()
        future.setResult('done')
        print(await waitFor(future, ms))
        try {
          await waitFor(async () => {
            print('never')
            await sleep(0)
          }, ms)
        } catch (error) {
          print(error, (error as TimeoutError).cause)
        }
        const pending = new Future()
        try {
          await waitFor(pending, ms)
        } catch (error) {
          print(error, 'pending cancelled', pending.cancelled())
        }
        const task = createTask(async () => {
          try {
            await sleep(1000)
          } finally {
            print('cleaning')
            await sleep(5)
            print('cleaned')
          }
        })
        await sleep(0)
        try {
          await waitFor(task, ms)
        } catch (error) {
          print(error, 'of a task')
        }
        const failed = new Future()
        failed.setException('boom')
        try {
          await waitFor(failed, ms)
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings(
    `with ${ms} a task that returns in spite of the cancellation has the last word`,
    ['last word 0'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* sleep(1000)
          } catch {}
          return 'last word'
        })
        yield
        print(yield* waitFor(task, ms), requests())
      },
      async async(print) {
        const task = createTask(async () => {
          try {
            await sleep(1000)
          } catch {}
          return 'last word'
        })
        await sleep(0)
        print(await waitFor(task, ms), requests())
      },
    },
  )
}

bothSpellings(
  'a cancellation from outside reaches the target, and is not swallowed',
  ['CancelledError in the target 1', 'CancelledError 1', 'cancelled true'],
  {
    *generator(print) {
      const task = createTask(function* () {
        try {
          yield* waitFor(function* () {
            try {
              yield* sleep(1000)
            } catch (error) {
              print(error, 'in the target', requests())
              throw error
            }
          }, 100)
        } catch (error) {
          print(error, requests())
          throw error
        }
      })
      yield* sleep(5)
      task.cancel()
      yield* sleep(1)
      print('cancelled', task.cancelled())
    },
    async async(print) {
      const task = createTask(async () => {
        try {
          await waitFor(async () => {
            try {
              await sleep(1000)
            } catch (error) {
              print(error, 'in the target', requests())
              throw error
            }
          }, 100)
        } catch (error) {
          print(error, requests())
          throw error
        }
      })
      await sleep(5)
      task.cancel()
      await sleep(1)
      print('cancelled', task.cancelled())
    },
  },
)

bothSpellings(
  'a cancellation from outside while a limit of 0 waits for the clean-up is not swallowed',
  ['CancelledError 1', 'cancelled true', 'cleaned'],
  {
    *generator(print) {
      const inner = createTask(function* () {
        try {
          yield* sleep(1000)
        } finally {
          yield* sleep(20)
          print('cleaned')
        }
      })
      yield
      const task = createTask(function* () {
        try {
          yield* waitFor(inner, 0)
        } catch (error) {
          print(error, requests())
          throw error
        }
      })
      yield* sleep(5)
      task.cancel()
      yield* sleep(1)
      print('cancelled', task.cancelled())
      yield* sleep(100)
    },
    async async(print) {
      const inner = createTask(async () => {
        try {
          await sleep(1000)
        } finally {
          await sleep(20)
          print('cleaned')
        }
      })
      await sleep(0)
      const task = createTask(async () => {
        try {
          await waitFor(inner, 0)
        } catch (error) {
          print(error, requests())
          throw error
        }
      })
      await sleep(5)
      task.cancel()
      await sleep(1)
      print('cancelled', task.cancelled())
      await sleep(100)
    },
  },
)

bothSpellings('in a timeout that is over first, the timeout raises', ['TimeoutError of the timeout 5 0'], {
  *generator(print) {
    try {
      yield* timeout(5, function* () {
        try {
          yield* waitFor(new Event().wait(), 10)
        } catch (error) {
          if ((error as Error).name === 'TimeoutError') print('of waitFor')
          throw error
        }
      })
    } catch (error) {
      print(error, 'of the timeout', now(), requests())
    }
  },
  async async(print) {
    try {
      await timeout(5, async () => {
        try {
          await waitFor(new Event().wait(), 10)
        } catch (error) {
          if ((error as Error).name === 'TimeoutError') print('of waitFor')
          throw error
        }
      })
    } catch (error) {
      print(error, 'of the timeout', now(), requests())
    }
  },
})

describe('misuse', () => {
  for (const ms of [5, 0]) {
    bothSpellings(
      `refuses a promise, and says to pass the function (${ms} ms)`,
      ['TypeError POLVO_MISUSE true'],
      {
        *generator(print) {
          try {
            yield* waitFor(Promise.resolve() as never, ms)
          } catch (error) {
            const { code, message } = error as TypeError & { code: string }
            print(error, code, /promise/.test(message))
          }
        },
        async async(print) {
          try {
            await waitFor(Promise.resolve() as never, ms)
          } catch (error) {
            const { code, message } = error as TypeError & { code: string }
            print(error, code, /promise/.test(message))
          }
        },
      },
    )
  }

  for (const [what, limit, name] of [
    ['NaN', Number.NaN, 'RangeError'],
    ['a string', '5', 'TypeError'],
    ['nothing', undefined, 'TypeError'],
  ] as const) {
    bothSpellings(
      `refuses ${what} as its limit`,
      [name],
      {
        *generator(print) {
          try {
            yield* waitFor(sleep(0), limit as number)
          } catch (error) {
            print(error)
          }
        },
        async async(print) {
          try {
            await waitFor(sleep(0), limit as number)
          } catch (error) {
            print(error)
          }
        },
      },
      { hideReports: true },
    )
  }

  for (const ms of [5, 0]) {
    bothSpellings(`serves one await (${ms} ms)`, ['result', 'InvalidStateError'], {
      *generator(print) {
        const future = new Future<string>()
        future.setResult('result')
        const once = waitFor(future, ms)
        print(yield* once)
        try {
          yield* once
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const future = new Future<string>()
        future.setResult('result')
        const once = waitFor(future, ms)
        print(await once)
        try {
          await once
        } catch (error) {
          print(error)
        }
      },
    })

    test(`is reported by name when it is never awaited (${ms} ms)`, async () => {
      const trace = await traceOf(function* () {
        waitFor(new Future(), ms)
        yield
      })
      expect(trace).toEqual([expect.stringMatching(/^report: waitFor\(.*\) was created and never awaited/)])
      expect(trace[0], 'nothing internal').not.toMatch(/fail\(\)|"/)
    })
  }
})
