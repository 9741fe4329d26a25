import { BoundedSemaphore, createTask, getRunningLoop, Semaphore, sleep, use, waitFor } from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function* visit(semaphore: Semaphore, name: string, ms: number, print: Print) {
  try {
    yield* semaphore.acquire()
  } catch (error) {
    print(name, error)
    throw error
  }
  print(name, 'in at', getRunningLoop().time())
  yield* sleep(ms)
  semaphore.release()
}

async function visitAsync(semaphore: Semaphore, name: string, ms: number, print: Print) {
  try {
    await semaphore.acquire()
  } catch (error) {
    print(name, error)
    throw error
  }
  print(name, 'in at', getRunningLoop().time())
  await sleep(ms)
  semaphore.release()
}

for (const Kind of [Semaphore, BoundedSemaphore]) {
  describe(Kind.name, () => {
    bothSpellings(
      'lets in as many as it has permits, the others in the order they came',
      ['a in at 0', 'b in at 0', 'c in at 10', 'd in at 20', 'e in at 20'],
      {
        *generator(print) {
          const semaphore = new Kind(2)
          for (const [name, ms] of [
            ['a', 10],
            ['b', 20],
            ['c', 10],
            ['d', 5],
            ['e', 5],
          ] as const)
            createTask(visit, semaphore, name, ms, print)
          yield* sleep(100)
        },
        async async(print) {
          const semaphore = new Kind(2)
          for (const [name, ms] of [
            ['a', 10],
            ['b', 20],
            ['c', 10],
            ['d', 5],
            ['e', 5],
          ] as const)
            createTask(visitAsync, semaphore, name, ms, print)
          await sleep(100)
        },
      },
    )

    bothSpellings('acquire() gives true, and is a checkpoint only where it waits', ['true 0', 'true 2'], {
      *generator(print) {
        const semaphore = new Kind()
        const passes = passCounter()
        print(yield* semaphore.acquire(), passes())
        // One pass until then, and one behind it.
        getRunningLoop().callSoon(() => semaphore.release())
        const before = passes()
        print(yield* semaphore.acquire(), passes() - before)
      },
      async async(print) {
        const semaphore = new Kind()
        const passes = passCounter()
        print(await semaphore.acquire(), passes())
        // One pass until then, and one behind it.
        getRunningLoop().callSoon(() => semaphore.release())
        const before = passes()
        print(await semaphore.acquire(), passes() - before)
      },
    })

    test('locked() and tryAcquire() tell whether there is a permit, and never suspend', () => {
      const semaphore = new Kind(2)
      expect([semaphore.locked(), semaphore.tryAcquire(), semaphore.tryAcquire()]).toEqual([
        false,
        true,
        true,
      ])
      expect([semaphore.locked(), semaphore.tryAcquire()]).toEqual([true, false])
      semaphore.release()
      expect([semaphore.locked(), semaphore.tryAcquire(), semaphore.locked()]).toEqual([false, true, true])
    })

    bothSpellings(
      'while somebody is in line nobody overtakes, also in the moment after a release',
      ['locked true, tried false', 'waiter in at 0', 'newcomer in', 'locked false'],
      {
        *generator(print) {
          const semaphore = new Kind(2)
          yield* semaphore.acquire()
          yield* semaphore.acquire()
          const waiter = createTask(visit, semaphore, 'waiter', 0, print)
          yield
          semaphore.release()
          semaphore.release()
          print(`locked ${semaphore.locked()}, tried ${semaphore.tryAcquire()}`)
          yield* semaphore.acquire()
          print('newcomer in')
          semaphore.release()
          yield* waiter
          print('locked', semaphore.locked())
        },
        async async(print) {
          const semaphore = new Kind(2)
          await semaphore.acquire()
          await semaphore.acquire()
          const waiter = createTask(visitAsync, semaphore, 'waiter', 0, print)
          await sleep(0)
          semaphore.release()
          semaphore.release()
          print(`locked ${semaphore.locked()}, tried ${semaphore.tryAcquire()}`)
          await semaphore.acquire()
          print('newcomer in')
          semaphore.release()
          await waiter
          print('locked', semaphore.locked())
        },
      },
    )

    bothSpellings(
      'an heir that is cancelled before it could go on returns its permit to the next',
      ['a CancelledError', 'b in at 0', 'permits=1 waiters=0'],
      {
        *generator(print) {
          const semaphore = new Kind()
          yield* semaphore.acquire()
          const a = createTask(visit, semaphore, 'a', 0, print)
          createTask(visit, semaphore, 'b', 0, print)
          yield
          semaphore.release()
          a.cancel()
          yield* sleep(1)
          print(String(semaphore).slice(Kind.name.length + 2, -1))
        },
        async async(print) {
          const semaphore = new Kind()
          await semaphore.acquire()
          const a = createTask(visitAsync, semaphore, 'a', 0, print)
          createTask(visitAsync, semaphore, 'b', 0, print)
          await sleep(0)
          semaphore.release()
          a.cancel()
          await sleep(1)
          print(String(semaphore).slice(Kind.name.length + 2, -1))
        },
      },
    )

    bothSpellings(
      'heirs that are all cancelled return their permits',
      ['a CancelledError', 'b CancelledError', 'permits=2 waiters=0'],
      {
        *generator(print) {
          const semaphore = new Kind(2)
          yield* semaphore.acquire()
          yield* semaphore.acquire()
          const tasks = ['a', 'b'].map((name) => createTask(visit, semaphore, name, 0, print))
          yield
          semaphore.release()
          semaphore.release()
          for (const task of tasks) task.cancel()
          yield* sleep(1)
          print(String(semaphore).slice(Kind.name.length + 2, -1))
        },
        async async(print) {
          const semaphore = new Kind(2)
          await semaphore.acquire()
          await semaphore.acquire()
          const tasks = ['a', 'b'].map((name) => createTask(visitAsync, semaphore, name, 0, print))
          await sleep(0)
          semaphore.release()
          semaphore.release()
          for (const task of tasks) task.cancel()
          await sleep(1)
          print(String(semaphore).slice(Kind.name.length + 2, -1))
        },
      },
    )

    for (const [place, index, left] of [
      ['first', 0, 'bc'],
      ['middle', 1, 'ac'],
      ['last', 2, 'ab'],
    ] as const) {
      bothSpellings(
        `a waiter that is cancelled leaves the order of the others (${place})`,
        [
          `${'abc'[index]} CancelledError`,
          ...[...left].map((name) => `${name} in at 0`),
          'permits=1 waiters=0',
        ],
        {
          *generator(print) {
            const semaphore = new Kind()
            yield* semaphore.acquire()
            const tasks = ['a', 'b', 'c'].map((name) => createTask(visit, semaphore, name, 0, print))
            yield
            tasks[index]?.cancel()
            yield
            semaphore.release()
            yield* sleep(1)
            print(String(semaphore).slice(Kind.name.length + 2, -1))
          },
          async async(print) {
            const semaphore = new Kind()
            await semaphore.acquire()
            const tasks = ['a', 'b', 'c'].map((name) => createTask(visitAsync, semaphore, name, 0, print))
            await sleep(0)
            tasks[index]?.cancel()
            await sleep(0)
            semaphore.release()
            await sleep(1)
            print(String(semaphore).slice(Kind.name.length + 2, -1))
          },
        },
      )
    }

    bothSpellings(
      'a permit that becomes free while a waiter is being cancelled goes to the one behind it',
      ['a CancelledError', 'b in at 0'],
      {
        *generator(print) {
          const semaphore = new Kind()
          yield* semaphore.acquire()
          const a = createTask(visit, semaphore, 'a', 0, print)
          createTask(visit, semaphore, 'b', 0, print)
          yield
          a.cancel()
          semaphore.release()
          yield* sleep(1)
        },
        async async(print) {
          const semaphore = new Kind()
          await semaphore.acquire()
          const a = createTask(visitAsync, semaphore, 'a', 0, print)
          createTask(visitAsync, semaphore, 'b', 0, print)
          await sleep(0)
          a.cancel()
          semaphore.release()
          await sleep(1)
        },
      },
    )

    bothSpellings(
      'a time limit on acquire() takes nothing when it is over',
      ['TimeoutError', 'true', 'true'],
      {
        *generator(print) {
          const semaphore = new Kind()
          yield* semaphore.acquire()
          try {
            yield* waitFor(semaphore.acquire(), 5)
          } catch (error) {
            print(error)
          }
          semaphore.release()
          print(semaphore.tryAcquire())
          semaphore.release()
          print(yield* waitFor(semaphore.acquire(), 5))
        },
        async async(print) {
          const semaphore = new Kind()
          await semaphore.acquire()
          try {
            await waitFor(semaphore.acquire(), 5)
          } catch (error) {
            print(error)
          }
          semaphore.release()
          print(semaphore.tryAcquire())
          semaphore.release()
          print(await waitFor(semaphore.acquire(), 5))
        },
      },
    )

    bothSpellings(
      'hold() and use() take a permit for a block, and give it back',
      ['0', '1', '0', '1', 'boom'],
      {
        *generator(print) {
          const semaphore = new Kind()
          const show = () => print(semaphore.locked() ? 0 : 1)
          {
            using _held = yield* semaphore.hold()
            show()
          }
          show()
          try {
            yield* use(semaphore, function* () {
              yield
              show()
              throw 'boom'
            })
          } catch (error) {
            show()
            print(error)
          }
        },
        async async(print) {
          const semaphore = new Kind()
          const show = () => print(semaphore.locked() ? 0 : 1)
          {
            using _held = await semaphore.hold()
            show()
          }
          show()
          try {
            await use(semaphore, async () => {
              await sleep(0)
              show()
              throw 'boom'
            })
          } catch (error) {
            show()
            print(error)
          }
        },
      },
    )

    test('cancelling most of 10,000 waiters leaves the order of the others', async () => {
      const trace = await traceOf(function* (print) {
        const semaphore = new Kind()
        yield* semaphore.acquire()
        const order: number[] = []
        const tasks = Array.from({ length: 10_000 }, (_, i) =>
          createTask(function* () {
            yield* semaphore.acquire()
            order.push(i)
            semaphore.release()
          }),
        )
        yield
        for (const [i, task] of tasks.entries()) if (i % 1000 !== 500) task.cancel()
        semaphore.release()
        yield* sleep(1)
        print(order.join())
        print(semaphore)
      })
      const left = '500,1500,2500,3500,4500,5500,6500,7500,8500,9500'
      expect(trace).toEqual([left, `<${Kind.name} permits=1 waiters=0>`])
    })

    describe('misuse', () => {
      for (const wrong of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null]) {
        test(`refuses to start with ${wrong} permits`, () => {
          expect(() => new Kind(wrong as never)).toThrow(
            expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' }),
          )
        })
      }

      bothSpellings('acquire() serves one await', ['true', 'InvalidStateError', 'permits=1'], {
        *generator(print) {
          const semaphore = new Kind(2)
          const once = semaphore.acquire()
          print(yield* once)
          try {
            yield* once
          } catch (error) {
            print(error)
          }
          print(/permits=\d/.exec(String(semaphore))?.[0])
        },
        async async(print) {
          const semaphore = new Kind(2)
          const once = semaphore.acquire()
          print(await once)
          try {
            await once
          } catch (error) {
            print(error)
          }
          print(/permits=\d/.exec(String(semaphore))?.[0])
        },
      })

      test('acquire() and hold() that are never awaited take nothing, and are reported by name', async () => {
        const trace = await traceOf(function* (print) {
          const semaphore = new Kind()
          semaphore.acquire()
          semaphore.hold()
          yield
          print(semaphore.locked())
        })
        expect(trace).toEqual([
          'false',
          expect.stringMatching(/^report: semaphore\.acquire\(\) was created and never awaited/),
          expect.stringMatching(/^report: semaphore\.hold\(\) was created and never awaited/),
        ])
      })
    })

    test('under random visits and cancellations it is never overcrowded, serves in order, and ends with all permits', async () => {
      for (let seed = 1; seed <= 60; seed++) {
        for (const spelling of ['generators', 'async']) {
          const random = seeded(seed)
          const program = `seed ${seed}, ${spelling}`
          const permits = 1 + Math.floor(random() * 3)
          await runVirtual(function* () {
            const semaphore = new Kind(permits)
            let inside = 0
            const arrived: number[] = []
            const served: number[] = []
            const enter = (i: number) => {
              served.push(i)
              expect(++inside, `${program}: ${i} enters`).toBeLessThanOrEqual(permits)
            }
            const leave = () => {
              inside--
              semaphore.release()
            }
            const visits = Array.from(
              { length: 15 },
              () => [Math.floor(random() * 8), Math.floor(random() * 4)] as const,
            )
            const tasks = visits.map(([arrival, stay], i) => {
              if (spelling === 'async')
                return createTask(async () => {
                  await sleep(arrival)
                  arrived.push(i)
                  await semaphore.acquire()
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
                yield* semaphore.acquire()
                enter(i)
                try {
                  yield* sleep(stay)
                } finally {
                  leave()
                }
              })
            })
            for (const task of tasks) {
              if (random() < 0.4) getRunningLoop().callAt(Math.floor(random() * 16), () => task.cancel())
            }
            yield* sleep(100)
            for (const task of tasks) expect(task.done(), `${program}: ${task}`).toBe(true)
            expect(served, program).toEqual(arrived.filter((i) => served.includes(i)))
            expect(String(semaphore), program).toBe(`<${Kind.name} permits=${permits} waiters=0>`)
          })
        }
      }
    })
  })
}

