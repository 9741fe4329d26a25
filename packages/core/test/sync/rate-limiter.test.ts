import { createTask, getRunningLoop, RateLimiter, sleep, type Task, wait, waitFor } from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function* take(limiter: RateLimiter, name: string, tokens: number, print: Print) {
  try {
    yield* limiter.acquire(tokens)
    print(name, 'at', now())
  } catch (error) {
    print(name, error, 'at', now())
    throw error
  }
}

async function takeAsync(limiter: RateLimiter, name: string, tokens: number, print: Print) {
  try {
    await limiter.acquire(tokens)
    print(name, 'at', now())
  } catch (error) {
    print(name, error, 'at', now())
    throw error
  }
}

describe('the rate', () => {
  bothSpellings(
    'a burst goes through at once, then tokens come in at a steady rate',
    ['1 at 0', '2 at 0', '3 at 0', '4 at 100', '5 at 200', '6 at 300'],
    {
      *generator(print) {
        const limiter = new RateLimiter(10, { burst: 3 })
        for (let i = 1; i <= 6; i++) yield* take(limiter, String(i), 1, print)
      },
      async async(print) {
        const limiter = new RateLimiter(10, { burst: 3 })
        for (let i = 1; i <= 6; i++) await takeAsync(limiter, String(i), 1, print)
      },
    },
  )

  bothSpellings('by default the period is a second, and a burst one period long', ['5 at 0', '6 at 200'], {
    *generator(print) {
      const limiter = new RateLimiter(5)
      for (let i = 1; i <= 4; i++) yield* limiter.acquire()
      for (let i = 5; i <= 6; i++) yield* take(limiter, String(i), 1, print)
    },
    async async(print) {
      const limiter = new RateLimiter(5)
      for (let i = 1; i <= 4; i++) await limiter.acquire()
      for (let i = 5; i <= 6; i++) await takeAsync(limiter, String(i), 1, print)
    },
  })

  bothSpellings(
    'what is not used is saved up to the burst, and no further; the time before the first use counts for nothing',
    ['1 at 1000', '2 at 1000', '3 at 1100', '4 at 10000', '5 at 10000', '6 at 10100'],
    {
      *generator(print) {
        const limiter = new RateLimiter(10, { burst: 2 })
        yield* sleep(1000)
        for (const i of [1, 2, 3]) yield* take(limiter, String(i), 1, print)
        yield* sleep(8900)
        for (const i of [4, 5, 6]) yield* take(limiter, String(i), 1, print)
      },
      async async(print) {
        const limiter = new RateLimiter(10, { burst: 2 })
        await sleep(1000)
        for (const i of [1, 2, 3]) await takeAsync(limiter, String(i), 1, print)
        await sleep(8900)
        for (const i of [4, 5, 6]) await takeAsync(limiter, String(i), 1, print)
      },
    },
  )

  bothSpellings(
    'first come, first served, also where the first wants more than is there',
    ['a 5 at 500', 'b 1 at 600', 'c 2 at 800'],
    {
      *generator(print) {
        const limiter = new RateLimiter(10, { burst: 5 })
        yield* limiter.acquire(5)
        const tasks = Object.entries({ a: 5, b: 1, c: 2 }).map(([name, tokens]) =>
          createTask(take, limiter, `${name} ${tokens}`, tokens, print),
        )
        yield* wait(tasks)
      },
      async async(print) {
        const limiter = new RateLimiter(10, { burst: 5 })
        await limiter.acquire(5)
        const tasks = Object.entries({ a: 5, b: 1, c: 2 }).map(([name, tokens]) =>
          createTask(takeAsync, limiter, `${name} ${tokens}`, tokens, print),
        )
        await wait(tasks)
      },
    },
  )

  bothSpellings('fractions of a token count as such', ['0.5 at 0', '0.5 at 0', '0.25 at 250'], {
    *generator(print) {
      const limiter = new RateLimiter(1)
      for (const tokens of [0.5, 0.5, 0.25]) yield* take(limiter, String(tokens), tokens, print)
    },
    async async(print) {
      const limiter = new RateLimiter(1)
      for (const tokens of [0.5, 0.5, 0.25]) await takeAsync(limiter, String(tokens), tokens, print)
    },
  })

  bothSpellings('acquire() is a checkpoint only where it waits', ['0 at 0'], {
    *generator(print) {
      const limiter = new RateLimiter(1, { per: 10 })
      const passes = passCounter()
      yield* limiter.acquire()
      print(passes(), 'at', now())
    },
    async async(print) {
      const limiter = new RateLimiter(1, { per: 10 })
      const passes = passCounter()
      await limiter.acquire()
      print(passes(), 'at', now())
    },
  })

  for (const rate of [0.001, 1, 3, 7, 1000, 12345]) {
    test(`${rate} a second is kept after a week as in the first minute`, async () => {
      const trace = await traceOf(function* (print) {
        const limiter = new RateLimiter(rate, { burst: 1 })
        for (const week of [0, 1]) {
          yield* sleep(7 * 24 * 3600_000 * week)
          yield* limiter.acquire()
          const began = now()
          for (let i = 0; i < 100; i++) yield* limiter.acquire()
          const [expected, took] = [100_000 / rate, now() - began]
          print(Math.abs(took - expected) < 1e-3 * expected ? 'as told' : `${took} and not ${expected}`)
        }
      })
      expect(trace).toEqual(['as told', 'as told'])
    })
  }
})

