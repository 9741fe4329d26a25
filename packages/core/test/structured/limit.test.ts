import { type Coroutine, createTask, gather, limit, sleep, timeout, wait } from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { misuseOf, refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function* work(name: string, ms: number, print: Print): Coroutine<string> {
  print(name, 'begins at', now())
  yield* sleep(ms)
  return `${name} done at ${now()}`
}

async function workAsync(name: string, ms: number, print: Print): Promise<string> {
  print(name, 'begins at', now())
  await sleep(ms)
  return `${name} done at ${now()}`
}

describe('so many at once', () => {
  bothSpellings(
    'the others wait for their turn, first come, first served',
    [
      'a begins at 0',
      'b begins at 0',
      'c begins at 10',
      'd begins at 15',
      'a done at 10,b done at 20,c done at 15,d done at 20',
    ],
    {
      *generator(print) {
        const limited = limit(2)
        const results = yield* gather(
          limited(work, 'a', 10, print),
          limited(work, 'b', 20, print),
          createTask(function* () {
            yield* sleep(1)
            return yield* limited(work, 'c', 5, print)
          }),
          createTask(function* () {
            yield* sleep(12)
            return yield* limited(work, 'd', 5, print)
          }),
        )
        print(results.join())
      },
      async async(print) {
        const limited = limit(2)
        const results = await gather(
          limited(workAsync, 'a', 10, print),
          limited(workAsync, 'b', 20, print),
          createTask(async () => {
            await sleep(1)
            return await limited(workAsync, 'c', 5, print)
          }),
          createTask(async () => {
            await sleep(12)
            return await limited(workAsync, 'd', 5, print)
          }),
        )
        print(results.join())
      },
    },
  )

  bothSpellings(
    'gives the result of the function, of any kind, or its error',
    ['3', 'slept', 'plain', 'boom'],
    {
      *generator(print) {
        const limited = limit(1)
        print(
          yield* limited(
            function* (a: number, b: number) {
              yield
              return a + b
            },
            1,
            2,
          ),
        )
        print(yield* limited(async () => sleep(1, 'slept')))
        print(yield* limited(() => 'plain'))
        try {
          yield* limited(() => {
            throw 'boom'
          })
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const limited = limit(1)
        print(
          await limited(
            function* (a: number, b: number) {
              yield
              return a + b
            },
            1,
            2,
          ),
        )
        print(await limited(async () => sleep(1, 'slept')))
        print(await limited(() => 'plain'))
        try {
          await limited(() => {
            throw 'boom'
          })
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings('a call that fails leaves its place to the next', ['b begins at 0', 'a fails'], {
    *generator(print) {
      const limited = limit(1)
      const a = createTask(
        limited(function* () {
          yield
          throw 'boom'
        }),
      )
      const b = createTask(limited(work, 'b', 5, print))
      yield* wait([a])
      print(a.exception() === 'boom' ? 'a fails' : 'a succeeds')
      yield* b
    },
    async async(print) {
      const limited = limit(1)
      const a = createTask(
        limited(async () => {
          await sleep(0)
          throw 'boom'
        }),
      )
      const b = createTask(limited(workAsync, 'b', 5, print))
      await wait([a])
      print(a.exception() === 'boom' ? 'a fails' : 'a succeeds')
      await b
    },
  })

  bothSpellings('is a checkpoint only where it waits, or the function does', ['0'], {
    *generator(print) {
      const limited = limit(1)
      const passes = passCounter()
      yield* limited(() => 'at once')
      print(passes())
    },
    async async(print) {
      const limited = limit(1)
      const passes = passCounter()
      await limited(() => 'at once')
      print(passes())
    },
  })

  test('activeCount and pendingCount tell how many run, and how many wait', async () => {
    const trace = await traceOf(function* (print) {
      const limited = limit(2)
      const stand = () => print(limited.activeCount, limited.pendingCount)
      stand()
      for (const ms of [5, 10, 10, 10]) createTask(limited(sleep, ms))
      stand()
      yield* sleep(1)
      stand()
      yield* sleep(5)
      stand()
      yield* sleep(100)
      stand()
    })
    expect(trace).toEqual(['0 0', '0 0', '2 2', '2 1', '0 0'])
  })

  bothSpellings(
    'a call gets in line when it is awaited, and not when it is made',
    ['later begins at 0', 'sooner begins at 5'],
    {
      *generator(print) {
        const limited = limit(1)
        const sooner = limited(work, 'sooner', 5, print)
        const later = createTask(limited(work, 'later', 5, print))
        yield
        yield* sooner
        yield* later
      },
      async async(print) {
        const limited = limit(1)
        const sooner = limited(workAsync, 'sooner', 5, print)
        const later = createTask(limited(workAsync, 'later', 5, print))
        await sleep(0)
        await sooner
        await later
      },
    },
  )
})

describe('cancelling', () => {
  bothSpellings(
    'a call that waits leaves the line; its function is never called',
    ['TimeoutError at 5', '1 1', 'c begins at 10'],
    {
      *generator(print) {
        const limited = limit(1)
        createTask(limited(sleep, 10))
        yield
        const c = createTask(function* () {
          yield* sleep(1)
          yield* limited(work, 'c', 1, print)
        })
        try {
          yield* timeout(5, () => limited(work, 'b', 1, print))
        } catch (error) {
          print(error, 'at', now())
        }
        print(limited.activeCount, limited.pendingCount)
        yield* c
      },
      async async(print) {
        const limited = limit(1)
        createTask(limited(sleep, 10))
        await sleep(0)
        const c = createTask(async () => {
          await sleep(1)
          await limited(workAsync, 'c', 1, print)
        })
        try {
          await timeout(5, () => limited(workAsync, 'b', 1, print))
        } catch (error) {
          print(error, 'at', now())
        }
        print(limited.activeCount, limited.pendingCount)
        await c
      },
    },
  )

  bothSpellings(
    'a call that runs cleans up, then leaves its place to the next',
    ['a cleaned up at 10', 'b begins at 10'],
    {
      *generator(print) {
        const limited = limit(1)
        const a = createTask(
          limited(function* () {
            try {
              yield* sleep(100)
            } finally {
              yield* sleep(5)
              print('a cleaned up at', now())
            }
          }),
        )
        const b = createTask(limited(work, 'b', 1, print))
        yield* sleep(5)
        a.cancel()
        yield* b
      },
      async async(print) {
        const limited = limit(1)
        const a = createTask(
          limited(async () => {
            try {
              await sleep(100)
            } finally {
              await sleep(5)
              print('a cleaned up at', now())
            }
          }),
        )
        const b = createTask(limited(workAsync, 'b', 1, print))
        await sleep(5)
        a.cancel()
        await b
      },
    },
  )
})

describe('misuse', () => {
  refuses('limit()', [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null], (concurrency) =>
    limit(concurrency),
  )

  test('refuses to run what is no function, and names it', async () => {
    const ended = runVirtual(function* () {
      yield* limit(1)(5 as never)
    })
    await expect(ended).rejects.toEqual(misuseOf(5))
  })

  keepsTheOperationContract('limit(body(), 1)', () => limit(1)(function body(_n: number) {}, 1))
})

test('under random calls and cancellations there are never more at once, and all places come back', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const roll = (sides: number) => Math.floor(random() * sides)
      const program = `seed ${seed}, ${spelling}`
      await runVirtual(function* () {
        const most = 1 + roll(3)
        const limited = limit(most)
        let inside = 0
        const enter = () => expect(++inside, program).toBeLessThanOrEqual(most)
        function* body(ms: number): Coroutine {
          enter()
          try {
            yield* sleep(ms)
          } finally {
            inside--
          }
        }
        async function bodyAsync(ms: number): Promise<void> {
          enter()
          try {
            await sleep(ms)
          } finally {
            inside--
          }
        }
        const tasks = Array.from({ length: 15 }, () =>
          createTask(spelling === 'async' ? limited(bodyAsync, roll(6)) : limited(body, roll(6))),
        )
        for (let ms = 0; ms < 30; ms++) {
          yield* sleep(1)
          if (random() < 0.5) tasks[roll(tasks.length)]?.cancel()
        }
        yield* sleep(200)
        for (const task of tasks) expect(task.done(), `${program}: ${task}`).toBe(true)
        expect([limited.activeCount, limited.pendingCount], program).toEqual([0, 0])
      })
    }
  }
})
