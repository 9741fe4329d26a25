import {
  asyncGenerator,
  type Coroutine,
  coroutine,
  createTask,
  type Emit,
  type EmittingGenerator,
  Future,
  forEach,
  sleep,
  taskGroup,
  timeout,
  wait,
  waitFor,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** 1 to `until`, ten milliseconds apart; says what becomes of it. */
const numbers = (until: number, print: Print) =>
  asyncGenerator<number>(function* (emit) {
    print('begins')
    try {
      for (let i = 1; i <= until; i++) {
        yield* sleep(10)
        yield* emit(i)
      }
      print('ends')
    } catch (error) {
      print('catches', error)
      throw error
    } finally {
      yield* sleep(5)
      print('cleaned up at', now())
    }
  })

describe('a stream of what the body emits', () => {
  bothSpellings(
    'forEach() and for await go through it; the body runs no further than asked',
    ['begins', '1 at 10', '2 at 120', 'ends', 'cleaned up at 225', 'through'],
    {
      *generator(print) {
        yield* forEach(numbers(2, print), function* (i) {
          print(i, 'at', now())
          yield* sleep(100)
        })
        print('through')
      },
      async async(print) {
        for await (const i of numbers(2, print)) {
          print(i, 'at', now())
          await sleep(100)
        }
        print('through')
      },
    },
  )

  bothSpellings(
    'is suspended, running, or over',
    [
      '<asyncGenerator suspended>',
      '<asyncGenerator running>',
      '<asyncGenerator suspended>',
      '<asyncGenerator over>',
    ],
    {
      *generator(print) {
        const stream: EmittingGenerator<number> = asyncGenerator<number>(function* (emit) {
          print(stream)
          yield* emit(1)
        })
        print(stream)
        yield* stream.next()
        print(stream)
        yield* stream.next()
        print(stream)
      },
      async async(print) {
        const stream: EmittingGenerator<number> = asyncGenerator<number>(function* (emit) {
          print(stream)
          yield* emit(1)
        })
        print(stream)
        await stream.next()
        print(stream)
        await stream.next()
        print(stream)
      },
    },
  )

  bothSpellings(
    'nothing runs before the first next()',
    ['made', 'begins', 'false 1', '<asyncGenerator suspended>'],
    {
      *generator(print) {
        const stream = numbers(1, print)
        yield* sleep(50)
        print('made')
        const { done, value } = yield* stream.next()
        print(done, value)
        print(stream)
      },
      async async(print) {
        const stream = numbers(1, print)
        await sleep(50)
        print('made')
        const { done, value } = await stream.next()
        print(done, value)
        print(stream)
      },
    },
  )

  bothSpellings(
    'next() gives what is emitted, then what the body returns, then the end, for ever',
    ['false 1', 'true returned', 'true undefined', 'true undefined', '<asyncGenerator over>'],
    {
      *generator(print) {
        const stream = asyncGenerator<number>(function* (emit) {
          yield* emit(1)
          return 'returned'
        })
        for (let i = 0; i < 4; i++) {
          const { done, value } = yield* stream.next()
          print(done, value)
        }
        print(stream)
      },
      async async(print) {
        const stream = asyncGenerator<number>(function* (emit) {
          yield* emit(1)
          return 'returned'
        })
        for (let i = 0; i < 4; i++) {
          const { done, value } = await stream.next()
          print(done, value)
        }
        print(stream)
      },
    },
  )

  bothSpellings('emit() takes what next() sends; that of the first is dropped', ['got a', 'got b', 'true'], {
    *generator(print) {
      const stream = asyncGenerator<number, string>(function* (emit) {
        print('got', yield* emit(1))
        print('got', yield* emit(2))
      })
      yield* stream.next('dropped')
      yield* stream.next('a')
      print((yield* stream.next('b')).done)
    },
    async async(print) {
      const stream = asyncGenerator<number, string>(function* (emit) {
        print('got', yield* emit(1))
        print('got', yield* emit(2))
      })
      await stream.next('dropped')
      await stream.next('a')
      print((await stream.next('b')).done)
    },
  })

  bothSpellings('is a checkpoint only where the body is', ['0', '1'], {
    *generator(print) {
      const stream = asyncGenerator<number>(function* (emit) {
        yield* emit(1)
        yield
        yield* emit(2)
      })
      const passes = passCounter()
      yield* stream.next()
      print(passes())
      yield* stream.next()
      print(passes())
    },
    async async(print) {
      const stream = asyncGenerator<number>(function* (emit) {
        yield* emit(1)
        yield
        yield* emit(2)
      })
      const passes = passCounter()
      await stream.next()
      print(passes())
      await stream.next()
      print(passes())
    },
  })

  test('undefined, generators and futures are values like any other', async () => {
    const trace = await traceOf(function* (print) {
      const future = new Future<string>()
      const inner = (function* (): Coroutine {})()
      const stream = asyncGenerator<unknown>(function* (emit) {
        for (const value of [undefined, future, inner]) yield* emit(value)
      })
      for (const expected of [undefined, future, inner]) print((yield* stream.next()).value === expected)
    })
    expect(trace).toEqual(['true', 'true', 'true'])
  })

  test('parts of the body may emit, plain generators and marked ones', async () => {
    const trace = await traceOf(function* (print) {
      function* two(emit: Emit<string>, name: string) {
        yield* emit(`${name}1`)
        yield
        yield* emit(`${name}2`)
      }
      const marked = coroutine(function* (emit: Emit<string>) {
        yield* two(emit, 'marked')
      })
      const stream = asyncGenerator<string>(function* (emit) {
        yield* two(emit, 'plain')
        yield* marked(emit)
      })
      yield* forEach(stream, (value) => print(value))
    })
    expect(trace).toEqual(['plain1', 'plain2', 'marked1', 'marked2'])
  })

  test('streams may be made of streams', async () => {
    const trace = await traceOf(function* (print) {
      const doubled = asyncGenerator<number>(function* (emit) {
        yield* forEach(
          numbers(3, () => {}),
          () => {},
        )
        const source = numbers(3, () => {})
        for (;;) {
          const step = yield* source.next()
          if (step.done) return
          yield* emit(2 * step.value)
        }
      })
      yield* forEach(doubled, (value) => print(value))
    })
    expect(trace).toEqual(['2', '4', '6'])
  })

  test('the body may call marked coroutines at any depth', async () => {
    const trace = await traceOf(function* (print) {
      const deep: (n: number) => Coroutine<number> = coroutine(function* (n: number): Coroutine<number> {
        if (n > 0) return 1 + (yield* deep(n - 1))
        yield
        return 0
      })
      const stream = asyncGenerator<number>(function* (emit) {
        for (const depth of [10, 299, 1000]) yield* emit(yield* limitedSteps(deep(depth)))
      })
      yield* forEach(stream, (depth) => print(depth))
    })
    expect(trace).toEqual(['10', '299', '1000'])
  })

  test('a group may go on in the body, as long as nothing is emitted from inside it', async () => {
    const trace = await traceOf(function* (print) {
      const stream = asyncGenerator<number>(function* (emit) {
        const sum = yield* taskGroup(function* (group) {
          const tasks = [1, 2].map((n) => group.createTask(sleep(n, n)))
          return (yield* tasks[0]!) + (yield* tasks[1]!)
        })
        yield* emit(sum)
        try {
          yield* timeout(10, () => sleep(100))
        } catch (error) {
          print(error)
        }
        yield* emit(now())
      })
      yield* forEach(stream, (value) => print(value))
    })
    expect(trace).toEqual(['3', 'TimeoutError', '12'])
  })
})

/** Goes through `coroutine` and gives up where it suspends again and again at the same place. */
function* limitedSteps<T>(coroutine: Coroutine<T>): Coroutine<T> {
  const inner = coroutine[Symbol.iterator]()
  let steps = 0
  return yield* {
    [Symbol.iterator]: () => ({
      next(value: unknown) {
        if (++steps > 100_000) throw new Error('it never gets on')
        return inner.next(value)
      },
      throw: (error: unknown) => inner.throw(error),
      return: (value: T) => inner.return(value),
    }),
  }
}

describe('the end from outside', () => {
  bothSpellings(
    'leaving the loop runs the clean-up of the body, and waits for it',
    ['begins', '1', 'cleaned up at 15', 'left at 15', '<asyncGenerator over>'],
    {
      *generator(print) {
        const stream = numbers(5, print)
        try {
          yield* forEach(stream, (i) => {
            print(i)
            throw 'enough'
          })
        } catch {
          print('left at', now())
        }
        print(stream)
      },
      async async(print) {
        const stream = numbers(5, print)
        for await (const i of stream) {
          print(i)
          break
        }
        print('left at', now())
        print(stream)
      },
    },
  )

  bothSpellings(
    'return() ends the body at its emit, gives the value, and does nothing a second time',
    ['begins', 'cleaned up at 15', 'true done', 'true again', 'true undefined'],
    {
      *generator(print) {
        const stream = numbers(5, print)
        yield* stream.next()
        for (const value of ['done', 'again']) {
          const step = yield* stream.return(value)
          print(step.done, step.value)
        }
        const step = yield* stream.next()
        print(step.done, step.value)
      },
      async async(print) {
        const stream = numbers(5, print)
        await stream.next()
        for (const value of ['done', 'again']) {
          const step = await stream.return(value)
          print(step.done, step.value)
        }
        const step = await stream.next()
        print(step.done, step.value)
      },
    },
  )

  bothSpellings(
    'return() before the beginning runs nothing',
    ['true early', '<asyncGenerator over>', 'true'],
    {
      *generator(print) {
        const stream = numbers(5, print)
        const step = yield* stream.return('early')
        print(step.done, step.value)
        print(stream)
        print((yield* stream.next()).done)
      },
      async async(print) {
        const stream = numbers(5, print)
        const step = await stream.return('early')
        print(step.done, step.value)
        print(stream)
        print((await stream.next()).done)
      },
    },
  )

  bothSpellings(
    'throw() throws at the emit: the body may answer it, or let it pass',
    ['caught boom', 'false 2', 'bang', '<asyncGenerator over>', 'late'],
    {
      *generator(print) {
        const stream = asyncGenerator<number>(function* (emit) {
          try {
            yield* emit(1)
          } catch (error) {
            print('caught', error)
          }
          yield* emit(2)
        })
        yield* stream.next()
        const step = yield* stream.throw('boom')
        print(step.done, step.value)
        for (const error of ['bang', 'late']) {
          try {
            yield* stream.throw(error)
          } catch (thrown) {
            print(thrown)
          }
          if (error === 'bang') print(stream)
        }
      },
      async async(print) {
        const stream = asyncGenerator<number>(function* (emit) {
          try {
            yield* emit(1)
          } catch (error) {
            print('caught', error)
          }
          yield* emit(2)
        })
        await stream.next()
        const step = await stream.throw('boom')
        print(step.done, step.value)
        for (const error of ['bang', 'late']) {
          try {
            await stream.throw(error)
          } catch (thrown) {
            print(thrown)
          }
          if (error === 'bang') print(stream)
        }
      },
    },
  )

  bothSpellings(
    'an error of the body comes out of next(), and the stream is over',
    ['1', 'Error', 'true undefined', '<asyncGenerator over>'],
    {
      *generator(print) {
        const stream = failing()
        print((yield* stream.next()).value)
        try {
          yield* stream.next()
        } catch (error) {
          print(error)
        }
        const { done, value } = yield* stream.next()
        print(done, value)
        print(stream)
      },
      async async(print) {
        const stream = failing()
        print((await stream.next()).value)
        try {
          await stream.next()
        } catch (error) {
          print(error)
        }
        const { done, value } = await stream.next()
        print(done, value)
        print(stream)
      },
    },
  )

  const failing = (): EmittingGenerator<number> =>
    asyncGenerator<number>(function* (emit) {
      yield* emit(1)
      yield
      throw new Error('boom')
    })
})

describe('cancelling', () => {
  bothSpellings(
    'reaches the body at its await, which cleans up; the stream is over then',
    ['begins', 'catches CancelledError', 'cleaned up at 10', 'CancelledError', '<asyncGenerator over>'],
    {
      *generator(print) {
        const stream = numbers(5, print)
        const consumer = createTask(function* () {
          try {
            yield* stream.next()
          } catch (error) {
            print(error)
          }
        })
        yield* sleep(5)
        consumer.cancel()
        yield* consumer
        print(stream)
      },
      async async(print) {
        const stream = numbers(5, print)
        const consumer = createTask(async () => {
          try {
            await stream.next()
          } catch (error) {
            print(error)
          }
        })
        await sleep(5)
        consumer.cancel()
        await consumer
        print(stream)
      },
    },
  )

  bothSpellings(
    'a body that catches the cancellation of a time limit has the last word, and goes on at the next one',
    ['body caught it', 'false first at 10', 'false second'],
    {
      *generator(print) {
        const stream = asyncGenerator<string>(function* (emit) {
          try {
            yield* sleep(100)
          } catch {
            print('body caught it')
          }
          yield* emit('first')
          yield* emit('second')
        })
        const first = yield* waitFor(stream.next(), 10)
        print(first.done, first.value, 'at', now())
        const { done, value } = yield* stream.next()
        print(done, value)
      },
      async async(print) {
        const stream = asyncGenerator<string>(function* (emit) {
          try {
            yield* sleep(100)
          } catch {
            print('body caught it')
          }
          yield* emit('first')
          yield* emit('second')
        })
        const first = await waitFor(stream.next(), 10)
        print(first.done, first.value, 'at', now())
        const { done, value } = await stream.next()
        print(done, value)
      },
    },
  )

  bothSpellings(
    'the consumer between two values closes the stream',
    ['begins', '1', 'cleaned up at 25', 'cancelled', '<asyncGenerator over>'],
    {
      *generator(print) {
        const stream = numbers(5, print)
        const consumer = createTask(() =>
          forEach(stream, function* (i) {
            print(i)
            yield* sleep(1000)
          }),
        )
        yield* sleep(20)
        consumer.cancel()
        yield* wait([consumer])
        print(consumer.cancelled() ? 'cancelled' : 'not cancelled')
        print(stream)
      },
      async async(print) {
        const stream = numbers(5, print)
        const consumer = createTask(async () => {
          for await (const i of stream) {
            print(i)
            await sleep(1000)
          }
        })
        await sleep(20)
        consumer.cancel()
        await wait([consumer])
        print(consumer.cancelled() ? 'cancelled' : 'not cancelled')
        print(stream)
      },
    },
  )

  bothSpellings(
    'a body that would not stop is ended with its consumer, and the stream is over',
    ['swallows', 'swallows', 'finally', 'TimeoutError', '<asyncGenerator over>'],
    {
      *generator(print) {
        const stream = stubborn(print)
        createTask(passTime)
        try {
          yield* timeout(10, () => stream.next())
        } catch (error) {
          print(error)
        }
        print(stream)
      },
      async async(print) {
        const stream = stubborn(print)
        createTask(passTime)
        try {
          await timeout(10, () => stream.next())
        } catch (error) {
          print(error)
        }
        print(stream)
      },
    },
    { cancelGrace: 10, hideReports: true },
  )

  const stubborn = (print: Print) =>
    asyncGenerator<number>(function* () {
      try {
        for (let i = 0; i < 2; ) {
          try {
            yield* sleep(1000)
          } catch {
            print('swallows')
          }
        }
      } finally {
        print('finally')
      }
    })

  function* passTime() {
    for (let i = 0; i < 50; i++) yield* sleep(1)
  }
})

describe('misuse', () => {
  bothSpellings(
    'one consumer at a time: a second next() while the body runs is refused',
    ['InvalidStateError', 'false 1'],
    {
      *generator(print) {
        const stream = numbers(1, () => {})
        const first = createTask(stream.next())
        yield* sleep(1)
        try {
          yield* stream.next()
        } catch (error) {
          print(error)
        }
        const { done, value } = yield* first
        print(done, value)
      },
      async async(print) {
        const stream = numbers(1, () => {})
        const first = createTask(stream.next())
        await sleep(1)
        try {
          await stream.next()
        } catch (error) {
          print(error)
        }
        const { done, value } = await first
        print(done, value)
      },
    },
  )

  test('a body that asks for its own next value is refused as well', async () => {
    const trace = await traceOf(function* (print) {
      const stream: EmittingGenerator<number> = asyncGenerator<number>(function* (emit) {
        try {
          yield* stream.next()
        } catch (error) {
          print(error)
        }
        yield* emit(1)
      })
      print((yield* stream.next()).value)
    })
    expect(trace).toEqual(['InvalidStateError', '1'])
  })

  for (const [where, wrap] of [
    ['a timeout', (body: () => Coroutine) => timeout(1000, body)],
    ['a group', (body: () => Coroutine) => taskGroup(body)],
  ] as const) {
    test(`emitting from inside ${where} is a TypeError that says so`, async () => {
      const trace = await traceOf(function* (print) {
        const stream = asyncGenerator<number>(function* (emit) {
          try {
            yield* wrap(function* () {
              yield* emit(5)
            })
          } catch (error) {
            const [inner = error] = (error as AggregateError).errors ?? []
            print(
              inner,
              (inner as Error).message.match(/emit\(5\) from inside a timeout, group or other scope/)?.[0],
            )
          }
          yield* emit(6)
        })
        print((yield* stream.next()).value)
      })
      expect(trace).toEqual(['TypeError emit(5) from inside a timeout, group or other scope', '6'])
    })
  }

  test('what a wrong yield of the body gets is thrown at its line', async () => {
    const trace = await traceOf(function* (print) {
      const stream = asyncGenerator<number>(function* (emit) {
        try {
          yield 5 as never
        } catch (error) {
          print((error as Error).message.slice(0, 21))
        }
        yield* emit(1)
      })
      print((yield* stream.next()).value)
    })
    expect(trace).toEqual(['A coroutine yielded 5', '1'])
  })

  refuses('asyncGenerator()', [5, null, 'body'], (body) => asyncGenerator(body))
  refuses('asyncGenerator()', [async function fetchAll() {}, () => 5], (body) => asyncGenerator(body))

  const one = () =>
    asyncGenerator<number>(function* (emit) {
      yield* emit(1)
    })
  keepsTheOperationContract('generator.next()', () => one().next())
  keepsTheOperationContract('generator.return()', () => one().return())
})