bothSpellings('a rate without end never waits', ['true', 'true', 'at 0'], {
  *generator(print) {
    const limiter = new RateLimiter(Number.POSITIVE_INFINITY)
    for (let i = 0; i < 1000; i++) yield* limiter.acquire(1000)
    print(limiter.tryAcquire())
    print(limiter.tryAcquire(1000))
    print('at', now())
  },
  async async(print) {
    const limiter = new RateLimiter(Number.POSITIVE_INFINITY)
    for (let i = 0; i < 1000; i++) await limiter.acquire(1000)
    print(limiter.tryAcquire())
    print(limiter.tryAcquire(1000))
    print('at', now())
  },
})

test('a rate below 1 gives one token at a time', async () => {
  const seconds = await runVirtual(function* () {
    const limiter = new RateLimiter(0.5)
    yield* limiter.acquire()
    yield* limiter.acquire()
    return getRunningLoop().time() / 1000
  })
  expect(seconds).toBeCloseTo(2)
})

test('a period without end is refused', () => {
  expect(() => new RateLimiter(1, { per: Number.POSITIVE_INFINITY, burst: 3 })).toThrow(RangeError)
})

test('waiting for a last crumb of a token never spins, however late it is and high the rate', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed)
    const [began, rate] = [10 ** (9 * random()), 10 ** (1 + 6 * random())]
    const program = runVirtual(
      function* () {
        yield* sleep(began)
        const limiter = new RateLimiter(rate, { burst: 1 })
        for (let i = 0; i < 30; i++) yield* limiter.acquire(0.3 + 0.7 * random())
        return 'through'
      },
      { signal: AbortSignal.timeout(2000) },
    )
    const outcome = await program.catch(() => 'spins')
    expect(outcome, `seed ${seed}: ${rate}/s from ${began} ms on`).toBe('through')
  }
})

