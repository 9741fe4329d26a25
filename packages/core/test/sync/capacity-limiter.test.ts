import { CapacityLimiter, createTask, getRunningLoop, sleep, type Task, timeout, use, waitFor } from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function* visit(limiter: CapacityLimiter, name: string, ms: number, print: Print) {
  try {
    yield* limiter.acquire()
  } catch (error) {
    print(name, error)
    throw error
  }
  print(name, 'in at', now())
  yield* sleep(ms)
  limiter.release()
}

async function visitAsync(limiter: CapacityLimiter, name: string, ms: number, print: Print) {
  try {
    await limiter.acquire()
  } catch (error) {
    print(name, error)
    throw error
  }
  print(name, 'in at', now())
  await sleep(ms)
  limiter.release()
}

describe('borrowing', () => {
  bothSpellings(
    'lends as many tokens as it has, to the others in the order they came',
    ['a in at 0', 'b in at 0', 'c in at 10', 'd in at 20', 'e in at 20', '<CapacityLimiter 0/2 waiting=0>'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(2)
        for (const [name, ms] of Object.entries({ a: 10, b: 20, c: 10, d: 5, e: 5 }))
          createTask(visit, limiter, name, ms, print)
        yield* sleep(100)
        print(limiter)
      },
      async async(print) {
        const limiter = new CapacityLimiter(2)
        for (const [name, ms] of Object.entries({ a: 10, b: 20, c: 10, d: 5, e: 5 }))
          createTask(visitAsync, limiter, name, ms, print)
        await sleep(100)
        print(limiter)
      },
    },
  )

  bothSpellings('acquire() gives true, and is a checkpoint only where it waits', ['true 0', 'true 2'], {
    *generator(print) {
      const limiter = new CapacityLimiter(1)
      const passes = passCounter()
      const me = {}
      print(yield* limiter.acquireOnBehalfOf(me), passes())
      // One pass until then, and one behind it.
      getRunningLoop().callSoon(() => limiter.releaseOnBehalfOf(me))
      print(yield* limiter.acquire(), passes())
    },
    async async(print) {
      const limiter = new CapacityLimiter(1)
      const passes = passCounter()
      const me = {}
      print(await limiter.acquireOnBehalfOf(me), passes())
      getRunningLoop().callSoon(() => limiter.releaseOnBehalfOf(me))
      print(await limiter.acquire(), passes())
    },
  })

  test('tells how many tokens there are, and how many are out', async () => {
    const trace = await traceOf(function* (print) {
      const limiter = new CapacityLimiter(2)
      const stand = () =>
        print(limiter.totalTokens, limiter.borrowedTokens, limiter.availableTokens, limiter.tasksWaiting)
      stand()
      for (const name of ['a', 'b', 'c']) createTask(visit, limiter, name, 5, () => {})
      yield* sleep(1)
      stand()
      yield* sleep(5)
      stand()
    })
    expect(trace).toEqual(['2 0 2 0', '2 2 0 1', '2 1 1 0'])
  })

  bothSpellings(
    'tryAcquire() borrows for the current task where there is a token and nobody waits; it never suspends',
    ['true', 'false', 'false', 'b in at 1', 'false', 'true'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(1)
        print(limiter.tryAcquire())
        yield* createTask(function* () {
          print(limiter.tryAcquire())
        })
        const b = createTask(visit, limiter, 'b', 5, print)
        yield* sleep(1)
        limiter.release()
        print(limiter.tryAcquire())
        yield* sleep(1)
        print(limiter.tryAcquire())
        yield* b
        print(limiter.tryAcquire())
      },
      async async(print) {
        const limiter = new CapacityLimiter(1)
        print(limiter.tryAcquire())
        await createTask(async () => {
          print(limiter.tryAcquire())
        })
        const b = createTask(visitAsync, limiter, 'b', 5, print)
        await sleep(1)
        limiter.release()
        print(limiter.tryAcquire())
        await sleep(1)
        print(limiter.tryAcquire())
        await b
        print(limiter.tryAcquire())
      },
    },
  )

  bothSpellings(
    'a token that comes back while the last heir has not run yet is there for a newcomer',
    ['newcomer in at 1', 'heir in at 1', '<CapacityLimiter 2/2 waiting=0>'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(2)
        const [a, b] = [{}, {}]
        yield* limiter.acquireOnBehalfOf(a)
        yield* limiter.acquireOnBehalfOf(b)
        createTask(visit, limiter, 'heir', 100, print)
        yield* sleep(1)
        limiter.releaseOnBehalfOf(a)
        limiter.releaseOnBehalfOf(b)
        createTask({ eager: true }, visit, limiter, 'newcomer', 100, print)
        yield* sleep(1)
        print(limiter)
      },
      async async(print) {
        const limiter = new CapacityLimiter(2)
        const [a, b] = [{}, {}]
        await limiter.acquireOnBehalfOf(a)
        await limiter.acquireOnBehalfOf(b)
        createTask(visitAsync, limiter, 'heir', 100, print)
        await sleep(1)
        limiter.releaseOnBehalfOf(a)
        limiter.releaseOnBehalfOf(b)
        createTask({ eager: true }, visit, limiter, 'newcomer', 100, print)
        await sleep(1)
        print(limiter)
      },
    },
  )

  bothSpellings(
    'an infinite number of tokens counts who is in, and never waits',
    ['1000 in, Infinity left'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(Number.POSITIVE_INFINITY)
        for (let i = 0; i < 1000; i++) yield* limiter.acquireOnBehalfOf({})
        print(limiter.borrowedTokens, `in, ${limiter.availableTokens} left`)
      },
      async async(print) {
        const limiter = new CapacityLimiter(Number.POSITIVE_INFINITY)
        for (let i = 0; i < 1000; i++) await limiter.acquireOnBehalfOf({})
        print(limiter.borrowedTokens, `in, ${limiter.availableTokens} left`)
      },
    },
  )
})

