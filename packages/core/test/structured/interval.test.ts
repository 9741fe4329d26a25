import { createTask, forEach, getRunningLoop, interval, moveOnAfter, sleep, timeout, wait } from 'polvo'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

describe('ticks', () => {
  bothSpellings(
    'come at a steady pace, counted from the first next()',
    ['1 at 110', '2 at 120', '3 at 130'],
    {
      *generator(print) {
        const ticks = interval(10)
        yield* sleep(100)
        for (let i = 0; i < 3; i++) {
          const { value } = yield* ticks.next()
          print(value, 'at', now())
        }
      },
      async async(print) {
        const ticks = interval(10)
        await sleep(100)
        for (let i = 0; i < 3; i++) {
          const { value } = await ticks.next()
          print(value, 'at', now())
        }
      },
    },
  )

  bothSpellings('the time the consumer takes does not add up', ['1 at 10', '2 at 20', '3 at 30'], {
    *generator(print) {
      const ticks = interval(10)
      for (let i = 0; i < 3; i++) {
        const { value } = yield* ticks.next()
        print(value, 'at', now())
        yield* sleep(9)
      }
    },
    async async(print) {
      const ticks = interval(10)
      for (let i = 0; i < 3; i++) {
        const { value } = await ticks.next()
        print(value, 'at', now())
        await sleep(9)
      }
    },
  })

  bothSpellings(
    'that were missed are left out; the next one comes at its time',
    ['1 at 10', '4 at 40', '5 at 50', '10 at 100'],
    {
      *generator(print) {
        const ticks = interval(10)
        for (const pause of [25, 0, 45, 0]) {
          const { value } = yield* ticks.next()
          print(value, 'at', now())
          yield* sleep(pause)
        }
      },
      async async(print) {
        const ticks = interval(10)
        for (const pause of [25, 0, 45, 0]) {
          const { value } = await ticks.next()
          print(value, 'at', now())
          await sleep(pause)
        }
      },
    },
  )

  bothSpellings('one that is due just now comes now', ['1 at 10', '3 at 30'], {
    *generator(print) {
      const ticks = interval(10)
      for (const pause of [20, 0]) {
        const { value } = yield* ticks.next()
        print(value, 'at', now())
        yield* sleep(pause)
      }
    },
    async async(print) {
      const ticks = interval(10)
      for (const pause of [20, 0]) {
        const { value } = await ticks.next()
        print(value, 'at', now())
        await sleep(pause)
      }
    },
  })

  bothSpellings(
    'forEach() and for await go through them until they are left',
    ['1', '2', '3', 'left at 30'],
    {
      *generator(print) {
        try {
          yield* forEach(interval(10), (tick) => {
            print(tick)
            if (tick === 3) throw 'enough'
          })
        } catch {
          print('left at', now())
        }
      },
      async async(print) {
        for await (const tick of interval(10)) {
          print(tick)
          if (tick === 3) break
        }
        print('left at', now())
      },
    },
  )

  bothSpellings('are a checkpoint each, also where one is due', ['other', '2'], {
    *generator(print) {
      const ticks = interval(10)
      yield* ticks.next()
      yield* sleep(10)
      getRunningLoop().callSoon(() => print('other'))
      print((yield* ticks.next()).value)
    },
    async async(print) {
      const ticks = interval(10)
      await ticks.next()
      await sleep(10)
      getRunningLoop().callSoon(() => print('other'))
      print((await ticks.next()).value)
    },
  })

  test('do not drift after many', async () => {
    const trace = await traceOf(function* (print) {
      const ticks = interval(0.1)
      for (let i = 0; i < 10_000; i++) yield* ticks.next()
      print(now().toFixed(6))
    })
    expect(trace).toEqual(['1000.000000'])
  })
})

describe('cancelling', () => {
  bothSpellings('the wait misses no tick', ['undefined at 5', '1 at 10', '2 at 20'], {
    *generator(print) {
      const ticks = interval(10)
      print(yield* moveOnAfter(5, () => ticks.next()), 'at', now())
      for (let i = 0; i < 2; i++) {
        const { value } = yield* ticks.next()
        print(value, 'at', now())
      }
    },
    async async(print) {
      const ticks = interval(10)
      print(await moveOnAfter(5, () => ticks.next()), 'at', now())
      for (let i = 0; i < 2; i++) {
        const { value } = await ticks.next()
        print(value, 'at', now())
      }
    },
  })

  bothSpellings('the wait again and again misses no tick either', ['1 at 10', '2 at 20', '3 at 30'], {
    *generator(print) {
      const ticks = interval(10)
      while (now() < 30) {
        const tick = yield* moveOnAfter(4, () => ticks.next())
        if (tick !== undefined) print(tick.value, 'at', now())
      }
    },
    async async(print) {
      const ticks = interval(10)
      while (now() < 30) {
        const tick = await moveOnAfter(4, () => ticks.next())
        if (tick !== undefined) print(tick.value, 'at', now())
      }
    },
  })

  bothSpellings('ends the loop that goes through them', ['1', '2', 'TimeoutError at 25'], {
    *generator(print) {
      try {
        yield* timeout(25, () => forEach(interval(10), (tick) => print(tick)))
      } catch (error) {
        print(error, 'at', now())
      }
    },
    async async(print) {
      try {
        await timeout(25, async () => {
          for await (const tick of interval(10)) print(tick)
        })
      } catch (error) {
        print(error, 'at', now())
      }
    },
  })
})

test('two that wait at once get a tick each', async () => {
  const trace = await traceOf(function* (print) {
    const ticks = interval(10)
    const waiting = ['a', 'b'].map((name) =>
      createTask(function* () {
        print(name, (yield* ticks.next()).value, 'at', now())
      }),
    )
    yield* wait(waiting)
  })
  expect(trace).toEqual(['a 1 at 10', 'b 2 at 20'])
})

test('shows its pace', () => {
  expect(String(interval(250))).toBe('<Interval 250 ms>')
})

describe('misuse', () => {
  refuses('interval()', [0, -1, Number.NaN, '5', null], (ms) => interval(ms))

  keepsTheOperationContract('interval.next()', () => interval(1).next())
})
