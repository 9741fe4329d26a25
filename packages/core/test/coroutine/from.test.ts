/** Crossing over: promises, callbacks and events of other libraries. */
import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import {
  call,
  createTask,
  from,
  fromCallback,
  fromEvent,
  isCancelled,
  type NodeCallback,
  run,
  sleep,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { bothSpellings, traceOf } from '../support/traces.ts'

describe('from()', () => {
  bothSpellings('awaits a promise', ['value', 'Error'], {
    *generator(print) {
      print(yield* from(Promise.resolve('value')))
      try {
        yield* from(Promise.reject(new Error('rejected')))
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      print(await from(Promise.resolve('value')))
      try {
        await from(Promise.reject(new Error('rejected')))
      } catch (error) {
        print(error)
      }
    },
  })

  bothSpellings('abandons a bare promise at once when cancelled', ['CancelledError true'], {
    *generator(print) {
      const task = createTask(from(new Promise(() => {})))
      yield* sleep(1)
      task.cancel()
      try {
        yield* task
      } catch (error) {
        print(error, task.cancelled())
      }
    },
    async async(print) {
      const task = createTask(from(new Promise(() => {})))
      await sleep(1)
      task.cancel()
      try {
        await task
      } catch (error) {
        print(error, task.cancelled())
      }
    },
  })

  bothSpellings(
    'aborts the signal, waits for the clean-up, and throws the cancellation',
    ['aborted', 'cleaned', 'CancelledError true'],
    {
      *generator(print) {
        const task = createTask(
          from(async (signal) => {
            await delay(60_000, null, { signal }).catch(() => print('aborted'))
            await null
            print('cleaned')
            throw signal.reason
          }),
        )
        yield* sleep(1)
        task.cancel()
        try {
          yield* task
        } catch (error) {
          print(error, isCancelled(error))
        }
      },
      async async(print) {
        const task = createTask(
          from(async (signal) => {
            await delay(60_000, null, { signal }).catch(() => print('aborted'))
            await null
            print('cleaned')
            throw signal.reason
          }),
        )
        await sleep(1)
        task.cancel()
        try {
          await task
        } catch (error) {
          print(error, isCancelled(error))
        }
      },
    },
  )

  const rejections: [string, (signal: AbortSignal) => Promise<unknown>][] = [
    ['the reason itself', async (signal) => Promise.reject(await aborted(signal))],
    ['an AbortError caused by it', async (signal) => delay(60_000, null, { signal })],
    [
      'the fetch of a URL',
      (signal) =>
        fetch('http://127.0.0.1:9/', { signal }).catch(
          async (error) =>
            (await aborted(signal)) && Promise.reject(error.name === 'TypeError' ? signal.reason : error),
        ),
    ],
    [
      'a plain AbortError',
      async (signal) => (await aborted(signal)) && Promise.reject(new DOMException('', 'AbortError')),
    ],
  ]

  test.each(rejections)('turns a rejection with %s into the cancellation', async (_, start) => {
    const trace = await traceOf(async (print) => {
      const task = createTask(from(start))
      await sleep(1)
      task.cancel('why')
      try {
        await task
      } catch (error) {
        print(error, isCancelled(error) && error.reason)
      }
    })
    expect(trace).toEqual(['CancelledError why'])
  })

  test('passes on another rejection', async () => {
    const trace = await traceOf(async (print) => {
      const task = createTask(
        from(async (signal) => {
          await aborted(signal)
          throw new RangeError('clean-up failed')
        }),
      )
      await sleep(1)
      task.cancel()
      try {
        await task
      } catch (error) {
        print(error)
      }
    })
    expect(trace).toEqual(['RangeError'])
  })

  test('waits no longer than settleWithin for a promise that does not listen', async () => {
    const began = performance.now()
    await run(async () => {
      const task = createTask(from(() => delay(5_000, null, { ref: false }), { settleWithin: 20 }))
      await sleep(1)
      task.cancel()
      await expect(Promise.resolve(task)).rejects.toMatchObject({ code: 'ABORT_ERR' })
    })
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  test('starts when it is awaited, and an error in starting is thrown there', async () => {
    const trace = await traceOf(function* (print) {
      const operation = from(() => {
        print('started')
        throw new Error('at once')
      })
      print('made')
      try {
        yield* operation
      } catch (error) {
        print(error)
      }
    })
    expect(trace).toEqual(['made', 'started', 'Error'])
  })

  test('names abandoned promises when the run ends', async () => {
    const warning = new Promise<Error>((resolve) => process.once('warning', resolve))
    await run(async () => {
      const task = createTask(from(new Promise(() => {})))
      await sleep(1)
      task.cancel()
      await sleep(1)
    })
    expect((await warning).message).toMatch(/A promise that was abandoned is still under way/)
  })
})

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))
}

describe('fromCallback()', () => {
  const later = (value: string, done: NodeCallback<string>) => {
    const timer = setTimeout(done, 1, value === 'bad' ? new Error('bad') : null, value)
    return () => clearTimeout(timer)
  }

  bothSpellings(
    'gives the value, throws the error',
    ['good', 'Error'],
    {
      *generator(print) {
        print(yield* fromCallback<string>((done) => later('good', done)))
        try {
          yield* fromCallback<string>((done) => later('bad', done))
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        print(await fromCallback<string>((done) => later('good', done)))
        try {
          await fromCallback<string>((done) => later('bad', done))
        } catch (error) {
          print(error)
        }
      },
    },
    { io: true },
  )

  bothSpellings('calls it off when cancelled', ['called off', 'true'], {
    *generator(print) {
      const task = createTask(fromCallback(() => () => print('called off')))
      yield* sleep(1)
      task.cancel()
      yield* sleep(1)
      print(task.cancelled())
    },
    async async(print) {
      const task = createTask(fromCallback(() => () => print('called off')))
      await sleep(1)
      task.cancel()
      await sleep(1)
      print(task.cancelled())
    },
  })

  test('counts only the first call', async () => {
    const value = await run(
      fromCallback<string>((done) => {
        done(null, 'first')
        done(null, 'second')
      }),
    )
    expect(value).toBe('first')
  })
})

describe('fromEvent()', () => {
  bothSpellings('gives the arguments of the next event, throws an error event', ['a b', 'Error', '0'], {
    *generator(print) {
      const emitter = new EventEmitter()
      setImmediate(() => emitter.emit('x', 'a', 'b'))
      print(...(yield* fromEvent(emitter, 'x')))
      setImmediate(() => emitter.emit('error', new Error('broken')))
      try {
        yield* fromEvent(emitter, 'x')
      } catch (error) {
        print(error)
      }
      print(emitter.listenerCount('x') + emitter.listenerCount('error'))
    },
    async async(print) {
      const emitter = new EventEmitter()
      setImmediate(() => emitter.emit('x', 'a', 'b'))
      print(...(await fromEvent(emitter, 'x')))
      setImmediate(() => emitter.emit('error', new Error('broken')))
      try {
        await fromEvent(emitter, 'x')
      } catch (error) {
        print(error)
      }
      print(emitter.listenerCount('x') + emitter.listenerCount('error'))
    },
  })

  test('leaves no listener behind when cancelled', async () => {
    const emitter = new EventEmitter()
    await run(async () => {
      const task = createTask(fromEvent(emitter, 'x'))
      await sleep(1)
      expect(emitter.listenerCount('x')).toBe(1)
      task.cancel()
      await sleep(1)
    })
    expect(emitter.listenerCount('x')).toBe(0)
  })

  test('works with the web EventTarget', async () => {
    const target = new EventTarget()
    const [event] = await run(async () => {
      setImmediate(() => target.dispatchEvent(new globalThis.Event('ping')))
      return await fromEvent<[globalThis.Event]>(target, 'ping')
    })
    expect(event.type).toBe('ping')
  })
})

test('callback hell becomes a coroutine: three dependent calls, one after the other', async () => {
  const ask = (question: string, done: NodeCallback<string>) => void setImmediate(done, null, `${question}!`)
  const trace = await traceOf(function* (print) {
    const one = yield* fromCallback<string>((done) => ask('one', done))
    const two = yield* fromCallback<string>((done) => ask(`${one} two`, done))
    print(yield* fromCallback<string>((done) => ask(`${two} three`, done)))
    print(yield* call(async () => one))
  })
  expect(trace).toEqual(['one! two! three!', 'one!'])
})