describe('borrowers', () => {
  bothSpellings(
    'nobody takes two: a second one is refused at once, though there are tokens',
    ['InvalidStateError', 'InvalidStateError', 'InvalidStateError', '1'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(3)
        yield* limiter.acquire()
        for (const act of [() => limiter.acquire(), () => use(limiter, () => {})]) {
          try {
            yield* act()
          } catch (error) {
            print(error)
          }
        }
        try {
          limiter.tryAcquire()
        } catch (error) {
          print(error)
        }
        print(limiter.borrowedTokens)
      },
      async async(print) {
        const limiter = new CapacityLimiter(3)
        await limiter.acquire()
        for (const act of [() => limiter.acquire(), () => use(limiter, () => {})]) {
          try {
            await act()
          } catch (error) {
            print(error)
          }
        }
        try {
          limiter.tryAcquire()
        } catch (error) {
          print(error)
        }
        print(limiter.borrowedTokens)
      },
    },
  )

  bothSpellings(
    'a task cannot give back what it has not borrowed; the error names it and the limiter',
    ["InvalidStateError <Task pending name='other' <CapacityLimiter 1/2 waiting=0>", '1'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(2)
        yield* limiter.acquire()
        yield* createTask({ name: 'other' }, function* () {
          try {
            limiter.release()
          } catch (error) {
            print(
              error,
              ...((error as Error).message.match(/<Task pending name='other'|<Capacity[^>]*>/g) ?? []),
            )
          }
        })
        print(limiter.borrowedTokens)
      },
      async async(print) {
        const limiter = new CapacityLimiter(2)
        await limiter.acquire()
        await createTask({ name: 'other' }, async () => {
          try {
            limiter.release()
          } catch (error) {
            print(
              error,
              ...((error as Error).message.match(/<Task pending name='other'|<Capacity[^>]*>/g) ?? []),
            )
          }
        })
        print(limiter.borrowedTokens)
      },
    },
  )

  bothSpellings('any object may be a borrower, and its token given back by another task', ['1', '0'], {
    *generator(print) {
      const limiter = new CapacityLimiter(1)
      const connection = {}
      yield* limiter.acquireOnBehalfOf(connection)
      print(limiter.borrowedTokens)
      yield* createTask(function* () {
        limiter.releaseOnBehalfOf(connection)
      })
      print(limiter.borrowedTokens)
    },
    async async(print) {
      const limiter = new CapacityLimiter(1)
      const connection = {}
      await limiter.acquireOnBehalfOf(connection)
      print(limiter.borrowedTokens)
      await createTask(async () => limiter.releaseOnBehalfOf(connection))
      print(limiter.borrowedTokens)
    },
  })

  bothSpellings(
    'two waits on behalf of one borrower do not both get a token',
    ['first in', 'InvalidStateError or still waiting', 'borrowed 1'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(1)
        const [other, borrower] = [{}, {}]
        yield* limiter.acquireOnBehalfOf(other)
        const [first, second] = [0, 1].map(() =>
          createTask(function* () {
            yield* limiter.acquireOnBehalfOf(borrower)
          }),
        )
        yield* sleep(1)
        limiter.totalTokens = 5
        limiter.releaseOnBehalfOf(other)
        yield* sleep(1)
        print(first?.done() && first.exception() === null ? 'first in' : 'first out')
        const isIn = second?.done() && second.exception() === null
        print(isIn ? 'second in as well' : 'InvalidStateError or still waiting')
        print('borrowed', limiter.borrowedTokens)
      },
      async async(print) {
        const limiter = new CapacityLimiter(1)
        const [other, borrower] = [{}, {}]
        await limiter.acquireOnBehalfOf(other)
        const [first, second] = [0, 1].map(() =>
          createTask(async () => {
            await limiter.acquireOnBehalfOf(borrower)
          }),
        )
        await sleep(1)
        limiter.totalTokens = 5
        limiter.releaseOnBehalfOf(other)
        await sleep(1)
        print(first?.done() && first.exception() === null ? 'first in' : 'first out')
        const isIn = second?.done() && second.exception() === null
        print(isIn ? 'second in as well' : 'InvalidStateError or still waiting')
        print('borrowed', limiter.borrowedTokens)
      },
    },
  )

  test('outside any task there is nobody to borrow for: the error says to name somebody', () => {
    const limiter = new CapacityLimiter(1)
    for (const act of [() => limiter.tryAcquire(), () => limiter.release()]) {
      expect(act).toThrow(expect.objectContaining({ code: 'POLVO_INVALID_STATE' }))
      expect(act).toThrow(/acquireOnBehalfOf\(borrower\)/)
    }
    expect(limiter.borrowedTokens).toBe(0)
  })
})

