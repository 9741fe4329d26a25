/** Requests that were not delivered yet: `uncancel()` takes them back wherever they wait to be; of several one is thrown. */
import {
  CancelledError,
  call,
  cancelScope,
  createTask,
  Future,
  getRunningLoop,
  sleep,
  timeout,
  wait,
} from 'polvo'
import { expect, test } from 'vitest'
import { bothSpellings, traceOf } from '../support/traces.ts'

bothSpellings(
  'one that waits for a foreign promise to settle',
  ['promise settled', 'went on', 'ended well'],
  {
    *generator(print) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const task = createTask(function* () {
        yield* call(async () => {
          await promise
          print('promise settled')
          await sleep(1)
          print('went on')
        })
        print('ended well')
      })
      yield* sleep(1)
      task.cancel()
      task.uncancel()
      resolve()
      yield* sleep(5)
    },
    async async(print) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const task = createTask(async () => {
        await promise
        print('promise settled')
        await sleep(1)
        print('went on')
        await sleep(1)
        print('ended well')
      })
      await sleep(1)
      task.cancel()
      task.uncancel()
      resolve()
      await sleep(5)
    },
  },
)

bothSpellings('one that came after the result, in the same pass', ['got 1', 'went on'], {
  *generator(print) {
    const future = new Future()
    const task = createTask(function* () {
      print('got', yield* future)
      yield* sleep(1)
      print('went on')
    })
    yield* sleep(1)
    future.setResult(1)
    task.cancel()
    task.uncancel()
    yield* sleep(5)
  },
  async async(print) {
    const future = new Future()
    const task = createTask(async () => {
      print('got', await future)
      await sleep(1)
      print('went on')
    })
    await sleep(1)
    future.setResult(1)
    task.cancel()
    task.uncancel()
    await sleep(5)
  },
})

bothSpellings('one that came after the result of a call in the other spelling', ['got 1', 'went on'], {
  *generator(print) {
    const future = new Future()
    const task = createTask(function* () {
      print('got', yield* call(async () => await future))
      yield* sleep(1)
      print('went on')
    })
    yield* sleep(1)
    future.setResult(1)
    task.cancel()
    task.uncancel()
    yield* sleep(5)
  },
  async async(print) {
    const future = new Future()
    const task = createTask(async () => {
      print(
        'got',
        await call(function* () {
          return yield* future
        }),
      )
      await sleep(1)
      print('went on')
    })
    await sleep(1)
    future.setResult(1)
    task.cancel()
    task.uncancel()
    await sleep(5)
  },
})

test('of two cancellations in a pass the one from further out is thrown, whichever came first (generators)', async () => {
  const trace = await traceOf(function* (print) {
    for (const isByHandFirst of [true, false]) {
      const task = createTask(function* () {
        try {
          if (!isByHandFirst) yield* sleep(0.5)
          yield* timeout(isByHandFirst ? 10 : 9.5, () => sleep(100))
        } catch (error) {
          print(error, (error as Error).message)
        }
      })
      const cancelAt = getRunningLoop().time() + 10
      if (!isByHandFirst) yield* sleep(1)
      getRunningLoop().callAt(cancelAt, () => task.cancel('by hand'))
      yield* sleep(20)
    }
  })
  expect(trace).toEqual(['CancelledError by hand', 'CancelledError by hand'])
})

test('of two that come to an async function in one pass, the one addressed further out is thrown', async () => {
  const trace = await traceOf(async (print) => {
    const task = createTask(async () => {
      try {
        await timeout(10, async () => {
          await sleep(100)
        })
      } catch (error) {
        print(error, (error as Error).message)
      }
    })
    getRunningLoop().callAt(getRunningLoop().time() + 10, () => task.cancel('by hand'))
    await sleep(20)
  })
  expect(trace).toEqual(['CancelledError by hand'])
})

bothSpellings(
  'a result that is a CancelledError is not taken for a cancellation',
  ['CancelledError by hand', 'CancelledError a result'],
  {
    *generator(print) {
      const futures = [new Future(), new Future()]
      const task = createTask(function* () {
        try {
          yield* futures[0] as Future
        } catch (error) {
          print(error, (error as Error).message)
        }
        const result = yield* futures[1] as Future
        print(result, (result as Error).message)
      })
      yield* sleep(1)
      for (const future of futures) future.setResult(new CancelledError('a result'))
      task.cancel('by hand')
      yield* sleep(1)
    },
    async async(print) {
      const futures = [new Future(), new Future()]
      const task = createTask(async () => {
        try {
          await futures[0]
        } catch (error) {
          print(error, (error as Error).message)
        }
        const result = await futures[1]
        print(result, (result as Error).message)
      })
      await sleep(1)
      for (const future of futures) future.setResult(new CancelledError('a result'))
      task.cancel('by hand')
      await sleep(1)
    },
  },
)

bothSpellings('of two that wait to be delivered, one taken back leaves the other', ['CancelledError', '1'], {
  *generator(print) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const task = createTask(function* () {
      yield* call(async () => {
        await promise
        try {
          await sleep(1)
          print('not cancelled')
        } catch (error) {
          print(error)
          throw error
        }
      })
    })
    yield* sleep(1)
    task.cancel()
    task.cancel()
    task.uncancel()
    resolve()
    yield* sleep(5)
    print(task.cancelling())
  },
  async async(print) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const task = createTask(async () => {
      await promise
      try {
        await sleep(1)
        print('not cancelled')
      } catch (error) {
        print(error)
        throw error
      }
    })
    await sleep(1)
    task.cancel()
    task.cancel()
    task.uncancel()
    resolve()
    await sleep(5)
    print(task.cancelling())
  },
})

bothSpellings('uncancel() takes back what a shield keeps away', ['body done', 'went on'], {
  *generator(print) {
    const task = createTask(function* () {
      yield* cancelScope(
        function* () {
          yield* sleep(10)
          print('body done')
        },
        { shield: true },
      )
      yield* sleep(1)
      print('went on')
    })
    yield* sleep(1)
    task.cancel()
    task.uncancel()
    yield* wait([task])
  },
  async async(print) {
    const task = createTask(async () => {
      await cancelScope(
        async () => {
          await sleep(10)
          print('body done')
        },
        { shield: true },
      )
      await sleep(1)
      print('went on')
    })
    await sleep(1)
    task.cancel()
    task.uncancel()
    await wait([task])
  },
})
