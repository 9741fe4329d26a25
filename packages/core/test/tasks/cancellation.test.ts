/** Cancelling a task: where the error arrives, who feels it, and what is left of it. */
import {
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  isCancelled,
  rethrowCancelled,
  run,
  sleep,
  taskGroup,
  timeout,
  wait,
} from 'polvo'
import { expect, test } from 'vitest'
import { bothSpellings, traceOf } from '../support/traces.ts'

bothSpellings(
  'a finally block may suspend for its clean-up',
  ['cleaning', 'cleaned', 'CancelledError true'],
  {
    *generator(print) {
      const task = createTask(function* () {
        try {
          yield* sleep(1000)
        } finally {
          print('cleaning')
          yield* sleep(5)
          print('cleaned')
        }
      })
      yield* sleep(1)
      task.cancel()
      try {
        yield* task
      } catch (error) {
        print(error, task.cancelled())
      }
    },
    async async(print) {
      const task = createTask(async () => {
        try {
          await sleep(1000)
        } finally {
          print('cleaning')
          await sleep(5)
          print('cleaned')
        }
      })
      await sleep(1)
      task.cancel()
      try {
        await task
      } catch (error) {
        print(error, task.cancelled())
      }
    },
  },
)

for (const depth of [1, 2, 5, 400]) {
  bothSpellings(
    `reaches a sleep ${depth} levels down, and every finally on the way`,
    [`${depth} closed`, 'true'],
    {
      *generator(print) {
        let closed = 0
        function* level(n: number): Coroutine {
          try {
            yield* n > 1 ? level(n - 1) : sleep(1000)
          } finally {
            yield* sleep(0)
            closed++
          }
        }
        const task = createTask(level, depth)
        yield* sleep(1)
        task.cancel()
        yield* sleep(1000)
        print(closed, 'closed')
        print(task.cancelled())
      },
      async async(print) {
        let closed = 0
        async function level(n: number): Promise<void> {
          try {
            await (n > 1 ? level(n - 1) : sleep(1000))
          } finally {
            await sleep(0)
            closed++
          }
        }
        const task = createTask(level, depth)
        await sleep(1)
        task.cancel()
        await sleep(1000)
        print(closed, 'closed')
        print(task.cancelled())
      },
    },
  )
}

bothSpellings('twice: the second request interrupts the clean-up', ['first', 'second', 'true 2'], {
  *generator(print) {
    const task = createTask(function* () {
      try {
        yield* sleep(1000)
      } finally {
        print('first')
        try {
          yield* sleep(1000)
        } finally {
          print('second')
        }
      }
    })
    yield* sleep(1)
    task.cancel()
    yield* sleep(1)
    task.cancel()
    yield* sleep(1)
    print(task.cancelled(), task.cancelling())
  },
  async async(print) {
    const task = createTask(async () => {
      try {
        await sleep(1000)
      } finally {
        print('first')
        try {
          await sleep(1000)
        } finally {
          print('second')
        }
      }
    })
    await sleep(1)
    task.cancel()
    await sleep(1)
    task.cancel()
    await sleep(1)
    print(task.cancelled(), task.cancelling())
  },
})

bothSpellings('before the start: the body never runs, nor its finally', ['CancelledError true'], {
  *generator(print) {
    const task = createTask(function* () {
      try {
        print('never')
      } finally {
        print('never')
      }
    })
    task.cancel()
    try {
      yield* task
    } catch (error) {
      print(error, task.cancelled())
    }
  },
  async async(print) {
    const task = createTask(async () => {
      try {
        print('never')
      } finally {
        print('never')
      }
    })
    task.cancel()
    try {
      await task
    } catch (error) {
      print(error, task.cancelled())
    }
  },
})

bothSpellings(
  'in the pass of the result: the cancellation wins, the future keeps it',
  ['CancelledError', 'gold'],
  {
    *generator(print) {
      const future = new Future<string>()
      const task = createTask(function* () {
        print('got', yield* future)
      })
      yield* sleep(1)
      future.setResult('gold')
      task.cancel()
      try {
        yield* task
      } catch (error) {
        print(error)
      }
      print(future.result())
    },
    async async(print) {
      const future = new Future<string>()
      const task = createTask(async () => {
        print('got', await future)
      })
      await sleep(1)
      future.setResult('gold')
      task.cancel()
      try {
        await task
      } catch (error) {
        print(error)
      }
      print(future.result())
    },
  },
)