describe('totalTokens', () => {
  bothSpellings(
    'growing wakes as many waiters as there are new tokens, in order',
    ['-', 'b in at 1', 'c in at 1', 'd in at 6'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(1)
        yield* limiter.acquire()
        for (const name of ['b', 'c', 'd']) createTask(visit, limiter, name, 5, print)
        yield* sleep(1)
        print('-')
        limiter.totalTokens = 3
        yield* sleep(20)
      },
      async async(print) {
        const limiter = new CapacityLimiter(1)
        await limiter.acquire()
        for (const name of ['b', 'c', 'd']) createTask(visitAsync, limiter, name, 5, print)
        await sleep(1)
        print('-')
        limiter.totalTokens = 3
        await sleep(20)
      },
    },
  )

  bothSpellings(
    'shrinking takes nothing back, and lends nothing until enough has come back',
    ['1 3 -2', '-1', '0', '1 1 0', 'd in at 3'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(3)
        const borrowers = [{}, {}, {}]
        for (const borrower of borrowers) yield* limiter.acquireOnBehalfOf(borrower)
        limiter.totalTokens = 1
        print(limiter.totalTokens, limiter.borrowedTokens, limiter.availableTokens)
        createTask(visit, limiter, 'd', 5, print)
        for (const borrower of borrowers) {
          yield* sleep(1)
          limiter.releaseOnBehalfOf(borrower)
          const { totalTokens, borrowedTokens, availableTokens } = limiter
          print(...(borrower === borrowers[2] ? [totalTokens, borrowedTokens] : []), availableTokens)
        }
        yield* sleep(1)
      },
      async async(print) {
        const limiter = new CapacityLimiter(3)
        const borrowers = [{}, {}, {}]
        for (const borrower of borrowers) await limiter.acquireOnBehalfOf(borrower)
        limiter.totalTokens = 1
        print(limiter.totalTokens, limiter.borrowedTokens, limiter.availableTokens)
        createTask(visitAsync, limiter, 'd', 5, print)
        for (const borrower of borrowers) {
          await sleep(1)
          limiter.releaseOnBehalfOf(borrower)
          const { totalTokens, borrowedTokens, availableTokens } = limiter
          print(...(borrower === borrowers[2] ? [totalTokens, borrowedTokens] : []), availableTokens)
        }
        await sleep(1)
      },
    },
  )

  refuses('totalTokens', [0, -1, 1.5, Number.NaN, '2', null], (total) => {
    new CapacityLimiter(1).totalTokens = total
  })
})

