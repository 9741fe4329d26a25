import {
  CancelledError,
  call,
  createTask,
  currentTask,
  Future,
  getRunningLoop,
  InvalidStateError,
  sleep,
  type Task,
  wait,
  waitFor,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

const invalid = expect.objectContaining({ code: 'POLVO_INVALID_STATE' })

/** A future of each state. */
const states = {
  pending: () => new Future<string>(),
  done: () => {
    const future = new Future<string>()
    future.setResult('gold')
    return future
  },
  failed: () => {
    const future = new Future<string>()
    future.setException(new RangeError('boom'))
    future.exception()
    return future
  },
  cancelled: () => {
    const future = new Future<string>()
    future.cancel('enough')
    return future
  },
}

describe('the states', () => {
  test('pending: it has neither result nor error, and says so', () => {
    const future = states.pending()
    expect([future.done(), future.cancelled(), String(future)]).toEqual([false, false, '<Future pending>'])
    expect(() => future.result()).toThrow(invalid)
    expect(() => future.result()).toThrow(/has no result yet; await it/)
    expect(() => future.exception()).toThrow(invalid)
  })

  test('done: it has a result, and no error', () => {
    const future = states.done()
    expect([future.done(), future.cancelled(), future.result(), future.exception()]).toEqual([
      true,
      false,
      'gold',
      null,
    ])
    expect(String(future)).toBe('<Future finished result="gold">')
  })

  test('failed: it has an error, which result() throws', () => {
    const future = states.failed()
    expect([future.done(), future.cancelled()]).toEqual([true, false])
    expect(future.exception()).toEqual(new RangeError('boom'))
    expect(() => future.result()).toThrow(new RangeError('boom'))
    expect(String(future)).toBe('<Future finished exception=RangeError: boom>')
  })

  test('cancelled: result() and exception() throw the CancelledError, with the reason', () => {
    const future = states.cancelled()
    expect([future.done(), future.cancelled(), String(future)]).toEqual([true, true, '<Future cancelled>'])
    const withReason = expect.objectContaining({ code: 'ABORT_ERR', reason: 'enough' })
    expect(() => future.result()).toThrow(withReason)
    expect(() => future.exception()).toThrow(withReason)
  })

  for (const [name, make] of Object.entries(states)) {
    if (name === 'pending') continue
    test(`${name}: it settles once, and cancel() gives false`, () => {
      const future = make()
      const before = String(future)
      expect(() => future.setResult('lead')).toThrow(invalid)
      expect(() => future.setException(new Error('late'))).toThrow(/settled already/)
      expect(future.cancel()).toBe(false)
      expect(String(future)).toBe(before)
    })
  }

  test('anything may be a result, and anything an error', () => {
    for (const value of [undefined, null, 0, new Error('as a result')]) {
      const future = new Future<unknown>()
      future.setResult(value)
      expect(future.result()).toBe(value)
    }
    for (const error of ['text', undefined, null]) {
      const future = new Future()
      future.setException(error)
      expect(future.exception()).toBe(error)
    }
  })

  test('the loop makes them as well', async () => {
    const trace = await traceOf(function* (print) {
      const future = getRunningLoop().createFuture<string>()
      getRunningLoop().callSoon(() => future.setResult('gold'))
      print(future instanceof Future, yield* future)
    })
    expect(trace).toEqual(['true gold'])
  })
})

describe('awaiting', () => {
  bothSpellings(
    'gives the result, throws the error, throws the cancellation',
    ['gold', 'RangeError', 'CancelledError enough'],
    {
      *generator(print) {
        for (const settle of [
          (future: Future<string>) => future.setResult('gold'),
          (future: Future<string>) => future.setException(new RangeError('boom')),
          (future: Future<string>) => void future.cancel('enough'),
        ]) {
          const future = new Future<string>()
          getRunningLoop().callSoon(settle, future)
          try {
            print(yield* future)
          } catch (error) {
            print(error, ...(error instanceof CancelledError ? [error.reason] : []))
          }
        }
      },
      async async(print) {
        for (const settle of [
          (future: Future<string>) => future.setResult('gold'),
          (future: Future<string>) => future.setException(new RangeError('boom')),
          (future: Future<string>) => void future.cancel('enough'),
        ]) {
          const future = new Future<string>()
          getRunningLoop().callSoon(settle, future)
          try {
            print(await future)
          } catch (error) {
            print(error, ...(error instanceof CancelledError ? [error.reason] : []))
          }
        }
      },
    },
  )

  bothSpellings(
    'one that has settled costs no pass, and may be done again and again; the others take one behind the settling',
    ['gold 0', 'gold 0', 'RangeError 0', 'CancelledError 0', 'late 2'],
    {
      *generator(print) {
        const passes = passCounter()
        const done = states.done()
        print(yield* done, passes())
        print(yield* done, passes())
        for (const future of [states.failed(), states.cancelled()]) {
          try {
            yield* future
          } catch (error) {
            print(error, passes())
          }
        }
        const late = new Future<string>()
        getRunningLoop().callSoon(() => late.setResult('late'))
        print(yield* late, passes())
      },
      async async(print) {
        const passes = passCounter()
        const done = states.done()
        print(await done, passes())
        print(await done, passes())
        for (const future of [states.failed(), states.cancelled()]) {
          try {
            await future
          } catch (error) {
            print(error, passes())
          }
        }
        const late = new Future<string>()
        getRunningLoop().callSoon(() => late.setResult('late'))
        print(await late, passes())
      },
    },
  )

  bothSpellings('any number may, and go on in the order they came', ['a gold', 'b gold', 'c gold'], {
    *generator(print) {
      const future = new Future<string>()
      const tasks = ['a', 'b', 'c'].map((name) =>
        createTask(function* () {
          print(name, yield* future)
        }),
      )
      yield
      future.setResult('gold')
      yield* wait(tasks)
    },
    async async(print) {
      const future = new Future<string>()
      const tasks = ['a', 'b', 'c'].map((name) =>
        createTask(async () => {
          print(name, await future)
        }),
      )
      await sleep(0)
      future.setResult('gold')
      await wait(tasks)
    },
  })

  bothSpellings(
    'cancelling one awaiter cancels the future, and so all of them; only that one was asked',
    ['a CancelledError 1', 'b CancelledError 0', 'true'],
    {
      *generator(print) {
        const future = new Future<string>()
        const tasks = ['a', 'b'].map((name) =>
          createTask(function* () {
            try {
              yield* future
            } catch (error) {
              print(name, error, requests())
            }
          }),
        ) as [Task<void>, Task<void>]
        yield
        tasks[0].cancel()
        yield* wait(tasks)
        print(future.cancelled())
      },
      async async(print) {
        const future = new Future<string>()
        const tasks = ['a', 'b'].map((name) =>
          createTask(async () => {
            try {
              await future
            } catch (error) {
              print(name, error, requests())
            }
          }),
        ) as [Task<void>, Task<void>]
        await sleep(0)
        tasks[0].cancel()
        await wait(tasks)
        print(future.cancelled())
      },
    },
  )

  bothSpellings(
    'an awaiter that is cancelled once the result is there gets the cancellation; the result stays on the future',
    ['CancelledError', 'gold'],
    {
      *generator(print) {
        const future = new Future<string>()
        const task = createTask(function* () {
          try {
            yield* future
          } catch (error) {
            print(error)
          }
        })
        yield
        future.setResult('gold')
        task.cancel()
        yield* task
        print(future.result())
      },
      async async(print) {
        const future = new Future<string>()
        const task = createTask(async () => {
          try {
            await future
          } catch (error) {
            print(error)
          }
        })
        await sleep(0)
        future.setResult('gold')
        task.cancel()
        await task
        print(future.result())
      },
    },
  )

  bothSpellings('with a time limit cancels it', ['TimeoutError at 5', 'true'], {
    *generator(print) {
      const future = new Future<string>()
      try {
        yield* waitFor(future, 5)
      } catch (error) {
        print(error, 'at', now())
      }
      print(future.cancelled())
    },
    async async(print) {
      const future = new Future<string>()
      try {
        await waitFor(future, 5)
      } catch (error) {
        print(error, 'at', now())
      }
      print(future.cancelled())
    },
  })

  test('then() can be chained, before and after it has settled', async () => {
    const trace = await traceOf(async (print) => {
      const future = new Future<number>()
      getRunningLoop().callSoon(() => future.setResult(1))
      print(await future.then((n) => n + 1).then((n) => n * 10))
      print(await future.then((n) => n + 1))
      print(await states.failed().then(null, (error) => `caught ${(error as Error).message}`))
      print(await future.then(null, null))
    })
    expect(trace).toEqual(['20', '2', 'caught boom', '1'])
  })

  test('native combinators take it', async () => {
    const trace = await traceOf(async (print) => {
      const future = new Future<string>()
      getRunningLoop().callSoon(() => future.setResult('gold'))
      print(await Promise.all([future, sleep(1, 'slept')]))
      print((await Promise.allSettled([states.failed()]))[0]?.status)
    })
    expect(trace).toEqual(['gold,slept', 'rejected'])
  })
})

describe('done-callbacks', () => {
  bothSpellings(
    'are called with the future in the pass behind its settling, in the order they were added',
    ['settled', 'a gold', 'b gold', 'task null'],
    {
      *generator(print) {
        const future = new Future<string>()
        for (const name of ['a', 'b']) future.addDoneCallback((own) => print(name, own.result()))
        future.addDoneCallback(() => print('task', currentTask()))
        future.setResult('gold')
        print('settled')
        yield
      },
      async async(print) {
        const future = new Future<string>()
        for (const name of ['a', 'b']) future.addDoneCallback((own) => print(name, own.result()))
        future.addDoneCallback(() => print('task', currentTask()))
        future.setResult('gold')
        print('settled')
        await sleep(0)
      },
    },
  )

  for (const [name, make] of Object.entries(states)) {
    if (name === 'pending') continue
    bothSpellings(
      `added to one that is ${name} are called in the next pass, never inline`,
      ['added', 'called true'],
      {
        *generator(print) {
          const future = make()
          future.addDoneCallback((own) => print('called', own === future))
          print('added')
          yield
        },
        async async(print) {
          const future = make()
          future.addDoneCallback((own) => print('called', own === future))
          print('added')
          await sleep(0)
        },
      },
    )
  }

  bothSpellings('are taken back by removeDoneCallback(), which counts them', ['2 0', 'b'], {
    *generator(print) {
      const future = new Future<string>()
      const a = () => print('a')
      future.addDoneCallback(a)
      future.addDoneCallback(() => print('b'))
      future.addDoneCallback(a)
      print(future.removeDoneCallback(a), future.removeDoneCallback(a))
      future.setResult('gold')
      yield
    },
    async async(print) {
      const future = new Future<string>()
      const a = () => print('a')
      future.addDoneCallback(a)
      future.addDoneCallback(() => print('b'))
      future.addDoneCallback(a)
      print(future.removeDoneCallback(a), future.removeDoneCallback(a))
      future.setResult('gold')
      await sleep(0)
    },
  })

  test('added twice are called twice; those that awaiters have are left alone by taking them back', async () => {
    const trace = await traceOf(function* (print) {
      const future = new Future<string>()
      const awaiter = createTask(function* () {
        print('awaiter', yield* future)
      })
      yield
      const callback = () => print('callback')
      future.addDoneCallback(callback)
      future.addDoneCallback(callback)
      future.removeDoneCallback(() => {})
      future.setResult('gold')
      yield* awaiter
      yield
    })
    expect(trace).toEqual(['awaiter gold', 'callback', 'callback'])
  })

  test('that throw are reported, and stop nobody', async () => {
    const trace = await traceOf(function* (print: Print) {
      const future = new Future<string>()
      future.addDoneCallback(function unlucky() {
        throw new Error('boom')
      })
      future.addDoneCallback(() => print('next'))
      future.setResult('gold')
      print(yield* future)
      yield
    })
    expect(trace).toEqual(['gold', 'report: Exception in done callback unlucky() Error', 'next'])
  })

  test('may add further ones, which wait for the next pass', async () => {
    const trace = await traceOf(function* (print) {
      const future = states.done()
      future.addDoneCallback(() => {
        future.addDoneCallback(() => print('inner'))
        print('outer')
      })
      yield
      print('a pass later')
      yield
    })
    expect(trace).toEqual(['outer', 'a pass later', 'inner'])
  })

  refuses('addDoneCallback()', [5, null, undefined, {}], (callback) => new Future().addDoneCallback(callback))
})

describe('a failure that nobody saw', () => {
  const report =
    /^report: Future exception was never retrieved: <Future finished exception=RangeError: boom> RangeError$/

  test('is reported when the run ends', async () => {
    const trace = await traceOf(function* () {
      new Future().setException(new RangeError('boom'))
      yield
    })
    expect(trace).toEqual([expect.stringMatching(report)])
  })

  for (const [how, see] of [
    ['exception()', (future: Future) => void future.exception()],
    ['an await', (future: Future) => createTask(() => future).addDoneCallback((task) => task.exception())],
    ['a then() with a handler', (future: Future) => void future.then(null, () => {})],
  ] as const) {
    test(`counts as seen after ${how}`, async () => {
      const trace = await traceOf(function* () {
        const future = new Future()
        future.setException(new RangeError('boom'))
        see(future)
        yield* sleep(1)
      })
      expect(trace).toEqual([])
    })
  }
})

test('InvalidStateError is what settling twice throws, inside a run as outside', async () => {
  const twice = () => states.done().setResult('again')
  expect(twice).toThrow(InvalidStateError)
  const trace = await traceOf(function* (print) {
    try {
      twice()
    } catch (error) {
      print(error)
    }
  })
  expect(trace).toEqual(['InvalidStateError'])
})

test('a coroutine that waits for one can be closed by hand', () => {
  const future = new Future<string>()
  const trace: unknown[] = []
  const coroutine = (function* () {
    try {
      return yield* future
    } finally {
      trace.push('closed')
    }
  })()
  coroutine.next()
  expect(coroutine.return('early')).toEqual({ done: true, value: 'early' })
  expect(trace).toEqual(['closed'])
  expect(future.done()).toBe(false)
})

describe('then() by hand of one that is done', () => {
  test('a handler that throws makes it reject', async () => {
    const boom = () => {
      throw new Error('boom')
    }
    await expect(states.done().then(boom)).rejects.toThrow('boom')
    await expect(states.failed().then(null, boom)).rejects.toThrow('boom')
  })

  test('without a handler its outcome goes on', async () => {
    await expect(states.done().then()).resolves.toBe('gold')
    await expect(states.done().then(null, () => 'silver')).resolves.toBe('gold')
    await expect(states.failed().then(() => 'silver')).rejects.toThrow()
  })
})

test('taking back a callback finds it alone, among others, and beside one that awaits', async () => {
  const trace = await traceOf(function* (print) {
    const future = new Future()
    const [one, other] = [() => print('one'), () => print('other')]
    print(future.removeDoneCallback(one))
    future.addDoneCallback(one)
    print(future.removeDoneCallback(other), future.removeDoneCallback(one))
    const task = createTask(function* () {
      print('got', yield* future)
    })
    yield
    print(future.removeDoneCallback(one))
    future.setResult(1)
    yield* task
  })
  expect(trace).toEqual(['0', '0 1', '0', 'got 1'])
})

test('then() by hand in a generator inside an async function waits beyond the end of that function', async () => {
  const trace = await traceOf(async (print) => {
    const future = new Future<number>()
    const task = createTask(async () => {
      await call(function* () {
        future.then((value) => print('value', value))
        yield* sleep(1)
      })
    })
    await task
    print(future)
    future.setResult(1)
    await sleep(1)
  })
  expect(trace).toEqual(['<Future pending>', 'value 1'])
})