test('a semaphore may be released more often than it was acquired, also when it starts with none', async () => {
  const trace = await traceOf(function* (print) {
    const semaphore = new Semaphore(0)
    print(semaphore.locked(), semaphore.tryAcquire())
    createTask(visit, semaphore, 'waiter', 0, print)
    yield
    semaphore.release()
    semaphore.release()
    semaphore.release()
    yield* sleep(1)
    print(semaphore)
  })
  expect(trace).toEqual(['true false', 'waiter in at 0', '<Semaphore permits=3 waiters=0>'])
})

test('several permits that come at once wake as many waiters, in order', async () => {
  const trace = await traceOf(function* (print) {
    const semaphore = new Semaphore(0)
    for (const name of ['a', 'b', 'c']) createTask(visit, semaphore, name, 1000, print)
    yield
    semaphore.release()
    semaphore.release()
    yield
    print(semaphore)
  })
  expect(trace.slice(0, 3)).toEqual(['a in at 0', 'b in at 0', '<Semaphore permits=0 waiters=1>'])
})

describe('a bounded semaphore', () => {
  const tooMany = expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' })

  test('refuses to be released more often than it was acquired', () => {
    const semaphore = new BoundedSemaphore(2)
    expect(() => semaphore.release()).toThrow(tooMany)
    semaphore.tryAcquire()
    semaphore.release()
    expect(() => semaphore.release()).toThrow(tooMany)
    expect(String(semaphore)).toBe('<BoundedSemaphore permits=2 waiters=0>')
  })

  test('starting with none it cannot be released at all', () => {
    expect(() => new BoundedSemaphore(0).release()).toThrow(tooMany)
  })
})

test('one that is given up by hand has left the line', async () => {
  const trace = await traceOf(function* (print) {
    const semaphore = new Semaphore(0)
    const byHand = semaphore.acquire()[Symbol.iterator]()
    byHand.next()
    print(semaphore)
    byHand.return?.()
    print(semaphore)
    const next = createTask(function* () {
      yield* semaphore.acquire()
      print('next')
    })
    yield
    semaphore.release()
    yield* next
  })
  expect(trace).toEqual(['<Semaphore permits=0 waiters=1>', '<Semaphore permits=0 waiters=0>', 'next'])
})