bothSpellings(
  'a task that swallows it goes on, with its request counted',
  ['swallowed 1', 'result 1 false'],
  {
    *generator(print) {
      const task = createTask(function* () {
        try {
          yield* sleep(1000)
        } catch {
          print('swallowed', currentTask()?.cancelling())
        }
        yield* sleep(1)
        return 'result'
      })
      yield* sleep(1)
      task.cancel()
      print(yield* task, task.cancelling(), task.cancelled())
    },
    async async(print) {
      const task = createTask(async () => {
        try {
          await sleep(1000)
        } catch {
          print('swallowed', currentTask()?.cancelling())
        }
        await sleep(1)
        return 'result'
      })
      await sleep(1)
      task.cancel()
      print(await task, task.cancelling(), task.cancelled())
    },
  },
)

bothSpellings('uncancel() before the delivery takes it back', ['went on 0'], {
  *generator(print) {
    const task = createTask(function* () {
      const me = currentTask()
      me?.cancel()
      me?.uncancel()
      yield* sleep(1)
      print('went on', me?.cancelling())
    })
    yield* task
  },
  async async(print) {
    const task = createTask(async () => {
      const me = currentTask()
      me?.cancel()
      me?.uncancel()
      await sleep(1)
      print('went on', me?.cancelling())
    })
    await task
  },
})

bothSpellings('a task that cancels itself and returns without a wait ends cancelled', ['true'], {
  *generator(print) {
    const task = createTask(function* () {
      currentTask()?.cancel()
      return 'lost'
    })
    yield* sleep(5)
    print(task.cancelled())
  },
  async async(print) {
    const task = createTask(async () => {
      currentTask()?.cancel()
      return 'lost'
    })
    await sleep(5)
    print(task.cancelled())
  },
})

bothSpellings(
  'travels through awaited tasks to the innermost, and counts in each',
  ['inner 1', 'outer 1', 'bystander 0', 'done'],
  {
    *generator(print) {
      const inner = createTask(function* () {
        try {
          yield* sleep(1000)
        } finally {
          print('inner', currentTask()?.cancelling())
        }
      })
      const outer = createTask(function* () {
        try {
          yield* inner
        } finally {
          print('outer', currentTask()?.cancelling())
        }
      })
      const bystander = createTask(function* () {
        try {
          yield* inner
        } catch (error) {
          if (isCancelled(error)) print('bystander', currentTask()?.cancelling())
        }
      })
      yield* sleep(1)
      outer.cancel()
      yield* bystander
      print('done')
    },
    async async(print) {
      const inner = createTask(async () => {
        try {
          await sleep(1000)
        } finally {
          print('inner', currentTask()?.cancelling())
        }
      })
      const outer = createTask(async () => {
        try {
          await inner
        } finally {
          print('outer', currentTask()?.cancelling())
        }
      })
      const bystander = createTask(async () => {
        try {
          await inner
        } catch (error) {
          if (isCancelled(error)) print('bystander', currentTask()?.cancelling())
        }
      })
      await sleep(1)
      outer.cancel()
      await bystander
      print('done')
    },
  },
)

bothSpellings(
  'the error says why and who asked, and knows AbortSignal',
  ['too slow', "task 'boss'", 'ABORT_ERR'],
  {
    *generator(print) {
      const task = createTask(sleep(1000))
      yield* createTask({ name: 'boss' }, function* () {
        yield* sleep(1)
        task.cancel('too slow')
      })
      try {
        yield* task
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        print(error.reason)
        print(error.requestedBy)
        print(error.code)
      }
    },
    async async(print) {
      const task = createTask(sleep(1000))
      await createTask({ name: 'boss' }, async () => {
        await sleep(1)
        task.cancel('too slow')
      })
      try {
        await task
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        print(error.reason)
        print(error.requestedBy)
        print(error.code)
      }
    },
  },
)

