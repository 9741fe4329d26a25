import { createTask, retry, sleep, TimeoutError, timeout, wait } from 'polvo'
import { describe, expect, test } from 'vitest'
import { now, requests } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** Without chance the delays can be told. */
const steady = { jitter: 0 }

/** A body that fails until its attempt of that number. */
const succeedsAt = (success: number, print: Print) =>
  function* (attempt: number) {
    print('attempt', attempt, 'at', now())
    yield
    if (attempt < success) throw new RangeError(`attempt ${attempt} failed`)
    return 'result'
  }

const asyncSucceedsAt = (success: number, print: Print) => async (attempt: number) => {
  print('attempt', attempt, 'at', now())
  await sleep(0)
  if (attempt < success) throw new RangeError(`attempt ${attempt} failed`)
  return 'result'
}

describe('trying again', () => {
  bothSpellings(
    'by default three times, the second 100 ms after the first, the third 200 ms after that',
    ['attempt 1 at 0', 'attempt 2 at 100', 'attempt 3 at 300', 'result at 300'],
    {
      *generator(print) {
        const result = yield* retry(succeedsAt(3, print), steady)
        print(result, 'at', now())
      },
      async async(print) {
        const result = await retry(asyncSucceedsAt(3, print), steady)
        print(result, 'at', now())
      },
    },
  )

  bothSpellings('stops at the first success, which costs no pass of its own', ['result 0'], {
    *generator(print) {
      const passes = passCounter()
      print(yield* retry(() => 'result'), passes())
    },
    async async(print) {
      const passes = passCounter()
      print(await retry(() => 'result'), passes())
    },
  })

  bothSpellings(
    'throws the last error when all attempts have failed',
    ['attempt 1 at 0', 'attempt 2 at 100', 'RangeError attempt 2 failed'],
    {
      *generator(print) {
        try {
          yield* retry(succeedsAt(3, print), { ...steady, attempts: 2 })
        } catch (error) {
          print(error, (error as Error).message)
        }
      },
      async async(print) {
        try {
          await retry(asyncSucceedsAt(3, print), { ...steady, attempts: 2 })
        } catch (error) {
          print(error, (error as Error).message)
        }
      },
    },
  )

  bothSpellings('just once, where that is asked for', ['attempt 1 at 0', 'RangeError at 0'], {
    *generator(print) {
      try {
        yield* retry(succeedsAt(2, print), { attempts: 1 })
      } catch (error) {
        print(error, 'at', now())
      }
    },
    async async(print) {
      try {
        await retry(asyncSucceedsAt(2, print), { attempts: 1 })
      } catch (error) {
        print(error, 'at', now())
      }
    },
  })

  bothSpellings('what a plain function throws counts as well', ['2', 'result'], {
    *generator(print) {
      let calls = 0
      const result = yield* retry(() => {
        if (++calls < 2) throw new Error('at once')
        return 'result'
      })
      print(calls)
      print(result)
    },
    async async(print) {
      let calls = 0
      const result = await retry(() => {
        if (++calls < 2) throw new Error('at once')
        return 'result'
      })
      print(calls)
      print(result)
    },
  })

  bothSpellings(
    'works with time limits on each attempt, and on all of them',
    ['slept until 10', 'slept until 40', 'TimeoutError at 50'],
    {
      *generator(print) {
        try {
          yield* timeout(50, () =>
            retry(
              function* () {
                try {
                  yield* timeout(10, () => sleep(100))
                } finally {
                  if (now() < 50) print('slept until', now())
                }
              },
              { attempts: 10, delay: 20, factor: 1, ...steady, on: TimeoutError },
            ),
          )
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        try {
          await timeout(50, () =>
            retry(
              async () => {
                try {
                  await timeout(10, () => sleep(100))
                } finally {
                  if (now() < 50) print('slept until', now())
                }
              },
              { attempts: 10, delay: 20, factor: 1, ...steady, on: TimeoutError },
            ),
          )
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
  )
})

describe('which errors', () => {
  const failures = [new RangeError('first'), new TypeError('second'), new RangeError('third')]

  bothSpellings('of a class are tried again, others are thrown at once', ['2 TypeError'], {
    *generator(print) {
      let calls = 0
      try {
        yield* retry(
          () => {
            throw failures[calls++]
          },
          { attempts: 10, on: RangeError },
        )
      } catch (error) {
        print(calls, error)
      }
    },
    async async(print) {
      let calls = 0
      try {
        await retry(
          async () => {
            throw failures[calls++]
          },
          { attempts: 10, on: RangeError },
        )
      } catch (error) {
        print(calls, error)
      }
    },
  })

  bothSpellings('a predicate accepts are tried again', ['asked first', 'asked second', '2 TypeError'], {
    *generator(print) {
      let calls = 0
      const on = (error: unknown) => {
        print('asked', (error as Error).message)
        return (error as Error).message === 'first'
      }
      try {
        yield* retry(
          () => {
            throw failures[calls++]
          },
          { attempts: 10, on },
        )
      } catch (error) {
        print(calls, error)
      }
    },
    async async(print) {
      let calls = 0
      const on = (error: unknown) => {
        print('asked', (error as Error).message)
        return (error as Error).message === 'first'
      }
      try {
        await retry(
          () => {
            throw failures[calls++]
          },
          { attempts: 10, on },
        )
      } catch (error) {
        print(calls, error)
      }
    },
  })

  bothSpellings('a cancellation never is, whatever the predicate says', ['attempt', 'cancelled'], {
    *generator(print) {
      const task = createTask(() =>
        retry(
          function* () {
            print('attempt')
            yield* sleep(100)
          },
          { on: () => true },
        ),
      )
      yield* sleep(1)
      task.cancel()
      yield* wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
    async async(print) {
      const task = createTask(() =>
        retry(
          async () => {
            print('attempt')
            await sleep(100)
          },
          { on: () => true },
        ),
      )
      await sleep(1)
      task.cancel()
      await wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
  })

  bothSpellings('a cancellation in the delay ends it as well', ['attempt 1 at 0', 'cancelled at 50', '0'], {
    *generator(print) {
      const task = createTask(() => retry(succeedsAt(5, print), steady))
      yield* sleep(50)
      task.cancel()
      yield* wait([task])
      print(task.cancelled() ? 'cancelled at' : 'not cancelled at', now())
      print(requests())
    },
    async async(print) {
      const task = createTask(() => retry(asyncSucceedsAt(5, print), steady))
      await sleep(50)
      task.cancel()
      await wait([task])
      print(task.cancelled() ? 'cancelled at' : 'not cancelled at', now())
      print(requests())
    },
  })
})

describe('the delays', () => {
  /** When each attempt begins. */
  async function timesOf(options: Parameters<typeof retry>[1]): Promise<number[]> {
    const times: number[] = []
    await traceOf(function* () {
      try {
        yield* retry(() => {
          times.push(now())
          throw new Error('again')
        }, options)
      } catch {}
    })
    return times
  }

  test.each([
    ['grow by the factor', { attempts: 5, delay: 10, factor: 3 }, [0, 10, 40, 130, 400]],
    ['stay the same with a factor of 1', { attempts: 4, delay: 10, factor: 1 }, [0, 10, 20, 30]],
    ['may shrink', { attempts: 4, delay: 40, factor: 0.5 }, [0, 40, 60, 70]],
    ['grow up to the longest', { attempts: 5, delay: 10, maxDelay: 25 }, [0, 10, 30, 55, 80]],
    ['have by default no longer one than 30 s', { attempts: 4, delay: 20_000 }, [0, 20_000, 50_000, 80_000]],
    ['may be none', { attempts: 4, delay: 0 }, [0, 0, 0, 0]],
    ['may be none but the first', { attempts: 4, delay: 5, factor: 0 }, [0, 5, 5, 5]],
  ])('%s', async (_, options, times) => {
    expect(await timesOf({ ...options, jitter: 0 })).toEqual(times)
  })

  test.each([
    [0, 0.5, [0, 100, 300]],
    [1, 0.5, [0, 50, 150]],
    [0.5, 0.5, [0, 75, 225]],
    [1, 1, [0, 0, 0]],
    [0.25, 1, [0, 75, 225]],
  ])('a random number of %d with a jitter of %d', async (random, jitter, times) => {
    expect(await timesOf({ jitter, random: () => random })).toEqual(times)
  })

  test('by default are half left to chance: between 50 and 100 ms, and 100 and 200', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const [, second = 0, third = 0] = await timesOf({ random: seeded(seed) })
      expect(second, `seed ${seed}`).toBeGreaterThanOrEqual(50)
      expect(second, `seed ${seed}`).toBeLessThanOrEqual(100)
      expect(third - second, `seed ${seed}`).toBeGreaterThanOrEqual(100)
      expect(third - second, `seed ${seed}`).toBeLessThanOrEqual(200)
    }
  })

  test('are still delays after thousands of attempts', async () => {
    const attempts = 2000
    expect((await timesOf({ attempts, delay: 0, jitter: 0 })).length).toBe(attempts)
    const times = await timesOf({ attempts, delay: 1, maxDelay: 10, jitter: 0 })
    expect(times.at(-1)).toBe(1 + 2 + 4 + 8 + 10 * (attempts - 5))
  })
})

describe('misuse', () => {
  const body = () => {}

  refuses('retry()', [5, null, 'body'], (wrong) => retry(wrong))
  refuses('retry({ attempts })', [0, -1, 1.5, Number.NaN, '3', null], (attempts) => retry(body, { attempts }))
  refuses('retry({ delay })', [-1, Number.NaN, '3', null], (delay) => retry(body, { delay }))
  refuses('retry({ factor })', [-1, Number.NaN, '3', null], (factor) => retry(body, { factor }))
  refuses('retry({ maxDelay })', [-1, Number.NaN, '3', null], (maxDelay) => retry(body, { maxDelay }))
  refuses('retry({ jitter })', [-1, 1.5, Number.NaN, '0.5', null], (jitter) => retry(body, { jitter }))
  refuses('retry({ on })', [5, 'RangeError', null], (on) => retry(body, { on }))
  refuses('retry({ random })', [5, null], (random) => retry(body, { random }))

  keepsTheOperationContract('retry(body())', () => retry(body))

  test('the body is called anew for each attempt, so a coroutine object of its own would not do', async () => {
    const trace = await traceOf(function* (print) {
      let calls = 0
      const attempt = () => {
        calls++
        return sleep(1)
      }
      yield* retry(attempt)
      print(calls)
    })
    expect(trace).toEqual(['1'])
  })
})