describe('cancelling', () => {
  bothSpellings(
    'a waiter borrows nothing, and leaves the line',
    ['b CancelledError', 'c in at 2', '<CapacityLimiter 0/1 waiting=0>'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(1)
        yield* limiter.acquire()
        const [b] = ['b', 'c'].map((name) => createTask(visit, limiter, name, 1, print))
        yield* sleep(1)
        b?.cancel()
        yield* sleep(1)
        limiter.release()
        yield* sleep(5)
        print(limiter)
      },
      async async(print) {
        const limiter = new CapacityLimiter(1)
        await limiter.acquire()
        const [b] = ['b', 'c'].map((name) => createTask(visitAsync, limiter, name, 1, print))
        await sleep(1)
        b?.cancel()
        await sleep(1)
        limiter.release()
        await sleep(5)
        print(limiter)
      },
    },
  )

  bothSpellings(
    'an heir that is cancelled before it could go on hands its token to the next',
    ['b CancelledError', 'c in at 1', '<CapacityLimiter 0/1 waiting=0>'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(1)
        yield* limiter.acquire()
        const [b] = ['b', 'c'].map((name) => createTask(visit, limiter, name, 1, print))
        yield* sleep(1)
        limiter.release()
        b?.cancel()
        yield* sleep(5)
        print(limiter)
      },
      async async(print) {
        const limiter = new CapacityLimiter(1)
        await limiter.acquire()
        const [b] = ['b', 'c'].map((name) => createTask(visitAsync, limiter, name, 1, print))
        await sleep(1)
        limiter.release()
        b?.cancel()
        await sleep(5)
        print(limiter)
      },
    },
  )

  test('a borrower whose wait was cancelled may wait again at once', async () => {
    const trace = await traceOf(function* (print) {
      const limiter = new CapacityLimiter(1)
      const [other, borrower] = [{}, {}]
      yield* limiter.acquireOnBehalfOf(other)
      const first = createTask(limiter.acquireOnBehalfOf(borrower))
      yield* sleep(1)
      first.cancel()
      print(limiter)
      createTask({ eager: true }, function* () {
        print(yield* limiter.acquireOnBehalfOf(borrower))
      })
      print(limiter)
      limiter.releaseOnBehalfOf(other)
      yield* sleep(1)
      print(limiter)
    })
    expect(trace).toEqual([
      '<CapacityLimiter 1/1 waiting=0>',
      '<CapacityLimiter 1/1 waiting=1>',
      'true',
      '<CapacityLimiter 1/1 waiting=0>',
    ])
  })

  bothSpellings('a time limit on acquire() borrows nothing when it is over', ['TimeoutError', '0', 'true'], {
    *generator(print) {
      const limiter = new CapacityLimiter(1)
      const other = {}
      yield* limiter.acquireOnBehalfOf(other)
      try {
        yield* waitFor(limiter.acquire(), 5)
      } catch (error) {
        print(error)
      }
      limiter.releaseOnBehalfOf(other)
      print(limiter.borrowedTokens)
      print(yield* waitFor(limiter.acquire(), 5))
    },
    async async(print) {
      const limiter = new CapacityLimiter(1)
      const other = {}
      await limiter.acquireOnBehalfOf(other)
      try {
        await waitFor(limiter.acquire(), 5)
      } catch (error) {
        print(error)
      }
      limiter.releaseOnBehalfOf(other)
      print(limiter.borrowedTokens)
      print(await waitFor(limiter.acquire(), 5))
    },
  })
})