describe('tryAcquire()', () => {
  bothSpellings(
    'takes tokens where they are there, and never suspends',
    ['true', 'true', 'false', 'true', 'false'],
    {
      *generator(print) {
        const limiter = new RateLimiter(10, { burst: 3 })
        print(limiter.tryAcquire())
        print(limiter.tryAcquire(2))
        print(limiter.tryAcquire())
        yield* sleep(100)
        print(limiter.tryAcquire())
        print(limiter.tryAcquire())
      },
      async async(print) {
        const limiter = new RateLimiter(10, { burst: 3 })
        print(limiter.tryAcquire())
        print(limiter.tryAcquire(2))
        print(limiter.tryAcquire())
        await sleep(100)
        print(limiter.tryAcquire())
        print(limiter.tryAcquire())
      },
    },
  )

  bothSpellings('overtakes nobody who waits', ['false', 'waiter at 300'], {
    *generator(print) {
      const limiter = new RateLimiter(10, { burst: 3 })
      yield* limiter.acquire(3)
      const waiter = createTask(take, limiter, 'waiter', 3, print)
      yield* sleep(200)
      print(limiter.tryAcquire())
      yield* waiter
    },
    async async(print) {
      const limiter = new RateLimiter(10, { burst: 3 })
      await limiter.acquire(3)
      const waiter = createTask(takeAsync, limiter, 'waiter', 3, print)
      await sleep(200)
      print(limiter.tryAcquire())
      await waiter
    },
  })

  bothSpellings(
    'nor one whose turn has just come, because the one before gave up',
    ['first CancelledError at 200', 'tried false', 'second at 200'],
    {
      *generator(print) {
        const limiter = new RateLimiter(10, { burst: 3 })
        yield* limiter.acquire(3)
        const first = createTask(take, limiter, 'first', 3, (...line) => {
          print(...line)
          print('tried', limiter.tryAcquire())
        })
        createTask(take, limiter, 'second', 2, print)
        getRunningLoop().callAt(200, () => first.cancel())
        yield* wait([first])
        yield* sleep(100)
      },
      async async(print) {
        const limiter = new RateLimiter(10, { burst: 3 })
        await limiter.acquire(3)
        const first = createTask(takeAsync, limiter, 'first', 3, (...line) => {
          print(...line)
          print('tried', limiter.tryAcquire())
        })
        createTask(takeAsync, limiter, 'second', 2, print)
        getRunningLoop().callAt(200, () => first.cancel())
        await wait([first])
        await sleep(100)
      },
    },
  )

  test('works outside any run', () => {
    const limiter = new RateLimiter(1, { per: 3600_000 })
    expect([limiter.tryAcquire(), limiter.tryAcquire()]).toEqual([true, false])
  })
})

describe('cancelling', () => {
  bothSpellings(
    'takes no token: what has come in is for the next in line',
    ['a CancelledError at 150', 'b at 200', '<RateLimiter 10/s burst=2 waiting=0>'],
    {
      *generator(print) {
        const limiter = new RateLimiter(10, { burst: 2 })
        yield* limiter.acquire(2)
        const a = createTask(take, limiter, 'a', 2, print)
        const b = createTask(take, limiter, 'b', 2, print)
        getRunningLoop().callAt(150, () => a.cancel())
        yield* b
        print(limiter)
      },
      async async(print) {
        const limiter = new RateLimiter(10, { burst: 2 })
        await limiter.acquire(2)
        const a = createTask(takeAsync, limiter, 'a', 2, print)
        const b = createTask(takeAsync, limiter, 'b', 2, print)
        getRunningLoop().callAt(150, () => a.cancel())
        await b
        print(limiter)
      },
    },
  )

  bothSpellings(
    'of one in the middle of the line leaves the others in order',
    ['b CancelledError at 50', 'a at 100', 'c at 200'],
    {
      *generator(print) {
        const limiter = new RateLimiter(10, { burst: 1 })
        yield* limiter.acquire()
        const [, b, c] = ['a', 'b', 'c'].map((name) =>
          createTask(take, limiter, name, 1, print),
        ) as Task<void>[]
        getRunningLoop().callAt(50, () => b?.cancel())
        yield* wait([c as Task<void>])
      },
      async async(print) {
        const limiter = new RateLimiter(10, { burst: 1 })
        await limiter.acquire()
        const [, b, c] = ['a', 'b', 'c'].map((name) => createTask(takeAsync, limiter, name, 1, print))
        getRunningLoop().callAt(50, () => b?.cancel())
        await wait([c as Task<void>])
      },
    },
  )

  bothSpellings('a time limit shorter than the wait takes nothing', ['TimeoutError at 50', 'true'], {
    *generator(print) {
      const limiter = new RateLimiter(10, { burst: 1 })
      yield* limiter.acquire()
      try {
        yield* waitFor(limiter.acquire(), 50)
      } catch (error) {
        print(error, 'at', now())
      }
      yield* sleep(50)
      print(limiter.tryAcquire())
    },
    async async(print) {
      const limiter = new RateLimiter(10, { burst: 1 })
      await limiter.acquire()
      try {
        await waitFor(limiter.acquire(), 50)
      } catch (error) {
        print(error, 'at', now())
      }
      await sleep(50)
      print(limiter.tryAcquire())
    },
  })
})

