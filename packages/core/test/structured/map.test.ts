import {
  type Awaitable,
  createTask,
  currentTask,
  forEach,
  getRunningLoop,
  map,
  Queue,
  sleep,
  timeout,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { shown } from '../support/errors.ts'
import { now, requests } from '../support/here.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** The numbers from 1 on; says what is taken, and that it is closed. */
function* numbers(print: Print, until = Number.POSITIVE_INFINITY): Generator<number, void, unknown> {
  try {
    for (let n = 1; n <= until; n++) {
      print('take', n)
      yield n
    }
  } finally {
    print('source closed')
  }
}

/** The same, asynchronously; closing takes a while. */
async function* asyncNumbers(print: Print, until = Number.POSITIVE_INFINITY) {
  try {
    for (let n = 1; n <= until; n++) {
      await null
      print('take', n)
      yield n
    }
  } finally {
    await new Promise(setImmediate)
    print('source closed')
  }
}

/** Gives one item, and fails after so many milliseconds. */
async function* failingSource(ms: number) {
  const { promise, resolve } = Promise.withResolvers<void>()
  getRunningLoop().callLater(ms, resolve)
  yield 1
  await promise
  throw 'out of paper'
}

describe('map()', () => {
  bothSpellings(
    'gives the results in the order of the items',
    ['done 1', 'done 2', 'done 3', '30,10,20 at 30'],
    {
      *generator(print) {
        const results = yield* map([3, 1, 2], function* (n) {
          yield* sleep(n * 10)
          print('done', n)
          return n * 10
        })
        print(results, 'at', now())
      },
      async async(print) {
        const results = await map([3, 1, 2], async (n) => {
          await sleep(n * 10)
          print('done', n)
          return n * 10
        })
        print(results, 'at', now())
      },
    },
  )

  bothSpellings(
    'calls with the index as well, and takes functions of every kind',
    ['a0,b1', 'a0,b1', 'a,b'],
    {
      *generator(print) {
        const suffix = function* (item: string, index: number) {
          yield
          return item + index
        }
        print(yield* map(['a', 'b'], suffix))
        print(yield* map('ab', (item, index) => item + index))
        print(yield* map(new Set(['a', 'b']), (item) => sleep(1, item)))
      },
      async async(print) {
        const suffix = async (item: string, index: number) => {
          await sleep(0)
          return item + index
        }
        print(await map(['a', 'b'], suffix))
        print(await map('ab', (item, index) => item + index))
        print(await map(new Set(['a', 'b']), (item) => sleep(1, item)))
      },
    },
  )

  bothSpellings('of nothing is nothing, and no checkpoint', ['0 0'], {
    *generator(print) {
      const passes = passCounter()
      print((yield* map([], () => 1)).length, passes())
    },
    async async(print) {
      const passes = passCounter()
      print((await map([], () => 1)).length, passes())
    },
  })

  bothSpellings('by default all calls are under way at once', ['20 at 10'], {
    *generator(print) {
      const results = yield* map(Array.from({ length: 20 }), () => sleep(10))
      print(results.length, 'at', now())
    },
    async async(print) {
      const results = await map(Array.from({ length: 20 }), () => sleep(10))
      print(results.length, 'at', now())
    },
  })

  bothSpellings(
    'takes an item only when a call can begin',
    [
      'take 1',
      'take 2',
      'begin 1',
      'begin 2',
      'end 1 at 10',
      'take 3',
      'begin 3',
      'end 2 at 20',
      'source closed',
      'end 3 at 40',
      '1,2,3',
    ],
    {
      *generator(print) {
        const step = function* (n: number) {
          print('begin', n)
          yield* sleep(n * 10)
          print('end', n, 'at', now())
          return n
        }
        print(yield* map(numbers(print, 3), step, { concurrency: 2 }))
      },
      async async(print) {
        const step = async (n: number) => {
          print('begin', n)
          await sleep(n * 10)
          print('end', n, 'at', now())
          return n
        }
        print(await map(numbers(print, 3), step, { concurrency: 2 }))
      },
    },
  )

  for (const concurrency of [1, 2, 7]) {
    test(`never has more than ${concurrency} calls under way, and no fewer than it could`, async () => {
      for (let seed = 1; seed <= 20; seed++) {
        const random = seeded(seed)
        const durations = Array.from({ length: 40 }, () => Math.floor(random() * 20))
        let active = 0
        let most = 0
        const enter = () => {
          most = Math.max(most, ++active)
        }
        const leave = () => active--
        const generator = await runVirtual(function* () {
          const results = yield* map(
            durations,
            function* (ms, index) {
              enter()
              try {
                yield* sleep(ms)
              } finally {
                leave()
              }
              return index
            },
            { concurrency },
          )
          return [results.join(), now(), most]
        })
        most = 0
        const async = await runVirtual(async () => {
          const results = await map(
            durations,
            async (ms, index) => {
              enter()
              try {
                await sleep(ms)
              } finally {
                leave()
              }
              return index
            },
            { concurrency },
          )
          return [results.join(), now(), most]
        })
        // Whoever is free first takes the next item.
        const lanes = Array.from({ length: concurrency }, () => 0)
        for (const ms of durations) {
          const free = lanes.indexOf(Math.min(...lanes))
          lanes[free] = (lanes[free] as number) + ms
        }
        const expected = [durations.map((_, i) => i).join(), Math.max(...lanes), concurrency]
        expect(generator, `seed ${seed}`).toEqual(expected)
        expect(async, `seed ${seed}`).toEqual(expected)
      }
    })
  }

  bothSpellings(
    'the first error cancels the other calls, closes the source, and comes out as a group',
    [
      'take 1',
      'take 2',
      'take 3',
      '2 cancelled at 5',
      '3 cancelled at 5',
      'source closed',
      'ExceptionGroup[boom] at 5 requests 0',
    ],
    {
      *generator(print) {
        try {
          yield* map(
            numbers(print),
            function* (n) {
              try {
                yield* sleep(n === 1 ? 5 : 1000)
              } catch (error) {
                print(n, 'cancelled at', now())
                throw error
              }
              throw 'boom'
            },
            { concurrency: 3 },
          )
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
      async async(print) {
        try {
          await map(
            numbers(print),
            async (n) => {
              try {
                await sleep(n === 1 ? 5 : 1000)
              } catch (error) {
                print(n, 'cancelled at', now())
                throw error
              }
              throw 'boom'
            },
            { concurrency: 3 },
          )
        } catch (error) {
          print(shown(error), 'at', now(), 'requests', requests())
        }
      },
    },
  )

  bothSpellings(
    'an error of the source cancels the calls, and comes out in the group',
    ['call cancelled at 5', 'ExceptionGroup[out of paper] at 5'],
    {
      *generator(print) {
        try {
          yield* map(failingSource(5), function* () {
            try {
              yield* sleep(1000)
            } finally {
              print('call cancelled at', now())
            }
          })
        } catch (error) {
          print(shown(error), 'at', now())
        }
      },
      async async(print) {
        try {
          await map(failingSource(5), async () => {
            try {
              await sleep(1000)
            } finally {
              print('call cancelled at', now())
            }
          })
        } catch (error) {
          print(shown(error), 'at', now())
        }
      },
    },
  )

  bothSpellings(
    'a cancellation from outside stops the calls and closes the source',
    ['take 1', 'take 2', 'source closed', '1 stopped', '2 stopped', 'CancelledError 1', 'cancelled true'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* map(
              numbers(print),
              function* (n) {
                try {
                  yield* sleep(1000)
                } finally {
                  print(n, 'stopped')
                }
              },
              { concurrency: 2 },
            )
          } catch (error) {
            print(error, requests())
            throw error
          }
        })
        yield* sleep(5)
        task.cancel()
        yield* sleep(5)
        print('cancelled', task.cancelled())
      },
      async async(print) {
        const task = createTask(async () => {
          try {
            await map(
              numbers(print),
              async (n) => {
                try {
                  await sleep(1000)
                } finally {
                  print(n, 'stopped')
                }
              },
              { concurrency: 2 },
            )
          } catch (error) {
            print(error, requests())
            throw error
          }
        })
        await sleep(5)
        task.cancel()
        await sleep(5)
        print('cancelled', task.cancelled())
      },
    },
  )
})