describe('as a resource', () => {
  bothSpellings(
    'use() and hold() borrow a token for a block, and give it back',
    ['1', '0', '1', '0', 'boom'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(1)
        {
          using _held = yield* limiter.hold()
          print(limiter.borrowedTokens)
        }
        print(limiter.borrowedTokens)
        try {
          yield* use(limiter, function* () {
            yield
            print(limiter.borrowedTokens)
            throw 'boom'
          })
        } catch (error) {
          print(limiter.borrowedTokens)
          print(error)
        }
      },
      async async(print) {
        const limiter = new CapacityLimiter(1)
        {
          using _held = await limiter.hold()
          print(limiter.borrowedTokens)
        }
        print(limiter.borrowedTokens)
        try {
          await use(limiter, async () => {
            await sleep(0)
            print(limiter.borrowedTokens)
            throw 'boom'
          })
        } catch (error) {
          print(limiter.borrowedTokens)
          print(error)
        }
      },
    },
  )

  bothSpellings('a hold may be given back in another task, and a task may have several', ['2', '1', '0'], {
    *generator(print) {
      const limiter = new CapacityLimiter(2)
      const first = yield* limiter.hold()
      const second = yield* limiter.hold()
      print(limiter.borrowedTokens)
      yield* createTask(function* () {
        first.release()
      })
      print(limiter.borrowedTokens)
      second.release()
      second.release()
      print(limiter.borrowedTokens)
    },
    async async(print) {
      const limiter = new CapacityLimiter(2)
      const first = await limiter.hold()
      const second = await limiter.hold()
      print(limiter.borrowedTokens)
      await createTask(async () => first.release())
      print(limiter.borrowedTokens)
      second.release()
      second.release()
      print(limiter.borrowedTokens)
    },
  })

  bothSpellings(
    'the token comes back when the body that used it would not stop, and is ended',
    ['TimeoutError', '<CapacityLimiter 0/1 waiting=0>'],
    {
      *generator(print) {
        const limiter = new CapacityLimiter(1)
        createTask(function* () {
          for (let i = 0; i < 50; i++) yield* sleep(1)
        })
        try {
          yield* timeout(10, () =>
            use(limiter, function* () {
              for (;;) {
                try {
                  yield* sleep(1000)
                } catch {}
              }
            }),
          )
        } catch (error) {
          print(error)
        }
        yield* sleep(1)
        print(limiter)
      },
      async async(print) {
        const limiter = new CapacityLimiter(1)
        createTask(async () => {
          for (let i = 0; i < 50; i++) await sleep(1)
        })
        try {
          await timeout(10, () =>
            use(limiter, async () => {
              for (;;) {
                try {
                  await sleep(1000)
                } catch {}
              }
            }),
          )
        } catch (error) {
          print(error)
        }
        await sleep(1)
        print(limiter)
      },
    },
    { cancelGrace: 10, hideReports: true },
  )
})