bothSpellings('task.signal is aborted with the CancelledError', ['false', 'aborted CancelledError', 'true'], {
  *generator(print) {
    const task = createTask(function* () {
      const signal = currentTask()?.signal
      signal?.addEventListener('abort', () => print('aborted', signal.reason))
      print(signal?.aborted)
      yield* sleep(1000)
    })
    yield* sleep(1)
    task.cancel()
    yield* sleep(1)
    print(task.signal.aborted)
  },
  async async(print) {
    const task = createTask(async () => {
      const signal = currentTask()?.signal
      signal?.addEventListener('abort', () => print('aborted', signal.reason))
      print(signal?.aborted)
      await sleep(1000)
    })
    await sleep(1)
    task.cancel()
    await sleep(1)
    print(task.signal.aborted)
  },
})

test('cancel() of a task that is done changes nothing', async () => {
  const trace = await traceOf(function* (print) {
    const task = createTask(sleep(1, 'result'))
    yield* task
    print(task.cancel(), task.cancelling(), task.result())
  })
  expect(trace).toEqual(['false 0 result'])
})

test('rethrowCancelled lets a catch-all go on with everything else', () => {
  expect(() => rethrowCancelled(new Error('other'))).not.toThrow()
  expect(() => rethrowCancelled(new CancelledError())).toThrow(CancelledError)
})

test('an iterator without throw in the way does not turn it into a TypeError', async () => {
  const trace = await traceOf(function* (print) {
    const endless = {
      [Symbol.iterator]: () => ({ next: () => ({ done: false as const, value: undefined }) }),
    }
    const task = createTask(function* () {
      yield* endless
    })
    yield* sleep(0)
    task.cancel()
    try {
      yield* task
    } catch (error) {
      print(error, task.cancelled())
    }
  })
  expect(trace).toEqual(['CancelledError true'])
})

test('an async function that awaits a native promise is cancelled at its next polvo await', async () => {
  const trace = await traceOf(
    async (print) => {
      const task = createTask(async () => {
        await new Promise((resolve) => setTimeout(resolve, 10))
        print('the promise was waited for')
        await sleep(0)
        print('never')
      })
      await sleep(0)
      task.cancel()
      await gather({ returnExceptions: true }, task)
      print(task.cancelled())
    },
    { io: true },
  )
  expect(trace).toEqual(['the promise was waited for', 'true'])
})

test('an async timeout around a native promise is late, but a TimeoutError', async () => {
  const trace = await traceOf(
    async (print) => {
      try {
        await timeout(1, async () => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          print('the promise was waited for')
          await sleep(0)
          print('never')
        })
      } catch (error) {
        print(error, currentTask()?.cancelling())
      }
    },
    { io: true },
  )
  expect(trace).toEqual(['the promise was waited for', 'TimeoutError 0'])
})

test('its signal gives the reason also where it is first read after the cancellation', async () => {
  await run(function* () {
    const task = createTask(sleep, 1000)
    task.cancel('no longer needed')
    expect(task.signal.reason).toMatchObject({ name: 'CancelledError', reason: 'no longer needed' })
    yield* wait([task])
  })
})

test('cancelled again while an `await using` closes, a task is cancelled, and its group has nothing to report', async () => {
  const trace = await traceOf(async (print) => {
    const opened = async (task: Promise<void> | PromiseLike<void>) => {
      await using _ = { [Symbol.asyncDispose]: () => sleep(100) as PromiseLike<void> }
      await task
    }
    const alone = createTask(async () => opened(sleep(1000)))
    const group = createTask(() =>
      taskGroup(async (group) => {
        group.createTask(() => timeout(500, () => opened(sleep(1000))))
        await sleep(1000)
      }),
    )
    for (const task of [alone, group]) {
      await sleep(1)
      task.cancel()
      await sleep(1)
      task.cancel()
      await wait([task])
      print(task.cancelled())
    }
  })
  expect(trace).toEqual(['true', 'true'])
})

test('an error in the body of an `await using` whose closing is cancelled is not lost', async () => {
  await run(async () => {
    const task = createTask(async () => {
      await using _ = { [Symbol.asyncDispose]: () => sleep(100) as PromiseLike<void> }
      throw new RangeError('boom')
    })
    await sleep(1)
    task.cancel()
    await wait([task])
    expect(task.exception()).toMatchObject({
      suppressed: { message: 'boom' },
      error: { name: 'CancelledError' },
    })
  })
})