describe('sources', () => {
  bothSpellings(
    'async iterables: an item is taken only when a call can begin, and the rest is closed and waited for',
    ['take 1', 'take 2', 'end 1 at 10', 'take 3', 'end 2 at 20', 'source closed', 'end 3 at 40', '1,2,3'],
    {
      *generator(print) {
        const step = function* (n: number) {
          yield* sleep(n * 10)
          print('end', n, 'at', now())
          return n
        }
        print(yield* map(asyncNumbers(print, 3), step, { concurrency: 2 }))
      },
      async async(print) {
        const step = async (n: number) => {
          await sleep(n * 10)
          print('end', n, 'at', now())
          return n
        }
        print(await map(asyncNumbers(print, 3), step, { concurrency: 2 }))
      },
    },
  )

  bothSpellings(
    'an infinite async source is closed when a call fails, and that is waited for',
    ['take 1', 'take 2', 'source closed', 'ExceptionGroup[boom]'],
    {
      *generator(print) {
        try {
          yield* map(
            asyncNumbers(print),
            function* (n) {
              yield* sleep(n * 10)
              throw 'boom'
            },
            { concurrency: 2 },
          )
        } catch (error) {
          print(shown(error))
        }
      },
      async async(print) {
        try {
          await map(
            asyncNumbers(print),
            async (n) => {
              await sleep(n * 10)
              throw 'boom'
            },
            { concurrency: 2 },
          )
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )

  bothSpellings('a queue, until it is shut down', ['1,2,3 at 30'], {
    *generator(print) {
      const queue = new Queue<number>()
      createTask(function* () {
        for (const n of [1, 2, 3]) {
          yield* sleep(5)
          yield* queue.put(n)
        }
        queue.shutdown()
      })
      print(yield* map(queue, (n) => sleep(15, n)), 'at', now())
    },
    async async(print) {
      const queue = new Queue<number>()
      createTask(async () => {
        for (const n of [1, 2, 3]) {
          await sleep(5)
          await queue.put(n)
        }
        queue.shutdown()
      })
      print(await map(queue, (n) => sleep(15, n)), 'at', now())
    },
  })

  bothSpellings('cancelled while it waits for a queue, it takes nothing from it', ['TimeoutError', 'item'], {
    *generator(print) {
      const queue = new Queue<string>()
      try {
        yield* timeout(5, () => map(queue, (item) => print('never', item)))
      } catch (error) {
        print(error)
      }
      queue.putNowait('item')
      print(yield* queue.get())
    },
    async async(print) {
      const queue = new Queue<string>()
      try {
        await timeout(5, () => map(queue, (item) => print('never', item)))
      } catch (error) {
        print(error)
      }
      queue.putNowait('item')
      print(await queue.get())
    },
  })

  test('the awaits of an async generator belong to the async function that goes through it', async () => {
    const trace = await traceOf(async (print) => {
      async function* source() {
        for (const n of [1, 2]) {
          await sleep(5)
          yield n
        }
        try {
          await sleep(1000)
        } finally {
          print('source cancelled at', now())
        }
      }
      try {
        await timeout(20, () => forEach(source(), (n) => print(n, 'at', now())))
      } catch (error) {
        print(error, 'at', now())
      }
    })
    expect(trace).toEqual(['1 at 5', '2 at 10', 'source cancelled at 20', 'TimeoutError at 20'])
  })
})

describe('forEach()', () => {
  bothSpellings(
    'is a loop: one call after the other, each item taken when the last call is done',
    [
      'take 1',
      'begin 1 0',
      'end 1 at 10',
      'take 2',
      'begin 2 1',
      'end 2 at 30',
      'source closed',
      'undefined',
    ],
    {
      *generator(print) {
        const result = yield* forEach(numbers(print, 2), function* (n, index) {
          print('begin', n, index)
          yield* sleep(n * 10)
          print('end', n, 'at', now())
          return n
        })
        print(result)
      },
      async async(print) {
        const result = await forEach(numbers(print, 2), async (n, index) => {
          print('begin', n, index)
          await sleep(n * 10)
          print('end', n, 'at', now())
          return n
        })
        print(result)
      },
    },
  )

  bothSpellings(
    'runs the calls in this task, and is a checkpoint only where they suspend',
    ['true true', '0', '2'],
    {
      *generator(print) {
        const own = currentTask()
        const seen: boolean[] = []
        const passes = passCounter()
        yield* forEach([1, 2], function* () {
          seen.push(currentTask() === own)
        })
        print(seen.join(' '))
        print(passes())
        yield* forEach([1, 2], () => sleep(0))
        print(passes())
      },
      async async(print) {
        const own = currentTask()
        const seen: boolean[] = []
        const passes = passCounter()
        await forEach([1, 2], async () => {
          seen.push(currentTask() === own)
        })
        print(seen.join(' '))
        print(passes())
        await forEach([1, 2], () => sleep(0))
        print(passes())
      },
    },
  )

  bothSpellings(
    'throws the plain error of a call, and closes the source',
    ['take 1', 'take 2', 'source closed', 'boom 0', 'take 1', 'source closed', 'boom 0'],
    {
      *generator(print) {
        try {
          yield* forEach(numbers(print), function* (n) {
            yield
            if (n === 2) throw 'boom'
          })
        } catch (error) {
          print(error, requests())
        }
        try {
          yield* forEach(asyncNumbers(print), () => {
            throw 'boom'
          })
        } catch (error) {
          print(error, requests())
        }
      },
      async async(print) {
        try {
          await forEach(numbers(print), async (n) => {
            await sleep(0)
            if (n === 2) throw 'boom'
          })
        } catch (error) {
          print(error, requests())
        }
        try {
          await forEach(asyncNumbers(print), () => {
            throw 'boom'
          })
        } catch (error) {
          print(error, requests())
        }
      },
    },
  )

  bothSpellings(
    'cancelled in a call, it closes the source',
    ['take 1', 'call stopped', 'source closed', 'TimeoutError 0 at 5'],
    {
      *generator(print) {
        try {
          yield* timeout(5, () =>
            forEach(numbers(print), function* () {
              try {
                yield* sleep(1000)
              } finally {
                print('call stopped')
              }
            }),
          )
        } catch (error) {
          print(error, requests(), 'at', now())
        }
      },
      async async(print) {
        try {
          await timeout(5, () =>
            forEach(numbers(print), async () => {
              try {
                await sleep(1000)
              } finally {
                print('call stopped')
              }
            }),
          )
        } catch (error) {
          print(error, requests(), 'at', now())
        }
      },
    },
  )

  bothSpellings(
    'with a concurrency above 1 the calls are children of a group: errors come out as one',
    ['other stopped', 'source closed', 'ExceptionGroup[boom]'],
    {
      *generator(print) {
        try {
          yield* forEach(
            numbers((what) => what === 'source closed' && print(what)),
            function* (n) {
              try {
                yield* sleep(n === 1 ? 5 : 1000)
                throw 'boom'
              } finally {
                if (n === 2) print('other stopped')
              }
            },
            { concurrency: 2 },
          )
        } catch (error) {
          print(shown(error))
        }
      },
      async async(print) {
        try {
          await forEach(
            numbers((what) => what === 'source closed' && print(what)),
            async (n) => {
              try {
                await sleep(n === 1 ? 5 : 1000)
                throw 'boom'
              } finally {
                if (n === 2) print('other stopped')
              }
            },
            { concurrency: 2 },
          )
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )

  bothSpellings('with a concurrency of Infinity all calls are under way at once', ['10'], {
    *generator(print) {
      yield* forEach([1, 2, 3], () => sleep(10), { concurrency: Number.POSITIVE_INFINITY })
      print(now())
    },
    async async(print) {
      await forEach([1, 2, 3], () => sleep(10), { concurrency: Number.POSITIVE_INFINITY })
      print(now())
    },
  })

  bothSpellings(
    'as in a loop, an error in closing the source does not hide the error of the call',
    [
      'closing',
      'report: Exception in closing the source of forEach() or map() bad to close',
      'boom',
      'closing',
      'report: Exception in closing the source of forEach() or map() bad to close',
      'boom',
    ],
    {
      *generator(print) {
        for (const source of [badToClose(print), badToCloseAsync(print)]) {
          try {
            yield* forEach(source, () => {
              throw 'boom'
            })
          } catch (error) {
            print(error)
          }
        }
      },
      async async(print) {
        for (const source of [badToClose(print), badToCloseAsync(print)]) {
          try {
            await forEach(source, () => {
              throw 'boom'
            })
          } catch (error) {
            print(error)
          }
        }
      },
    },
  )

  bothSpellings(
    'as in a loop, a source that fails by itself is not closed',
    ['out of paper', 'out of paper'],
    {
      *generator(print) {
        const iterator = {
          next: () => {
            throw 'out of paper'
          },
          return: () => {
            print('closed')
            return { done: true, value: undefined }
          },
        } as unknown as Iterator<number>
        for (const source of [
          { [Symbol.iterator]: () => iterator },
          { [Symbol.asyncIterator]: () => iterator },
        ]) {
          try {
            yield* forEach(source as Iterable<number>, () => {})
          } catch (error) {
            print(error)
          }
        }
      },
      async async(print) {
        const iterator = {
          next: () => {
            throw 'out of paper'
          },
          return: () => {
            print('closed')
            return { done: true, value: undefined }
          },
        } as unknown as Iterator<number>
        for (const source of [
          { [Symbol.iterator]: () => iterator },
          { [Symbol.asyncIterator]: () => iterator },
        ]) {
          try {
            await forEach(source as Iterable<number>, () => {})
          } catch (error) {
            print(error)
          }
        }
      },
    },
  )

  function* badToClose(print: Print): Generator<number, void, unknown> {
    try {
      yield 1
    } finally {
      print('closing')
      // biome-ignore lint/correctness/noUnsafeFinally: an error in closing is what this is about
      throw 'bad to close'
    }
  }

  async function* badToCloseAsync(print: Print) {
    try {
      yield 1
    } finally {
      print('closing')
      // biome-ignore lint/correctness/noUnsafeFinally: an error in closing is what this is about
      throw 'bad to close'
    }
  }
})

describe('misuse', () => {
  for (const [name, go] of [
    ['map', map],
    ['forEach', forEach],
  ] as const) {
    const through = go as (source: unknown, fn: unknown, options?: unknown) => Awaitable<unknown>

    test(`${name}() refuses what is no function, and a concurrency that cannot be`, () => {
      expect(() => through([1], undefined)).toThrow(
        expect.objectContaining({ code: 'POLVO_MISUSE', message: expect.stringContaining(`${name}()`) }),
      )
      for (const concurrency of [0, -1, 1.5, Number.NaN, '2', null]) {
        expect(() => through([1], () => 1, { concurrency }), String(concurrency)).toThrow(
          expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' }),
        )
      }
    })

    bothSpellings(
      `${name}() refuses what cannot be gone through`,
      Array(4).fill(`TypeError true POLVO_MISUSE`),
      {
        *generator(print) {
          for (const wrong of [undefined, null, 5, {}]) {
            try {
              yield* through(wrong, () => 1)
            } catch (error) {
              const { message, code } = error as Error & { code: string }
              print(error, message.startsWith(`${name}()`), code)
            }
          }
        },
        async async(print) {
          for (const wrong of [undefined, null, 5, {}]) {
            try {
              await through(wrong, () => 1)
            } catch (error) {
              const { message, code } = error as Error & { code: string }
              print(error, message.startsWith(`${name}()`), code)
            }
          }
        },
      },
    )

    for (const concurrency of [1, 2]) {
      bothSpellings(`${name}() serves one await (concurrency ${concurrency})`, ['InvalidStateError'], {
        *generator(print) {
          const once = through([1], () => 1, { concurrency })
          yield* once
          try {
            yield* once
          } catch (error) {
            print(error)
          }
        },
        async async(print) {
          const once = through([1], () => 1, { concurrency })
          await once
          try {
            await once
          } catch (error) {
            print(error)
          }
        },
      })

      test(`${name}() that is never awaited takes nothing, and is reported by name (concurrency ${concurrency})`, async () => {
        const trace = await traceOf(function* (print) {
          through(numbers(print), function visit() {}, { concurrency })
          yield
        })
        expect(trace).toEqual([
          expect.stringMatching(
            new RegExp(`^report: ${name}\\(.*visit\\(\\)\\) was created and never awaited`),
          ),
        ])
      })
    }
  }
})