describe('misuse', () => {
  refuses(
    'a limiter',
    [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, '2', null],
    (total) => new CapacityLimiter(total),
  )

  keepsTheOperationContract('capacityLimiter.acquire()', () => new CapacityLimiter(1).acquire())
  keepsTheOperationContract('capacityLimiter.hold()', () => new CapacityLimiter(1).hold())
})

test('under random visits, cancellations and sizes it is never overcrowded, serves in order, and ends empty', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const roll = (sides: number) => Math.floor(random() * sides)
      const program = `seed ${seed}, ${spelling}`
      await runVirtual(function* () {
        const limiter = new CapacityLimiter(1 + roll(3))
        const arrived: number[] = []
        const served: number[] = []
        let inside = 0
        const enter = (i: number) => {
          served.push(i)
          inside++
          expect(limiter.borrowedTokens, `${program}: ${i} enters`).toBeGreaterThanOrEqual(inside)
        }
        const leave = () => {
          inside--
          limiter.release()
        }
        const tasks: Task<void>[] = Array.from({ length: 20 }, (_, i) => {
          const [arrival, stay] = [roll(8), roll(4)]
          if (spelling === 'async')
            return createTask(async () => {
              await sleep(arrival)
              arrived.push(i)
              await limiter.acquire()
              enter(i)
              try {
                await sleep(stay)
              } finally {
                leave()
              }
            })
          return createTask(function* () {
            yield* sleep(arrival)
            arrived.push(i)
            yield* limiter.acquire()
            enter(i)
            try {
              yield* sleep(stay)
            } finally {
              leave()
            }
          })
        })
        let largest = limiter.totalTokens
        for (const task of tasks) {
          if (random() < 0.3) getRunningLoop().callAt(roll(16), () => task.cancel())
        }
        for (let i = 0; i < 4; i++) {
          const total = 1 + roll(4)
          largest = Math.max(largest, total)
          getRunningLoop().callAt(roll(12), () => {
            limiter.totalTokens = total
          })
        }
        for (let ms = 0; ms < 100; ms++) {
          expect(inside, program).toBeLessThanOrEqual(largest)
          // Nobody waits while there is a token.
          if (limiter.availableTokens > 0)
            expect(limiter.tasksWaiting, `${program} at ${ms}: ${limiter}`).toBe(0)
          yield* sleep(1)
          for (let i = 0; i < 5; i++) yield
        }
        for (const task of tasks) expect(task.done(), `${program}: ${task}`).toBe(true)
        expect(served, program).toEqual(arrived.filter((i) => served.includes(i)))
        expect(limiter.borrowedTokens, program).toBe(0)
      })
    }
  }
})

test('the refusal says whether a borrower has a token, or waits for one', async () => {
  const trace = await traceOf(function* (print) {
    const limiter = new CapacityLimiter(1)
    const [one, other] = [{}, {}]
    yield* limiter.acquireOnBehalfOf(one)
    createTask(() => limiter.acquireOnBehalfOf(other))
    yield
    for (const borrower of [one, other]) {
      try {
        yield* limiter.acquireOnBehalfOf(borrower)
      } catch (error) {
        print(error, /(has|waits for) a token/.exec((error as Error).message)?.[1])
      }
    }
    limiter.releaseOnBehalfOf(one)
    yield
  })
  expect(trace).toEqual(['InvalidStateError has', 'InvalidStateError waits for'])
})

test('one that is given up by hand has left the line', async () => {
  const trace = await traceOf(function* (print) {
    const limiter = new CapacityLimiter(1)
    yield* limiter.acquire()
    const byHand = limiter.acquireOnBehalfOf({})[Symbol.iterator]()
    byHand.next()
    print(limiter.tasksWaiting)
    byHand.return?.()
    print(limiter.tasksWaiting)
    const next = createTask(visit, limiter, 'next', 1, print)
    yield
    limiter.release()
    yield* next
  })
  expect(trace).toEqual(['1', '0', 'next in at 0'])
})