describe('misuse', () => {
  const notAbove0 = [0, -1, Number.NaN, '2', null]

  refuses('a rate', notAbove0, (rate) => new RateLimiter(rate))
  refuses('a period', notAbove0, (per) => new RateLimiter(1, { per }))
  refuses('a burst', notAbove0, (burst) => new RateLimiter(1, { burst }))
  refuses('acquire()', [...notAbove0, 4, Number.POSITIVE_INFINITY], (tokens) =>
    new RateLimiter(10, { burst: 3 }).acquire(tokens),
  )
  refuses('tryAcquire()', [...notAbove0, 4], (tokens) => new RateLimiter(10, { burst: 3 }).tryAcquire(tokens))

  test('the error for more than the burst says how many there can be', () => {
    expect(() => new RateLimiter(10, { burst: 3 }).acquire(4)).toThrow(/up to 3 tokens/)
  })

  keepsTheOperationContract('rateLimiter.acquire(1)', () => new RateLimiter(1).acquire())
})

test('under random requests and cancellations nobody is early, and those served come in order', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const roll = (sides: number) => Math.floor(random() * sides)
      const program = `seed ${seed}, ${spelling}`
      await runVirtual(function* () {
        const [rate, burst] = [1 + roll(20), 1 + roll(5)]
        const limiter = new RateLimiter(rate, { burst })
        const arrived: number[] = []
        const served: number[] = []
        let taken = 0
        const entered = (i: number, tokens: number) => {
          served.push(i)
          taken += tokens
          const allowed = burst + (rate * now()) / 1000
          expect(taken, `${program}: ${i} at ${now()}`).toBeLessThanOrEqual(allowed + 1e-6)
        }
        const tasks = Array.from({ length: 15 }, (_, i) => {
          const [arrival, tokens] = [roll(1000), 1 + roll(burst)]
          if (spelling === 'async')
            return createTask(async () => {
              await sleep(arrival)
              arrived.push(i)
              await limiter.acquire(tokens)
              entered(i, tokens)
            })
          return createTask(function* () {
            yield* sleep(arrival)
            arrived.push(i)
            yield* limiter.acquire(tokens)
            entered(i, tokens)
          })
        })
        for (const task of tasks) {
          if (random() < 0.3) getRunningLoop().callAt(roll(2000), () => task.cancel())
        }
        yield* sleep(100_000)
        for (const task of tasks) expect(task.done(), `${program}: ${task}`).toBe(true)
        expect(served, program).toEqual(arrived.filter((i) => served.includes(i)))
      })
    }
  }
})

test('what comes in within a period is there at its end, whatever the sum of the fractions is', async () => {
  await runVirtual(function* () {
    for (let rate = 3; rate < 60; rate++) {
      const limiter = new RateLimiter(rate)
      for (let i = 0; i < rate; i++) expect(limiter.tryAcquire()).toBe(true)
      yield* sleep(1000)
      expect(limiter.tryAcquire(rate), `${rate} a second`).toBe(true)
    }
  })
})
