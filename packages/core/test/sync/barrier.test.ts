import {
  Barrier,
  BrokenBarrierError,
  createTask,
  getRunningLoop,
  rethrowCancelled,
  sleep,
  timeout,
  use,
  wait,
  waitFor,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function* party(barrier: Barrier, name: string, print: Print) {
  try {
    print(name, yield* barrier.wait(), 'at', now())
  } catch (error) {
    print(name, error, 'at', now())
    rethrowCancelled(error)
  }
}

async function partyAsync(barrier: Barrier, name: string, print: Print) {
  try {
    print(name, await barrier.wait(), 'at', now())
  } catch (error) {
    print(name, error, 'at', now())
    rethrowCancelled(error)
  }
}

describe('filling and draining', () => {
  bothSpellings(
    'the parties wait for each other, and go on together with their numbers; again and again',
    [
      'c 2 at 5',
      'a 0 at 5',
      'b 1 at 5',
      '<Barrier filling 0/3>',
      'f 2 at 6',
      'd 0 at 6',
      'e 1 at 6',
      '<Barrier filling 0/3>',
    ],
    {
      *generator(print) {
        const barrier = new Barrier(3)
        for (const name of ['a', 'b']) createTask(party, barrier, name, print)
        yield* sleep(5)
        createTask(party, barrier, 'c', print)
        yield* sleep(1)
        print(barrier)
        for (const name of ['d', 'e', 'f']) createTask(party, barrier, name, print)
        yield* sleep(1)
        print(barrier)
      },
      async async(print) {
        const barrier = new Barrier(3)
        for (const name of ['a', 'b']) createTask(partyAsync, barrier, name, print)
        await sleep(5)
        createTask(partyAsync, barrier, 'c', print)
        await sleep(1)
        print(barrier)
        for (const name of ['d', 'e', 'f']) createTask(partyAsync, barrier, name, print)
        await sleep(1)
        print(barrier)
      },
    },
  )

  bothSpellings(
    'parties, nWaiting and broken tell how it stands',
    ['3 0 false', '3 1 false', '3 2 false', 'c 2 at 2', 'a 0 at 2', 'b 1 at 2', '3 0 false'],
    {
      *generator(print) {
        const barrier = new Barrier(3)
        const stand = () => print(barrier.parties, barrier.nWaiting, barrier.broken)
        for (const name of ['a', 'b', 'c']) {
          stand()
          createTask(party, barrier, name, print)
          yield* sleep(1)
        }
        stand()
      },
      async async(print) {
        const barrier = new Barrier(3)
        const stand = () => print(barrier.parties, barrier.nWaiting, barrier.broken)
        for (const name of ['a', 'b', 'c']) {
          stand()
          createTask(partyAsync, barrier, name, print)
          await sleep(1)
        }
        stand()
      },
    },
  )

  bothSpellings('a barrier for one lets everybody through, and is no checkpoint', ['0', '0', '0'], {
    *generator(print) {
      const barrier = new Barrier(1)
      const passes = passCounter()
      print(yield* barrier.wait())
      print(yield* barrier.wait())
      print(passes())
    },
    async async(print) {
      const barrier = new Barrier(1)
      const passes = passCounter()
      print(await barrier.wait())
      print(await barrier.wait())
      print(passes())
    },
  })

  bothSpellings('wait() is a checkpoint for all but the last', ['last 1 after 0', 'first 0 after 2'], {
    *generator(print) {
      const barrier = new Barrier(2)
      const passes = passCounter()
      createTask(function* () {
        const before = passes()
        print('last', yield* barrier.wait(), 'after', passes() - before)
      })
      print('first', yield* barrier.wait(), 'after', passes())
    },
    async async(print) {
      const barrier = new Barrier(2)
      const passes = passCounter()
      createTask(async () => {
        const before = passes()
        print('last', await barrier.wait(), 'after', passes() - before)
      })
      print('first', await barrier.wait(), 'after', passes())
    },
  })

  bothSpellings(
    'one that comes while the others leave stands aside, and is the first of the next round',
    ['b 1 at 1', '<Barrier draining 1/2>', '0', 'a 0 at 1', '<Barrier filling 1/2>', 'd 1 at 2', 'c 0 at 2'],
    {
      *generator(print) {
        const barrier = new Barrier(2)
        createTask(party, barrier, 'a', print)
        yield* sleep(1)
        createTask({ eager: true }, party, barrier, 'b', print)
        print(barrier)
        createTask({ eager: true }, party, barrier, 'c', print)
        print(barrier.nWaiting)
        yield* sleep(1)
        print(barrier)
        createTask(party, barrier, 'd', print)
        yield* sleep(1)
      },
      async async(print) {
        const barrier = new Barrier(2)
        createTask(partyAsync, barrier, 'a', print)
        await sleep(1)
        const b = barrier.wait()
        print('b', await b, 'at', now())
        print(barrier)
        createTask({ eager: true }, party, barrier, 'c', print)
        print(barrier.nWaiting)
        await sleep(1)
        print(barrier)
        createTask(partyAsync, barrier, 'd', print)
        await sleep(1)
      },
    },
  )

  bothSpellings('use() runs its body with the number, once all have arrived', ['b in 1', 'a in 0', 'free'], {
    *generator(print) {
      const barrier = new Barrier(2)
      const a = createTask(() => use(barrier, (number) => print('a in', number)))
      yield* sleep(1)
      yield* use(barrier, function* (number) {
        print('b in', number)
      })
      yield* a
      print(barrier.nWaiting === 0 ? 'free' : 'taken')
    },
    async async(print) {
      const barrier = new Barrier(2)
      const a = createTask(() => use(barrier, (number) => print('a in', number)))
      await sleep(1)
      await use(barrier, async (number) => print('b in', number))
      await a
      print(barrier.nWaiting === 0 ? 'free' : 'taken')
    },
  })
})

describe('cancelling', () => {
  bothSpellings(
    'a waiter is not counted any more',
    ['a CancelledError at 1', '<Barrier filling 1/3>', 'd 2 at 2', 'b 1 at 2', 'c 1 at 2'],
    {
      *generator(print) {
        const barrier = new Barrier(3)
        const [a] = ['a', 'b'].map((name) => createTask(party, barrier, name, print))
        yield* sleep(1)
        a?.cancel()
        yield* sleep(1)
        print(barrier)
        for (const name of ['c', 'd']) createTask(party, barrier, name, print)
        yield* sleep(1)
      },
      async async(print) {
        const barrier = new Barrier(3)
        const [a] = ['a', 'b'].map((name) => createTask(partyAsync, barrier, name, print))
        await sleep(1)
        a?.cancel()
        await sleep(1)
        print(barrier)
        for (const name of ['c', 'd']) createTask(partyAsync, barrier, name, print)
        await sleep(1)
      },
    },
  )

  bothSpellings(
    'a waiter that is cancelled as the last arrives does not hold the others up',
    ['c 2 at 1', 'a CancelledError at 1', 'b 1 at 1', '<Barrier filling 0/3>'],
    {
      *generator(print) {
        const barrier = new Barrier(3)
        const [a] = ['a', 'b'].map((name) => createTask(party, barrier, name, print))
        yield* sleep(1)
        createTask(party, barrier, 'c', print)
        yield
        a?.cancel()
        yield* sleep(1)
        print(barrier)
      },
      async async(print) {
        const barrier = new Barrier(3)
        const [a] = ['a', 'b'].map((name) => createTask(partyAsync, barrier, name, print))
        await sleep(1)
        createTask(partyAsync, barrier, 'c', print)
        await sleep(0)
        a?.cancel()
        await sleep(1)
        print(barrier)
      },
    },
  )

  bothSpellings(
    'a time limit on wait() leaves the barrier to the others',
    ['TimeoutError at 10', '<Barrier filling 0/2>', 'b 1', 'a 0'],
    {
      *generator(print) {
        const barrier = new Barrier(2)
        try {
          yield* waitFor(barrier.wait(), 10)
        } catch (error) {
          print(error, 'at', now())
        }
        print(barrier)
        const a = createTask(function* () {
          print('a', yield* barrier.wait())
        })
        yield* sleep(1)
        print('b', yield* barrier.wait())
        yield* a
      },
      async async(print) {
        const barrier = new Barrier(2)
        try {
          await waitFor(barrier.wait(), 10)
        } catch (error) {
          print(error, 'at', now())
        }
        print(barrier)
        const a = createTask(async () => {
          print('a', await barrier.wait())
        })
        await sleep(1)
        print('b', await barrier.wait())
        await a
      },
    },
  )

  bothSpellings(
    'a waiter that would not stop and is ended is not counted any more, and leaves quietly',
    ['told again', 'ended', 'TimeoutError', '<Barrier filling 0/2>', 'b 1', 'a 0'],
    {
      *generator(print) {
        const barrier = new Barrier(2)
        watchTheClock(print)
        try {
          yield* timeout(10, function* () {
            for (;;) {
              try {
                yield* barrier.wait()
              } catch {}
            }
          })
        } catch (error) {
          print(error)
        }
        print(barrier)
        const a = createTask(function* () {
          print('a', yield* barrier.wait())
        })
        yield* sleep(1)
        print('b', yield* barrier.wait())
        yield* a
      },
      async async(print) {
        const barrier = new Barrier(2)
        watchTheClock(print)
        try {
          await timeout(10, async () => {
            for (;;) {
              try {
                await barrier.wait()
              } catch {}
            }
          })
        } catch (error) {
          print(error)
        }
        print(barrier)
        const a = createTask(async () => {
          print('a', await barrier.wait())
        })
        await sleep(1)
        print('b', await barrier.wait())
        await a
      },
    },
    { cancelGrace: 10 },
  )

  /** Time must pass in virtual time for a grace period to be over: somebody else sleeps. Reports are cut short. */
  function watchTheClock(print: Print) {
    getRunningLoop().setExceptionHandler((_, { message }) => {
      print(/is (told again|ended)$/.exec(message)?.[1] ?? message)
    })
    createTask(function* () {
      for (let i = 0; i < 50; i++) yield* sleep(1)
    })
  }
})

describe('reset()', () => {
  bothSpellings(
    'sends those that wait away, and the barrier begins anew (filling → resetting → filling)',
    [
      '<Barrier resetting 2/3>',
      'a BrokenBarrierError at 1',
      'b BrokenBarrierError at 1',
      '<Barrier filling 0/3> false',
    ],
    {
      *generator(print) {
        const barrier = new Barrier(3)
        for (const name of ['a', 'b']) createTask(party, barrier, name, print)
        yield* sleep(1)
        yield* barrier.reset()
        print(barrier)
        yield* sleep(1)
        print(barrier, barrier.broken)
      },
      async async(print) {
        const barrier = new Barrier(3)
        for (const name of ['a', 'b']) createTask(partyAsync, barrier, name, print)
        await sleep(1)
        await barrier.reset()
        print(barrier)
        await sleep(1)
        print(barrier, barrier.broken)
      },
    },
  )

  bothSpellings('of an empty barrier does nothing', ['<Barrier filling 0/2>', 'b 1', 'a 0'], {
    *generator(print) {
      const barrier = new Barrier(2)
      yield* barrier.reset()
      print(barrier)
      const a = createTask(function* () {
        print('a', yield* barrier.wait())
      })
      yield* sleep(1)
      print('b', yield* barrier.wait())
      yield* a
    },
    async async(print) {
      const barrier = new Barrier(2)
      await barrier.reset()
      print(barrier)
      const a = createTask(async () => {
        print('a', await barrier.wait())
      })
      await sleep(1)
      print('b', await barrier.wait())
      await a
    },
  })

  bothSpellings(
    'of a barrier that is draining fails those that have not left yet (draining → resetting)',
    ['b 1', '<Barrier resetting 1/2>', 'a BrokenBarrierError at 1', '<Barrier filling 0/2>'],
    {
      *generator(print) {
        const barrier = new Barrier(2)
        createTask(party, barrier, 'a', print)
        yield* sleep(1)
        print('b', yield* barrier.wait())
        yield* barrier.reset()
        print(barrier)
        yield* sleep(1)
        print(barrier)
      },
      async async(print) {
        const barrier = new Barrier(2)
        createTask(partyAsync, barrier, 'a', print)
        await sleep(1)
        print('b', await barrier.wait())
        await barrier.reset()
        print(barrier)
        await sleep(1)
        print(barrier)
      },
    },
  )

  bothSpellings(
    'one that comes while the others are sent away waits for the new round',
    ['a BrokenBarrierError at 1', '<Barrier filling 1/2>', 'c 1 at 2', 'b 0 at 2'],
    {
      *generator(print) {
        const barrier = new Barrier(2)
        createTask(party, barrier, 'a', print)
        yield* sleep(1)
        yield* barrier.reset()
        createTask({ eager: true }, party, barrier, 'b', print)
        yield* sleep(1)
        print(barrier)
        createTask(party, barrier, 'c', print)
        yield* sleep(1)
      },
      async async(print) {
        const barrier = new Barrier(2)
        createTask(partyAsync, barrier, 'a', print)
        await sleep(1)
        await barrier.reset()
        createTask({ eager: true }, partyAsync, barrier, 'b', print)
        await sleep(1)
        print(barrier)
        createTask(partyAsync, barrier, 'c', print)
        await sleep(1)
      },
    },
  )

  bothSpellings('mends a broken barrier (broken → filling)', ['true', 'false', 'b 1', 'a 0'], {
    *generator(print) {
      const barrier = new Barrier(2)
      yield* barrier.abort()
      print(barrier.broken)
      yield* barrier.reset()
      print(barrier.broken)
      const a = createTask(function* () {
        print('a', yield* barrier.wait())
      })
      yield* sleep(1)
      print('b', yield* barrier.wait())
      yield* a
    },
    async async(print) {
      const barrier = new Barrier(2)
      await barrier.abort()
      print(barrier.broken)
      await barrier.reset()
      print(barrier.broken)
      const a = createTask(async () => {
        print('a', await barrier.wait())
      })
      await sleep(1)
      print('b', await barrier.wait())
      await a
    },
  })
})

describe('abort()', () => {
  bothSpellings(
    'fails those that wait and those that come (filling → broken)',
    [
      '<Barrier broken 2/3> true',
      'a BrokenBarrierError at 1',
      'b BrokenBarrierError at 1',
      'c BrokenBarrierError at 2',
      '<Barrier broken 0/3> true',
    ],
    {
      *generator(print) {
        const barrier = new Barrier(3)
        for (const name of ['a', 'b']) createTask(party, barrier, name, print)
        yield* sleep(1)
        yield* barrier.abort()
        print(barrier, barrier.broken)
        yield* sleep(1)
        createTask(party, barrier, 'c', print)
        yield
        print(barrier, barrier.broken)
      },
      async async(print) {
        const barrier = new Barrier(3)
        for (const name of ['a', 'b']) createTask(partyAsync, barrier, name, print)
        await sleep(1)
        await barrier.abort()
        print(barrier, barrier.broken)
        await sleep(1)
        createTask(partyAsync, barrier, 'c', print)
        await sleep(0)
        print(barrier, barrier.broken)
      },
    },
  )

  bothSpellings(
    'of a barrier that is draining fails those that have not left yet (draining → broken)',
    ['b 1', '<Barrier broken 1/2>', 'a BrokenBarrierError at 1', '<Barrier broken 0/2>'],
    {
      *generator(print) {
        const barrier = new Barrier(2)
        createTask(party, barrier, 'a', print)
        yield* sleep(1)
        print('b', yield* barrier.wait())
        yield* barrier.abort()
        print(barrier)
        yield* sleep(1)
        print(barrier)
      },
      async async(print) {
        const barrier = new Barrier(2)
        createTask(partyAsync, barrier, 'a', print)
        await sleep(1)
        print('b', await barrier.wait())
        await barrier.abort()
        print(barrier)
        await sleep(1)
        print(barrier)
      },
    },
  )

  bothSpellings(
    'of a barrier that is being reset fails those that stand aside as well (resetting → broken)',
    [
      '<Barrier broken 1/2>',
      'a BrokenBarrierError at 1',
      'b BrokenBarrierError at 1',
      '<Barrier broken 0/2>',
    ],
    {
      *generator(print) {
        const barrier = new Barrier(2)
        createTask(party, barrier, 'a', print)
        yield* sleep(1)
        yield* barrier.reset()
        createTask({ eager: true }, party, barrier, 'b', print)
        yield* barrier.abort()
        print(barrier)
        yield* sleep(1)
        print(barrier)
      },
      async async(print) {
        const barrier = new Barrier(2)
        createTask(partyAsync, barrier, 'a', print)
        await sleep(1)
        await barrier.reset()
        createTask({ eager: true }, party, barrier, 'b', print)
        await barrier.abort()
        print(barrier)
        await sleep(1)
        print(barrier)
      },
    },
  )

  bothSpellings('the error says what happened and what to do', ['aborted', 'aborted, reset() it'], {
    *generator(print) {
      const barrier = new Barrier(2)
      const messages: string[] = []
      const waiting = createTask(function* () {
        try {
          yield* barrier.wait()
        } catch (error) {
          if (error instanceof BrokenBarrierError) messages.push(error.message)
        }
      })
      yield* sleep(1)
      yield* barrier.abort()
      yield* waiting
      print(messages[0]?.match(/aborted/)?.[0])
      try {
        yield* barrier.wait()
      } catch (error) {
        print((error as Error).message.match(/aborted|reset\(\) it/g)?.join(', '))
      }
    },
    async async(print) {
      const barrier = new Barrier(2)
      const messages: string[] = []
      const waiting = createTask(async () => {
        try {
          await barrier.wait()
        } catch (error) {
          if (error instanceof BrokenBarrierError) messages.push(error.message)
        }
      })
      await sleep(1)
      await barrier.abort()
      await waiting
      print(messages[0]?.match(/aborted/)?.[0])
      try {
        await barrier.wait()
      } catch (error) {
        print((error as Error).message.match(/aborted|reset\(\) it/g)?.join(', '))
      }
    },
  })

  bothSpellings('reset() and abort() are no checkpoints while nobody is inside', ['0'], {
    *generator(print) {
      const barrier = new Barrier(2)
      const passes = passCounter()
      yield* barrier.abort()
      yield* barrier.reset()
      print(passes())
    },
    async async(print) {
      const barrier = new Barrier(2)
      const passes = passCounter()
      await barrier.abort()
      await barrier.reset()
      print(passes())
    },
  })
})

describe('misuse', () => {
  refuses(
    'a barrier',
    [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null],
    (parties) => new Barrier(parties),
  )
  keepsTheOperationContract('barrier.wait()', () => new Barrier(1).wait())
  keepsTheOperationContract('barrier.reset()', () => new Barrier(1).reset())
  keepsTheOperationContract('barrier.abort()', () => new Barrier(1).abort())
})

test('under random arrivals and cancellations everybody leaves in full rounds', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const roll = (sides: number) => Math.floor(random() * sides)
      const program = `seed ${seed}, ${spelling}`
      await runVirtual(function* () {
        const parties = 2 + roll(3)
        const barrier = new Barrier(parties)
        let left = 0
        const tasks = Array.from({ length: 20 }, () => {
          const ms = roll(8)
          if (spelling === 'async')
            return createTask(async () => {
              await sleep(ms)
              await barrier.wait()
              left++
            })
          return createTask(function* () {
            yield* sleep(ms)
            yield* barrier.wait()
            left++
          })
        })
        for (const task of tasks) {
          if (random() < 0.3) getRunningLoop().callAt(roll(10), () => task.cancel())
        }
        yield* sleep(50)
        const waiting = tasks.filter((task) => !task.done()).length
        const cancelled = tasks.filter((task) => task.cancelled()).length
        expect(barrier.nWaiting, `${program}: ${barrier}`).toBe(waiting)
        expect(waiting, `${program}: ${barrier}`).toBeLessThan(parties)
        expect(left + cancelled + waiting, program).toBe(20)
        for (const task of tasks) task.cancel()
        yield* wait(tasks)
        expect(String(barrier), program).toBe(`<Barrier filling 0/${parties}>`)
      })
    }
  }
})

test('a barrier of thousands lets all of them go at once', async () => {
  const trace = await traceOf(function* (print) {
    const barrier = new Barrier(5000)
    const numbers = new Set<number>()
    for (let i = 0; i < 5000; i++)
      createTask(function* () {
        numbers.add(yield* barrier.wait())
      })
    yield* sleep(1)
    print(numbers.size, barrier)
  })
  expect(trace).toEqual(['5000 <Barrier filling 0/5000>'])
})
