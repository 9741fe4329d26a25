import { createTask, currentTask, getRunningLoop, Lock, sleep, timeout, use, waitFor } from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** A task that takes the lock, says so, keeps it for one pass and gives it back. */
function* visit(lock: Lock, name: string, print: Print) {
  try {
    yield* lock.acquire()
  } catch (error) {
    print(name, error)
    throw error
  }
  print(name, 'in')
  yield
  print(name, 'out')
  lock.release()
}

async function visitAsync(lock: Lock, name: string, print: Print) {
  try {
    await lock.acquire()
  } catch (error) {
    print(name, error)
    throw error
  }
  print(name, 'in')
  await sleep(0)
  print(name, 'out')
  lock.release()
}

bothSpellings(
  'one task at a time holds it, the others get it in the order they came',
  ['a in', 'a out', 'b in', 'b out', 'c in', 'c out'],
  {
    *generator(print) {
      const lock = new Lock()
      for (const name of ['a', 'b', 'c']) createTask(visit, lock, name, print)
      yield* sleep(1)
    },
    async async(print) {
      const lock = new Lock()
      for (const name of ['a', 'b', 'c']) createTask(visitAsync, lock, name, print)
      await sleep(1)
    },
  },
)

bothSpellings('acquire() gives true, and is a checkpoint only where it waits', ['true 0', 'true 2'], {
  *generator(print) {
    const lock = new Lock()
    const passes = passCounter()
    print(yield* lock.acquire(), passes())
    // One pass until then, and one behind it.
    getRunningLoop().callSoon(() => lock.release())
    const before = passes()
    print(yield* lock.acquire(), passes() - before)
  },
  async async(print) {
    const lock = new Lock()
    const passes = passCounter()
    print(await lock.acquire(), passes())
    // One pass until then, and one behind it.
    getRunningLoop().callSoon(() => lock.release())
    const before = passes()
    print(await lock.acquire(), passes() - before)
  },
})

test('locked() and tryAcquire() tell whether it is held, and never suspend', () => {
  const lock = new Lock()
  expect([lock.locked(), lock.tryAcquire(), lock.locked(), lock.tryAcquire()]).toEqual([
    false,
    true,
    true,
    false,
  ])
  lock.release()
  expect([lock.locked(), lock.tryAcquire()]).toEqual([false, true])
})

bothSpellings(
  'after a release it is free for the first waiter only: nobody overtakes it',
  ['locked false, tried false', 'waiter in', 'waiter out', 'overtaker in'],
  {
    *generator(print) {
      const lock = new Lock()
      yield* lock.acquire()
      createTask(visit, lock, 'waiter', print)
      yield
      lock.release()
      print(`locked ${lock.locked()}, tried ${lock.tryAcquire()}`)
      yield* lock.acquire()
      print('overtaker in')
      lock.release()
    },
    async async(print) {
      const lock = new Lock()
      await lock.acquire()
      createTask(visitAsync, lock, 'waiter', print)
      await sleep(0)
      lock.release()
      print(`locked ${lock.locked()}, tried ${lock.tryAcquire()}`)
      await lock.acquire()
      print('overtaker in')
      lock.release()
    },
  },
)

bothSpellings(
  'an heir that is cancelled before it could take the lock passes it on',
  ['a CancelledError', 'b CancelledError', 'c in', 'c out', 'locked false'],
  {
    *generator(print) {
      const lock = new Lock()
      yield* lock.acquire()
      const [a, b] = ['a', 'b', 'c'].map((name) => createTask(visit, lock, name, print))
      yield
      lock.release()
      a?.cancel()
      b?.cancel()
      yield* sleep(1)
      print('locked', lock.locked())
    },
    async async(print) {
      const lock = new Lock()
      await lock.acquire()
      const [a, b] = ['a', 'b', 'c'].map((name) => createTask(visitAsync, lock, name, print))
      await sleep(0)
      lock.release()
      a?.cancel()
      b?.cancel()
      await sleep(1)
      print('locked', lock.locked())
    },
  },
)

bothSpellings(
  'an heir that is cancelled while a newcomer waits behind it passes it on to the newcomer',
  ['heir CancelledError', 'newcomer in', 'newcomer out'],
  {
    *generator(print) {
      const lock = new Lock()
      yield* lock.acquire()
      const heir = createTask(visit, lock, 'heir', print)
      yield
      lock.release()
      heir.cancel()
      createTask(visit, lock, 'newcomer', print)
      yield* sleep(1)
    },
    async async(print) {
      const lock = new Lock()
      await lock.acquire()
      const heir = createTask(visitAsync, lock, 'heir', print)
      await sleep(0)
      lock.release()
      heir.cancel()
      createTask(visitAsync, lock, 'newcomer', print)
      await sleep(1)
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
      ...[...left].flatMap((name) => [`${name} in`, `${name} out`]),
      'locked false',
    ],
    {
      *generator(print) {
        const lock = new Lock()
        yield* lock.acquire()
        const tasks = ['a', 'b', 'c'].map((name) => createTask(visit, lock, name, print))
        yield
        tasks[index]?.cancel()
        yield
        lock.release()
        yield* sleep(1)
        print('locked', lock.locked())
      },
      async async(print) {
        const lock = new Lock()
        await lock.acquire()
        const tasks = ['a', 'b', 'c'].map((name) => createTask(visitAsync, lock, name, print))
        await sleep(0)
        tasks[index]?.cancel()
        await sleep(0)
        lock.release()
        await sleep(1)
        print('locked', lock.locked())
      },
    },
  )

  bothSpellings(
    `a waiter that is cancelled in the pass of the release leaves the order of the others (${place})`,
    [
      `${'abc'[index]} CancelledError`,
      ...[...left].flatMap((name) => [`${name} in`, `${name} out`]),
      'locked false',
    ],
    {
      *generator(print) {
        const lock = new Lock()
        const lines: string[] = []
        const say = (...values: unknown[]) =>
          lines.push(values.map((v) => (v instanceof Error ? v.name : v)).join(' '))
        yield* lock.acquire()
        const tasks = ['a', 'b', 'c'].map((name) => createTask(visit, lock, name, say))
        yield
        tasks[index]?.cancel()
        lock.release()
        yield* sleep(1)
        // When the cancelled one says so depends on its place; the order of the others does not.
        for (const line of lines.sort((one) => (one.endsWith('Error') ? -1 : 0))) print(line)
        print('locked', lock.locked())
      },
      async async(print) {
        const lock = new Lock()
        const lines: string[] = []
        const say = (...values: unknown[]) =>
          lines.push(values.map((v) => (v instanceof Error ? v.name : v)).join(' '))
        await lock.acquire()
        const tasks = ['a', 'b', 'c'].map((name) => createTask(visitAsync, lock, name, say))
        await sleep(0)
        tasks[index]?.cancel()
        lock.release()
        await sleep(1)
        for (const line of lines.sort((one) => (one.endsWith('Error') ? -1 : 0))) print(line)
        print('locked', lock.locked())
      },
    },
  )
}

bothSpellings('when all waiters are cancelled it is free', ['false', 'true'], {
  *generator(print) {
    const lock = new Lock()
    yield* lock.acquire()
    const tasks = [1, 2, 3].map(() => createTask(() => lock.acquire()))
    yield
    for (const task of tasks) task.cancel()
    print(lock.tryAcquire())
    lock.release()
    yield
    print(lock.tryAcquire())
  },
  async async(print) {
    const lock = new Lock()
    await lock.acquire()
    const tasks = [1, 2, 3].map(() => createTask(() => lock.acquire()))
    await sleep(0)
    for (const task of tasks) task.cancel()
    print(lock.tryAcquire())
    lock.release()
    await sleep(0)
    print(lock.tryAcquire())
  },
})

bothSpellings('a time limit on acquire() takes nothing when it is over', ['TimeoutError', 'true', 'true'], {
  *generator(print) {
    const lock = new Lock()
    yield* lock.acquire()
    try {
      yield* waitFor(lock.acquire(), 5)
    } catch (error) {
      print(error)
    }
    lock.release()
    print(lock.tryAcquire())
    lock.release()
    print(yield* waitFor(lock.acquire(), 5))
  },
  async async(print) {
    const lock = new Lock()
    await lock.acquire()
    try {
      await waitFor(lock.acquire(), 5)
    } catch (error) {
      print(error)
    }
    lock.release()
    print(lock.tryAcquire())
    lock.release()
    print(await waitFor(lock.acquire(), 5))
  },
})

bothSpellings('is not bound to the task that took it', ['locked true', 'locked false'], {
  *generator(print) {
    const lock = new Lock()
    yield* createTask(() => lock.acquire())
    print('locked', lock.locked())
    yield* createTask(() => lock.release())
    print('locked', lock.locked())
  },
  async async(print) {
    const lock = new Lock()
    await createTask(() => lock.acquire())
    print('locked', lock.locked())
    await createTask(() => lock.release())
    print('locked', lock.locked())
  },
})

bothSpellings('is not reentrant', ['TimeoutError'], {
  *generator(print) {
    const lock = new Lock()
    yield* lock.acquire()
    try {
      yield* timeout(1000, () => lock.acquire())
    } catch (error) {
      print(error)
    }
  },
  async async(print) {
    const lock = new Lock()
    await lock.acquire()
    try {
      await timeout(1000, () => lock.acquire())
    } catch (error) {
      print(error)
    }
  },
})

test('is handed on in one pass each, to 10,000 waiters of which most are cancelled', async () => {
  const trace = await traceOf(function* (print) {
    const lock = new Lock()
    yield* lock.acquire()
    const order: number[] = []
    const tasks = Array.from({ length: 10_000 }, (_, i) =>
      createTask(function* () {
        yield* lock.acquire()
        order.push(i)
        lock.release()
      }),
    )
    yield
    for (const [i, task] of tasks.entries()) if (i % 1000 !== 500) task.cancel()
    lock.release()
    yield* sleep(1)
    print(order.join())
    print(lock)
  })
  expect(trace).toEqual(['500,1500,2500,3500,4500,5500,6500,7500,8500,9500', '<Lock unlocked waiters=0>'])
})

test('a waiter whose body would not stop and was ended leaves the line', async () => {
  for (const spelling of ['generators', 'async']) {
    const trace = await traceOf(
      function* (print) {
        const lock = new Lock()
        yield* lock.acquire()
        const stubborn =
          spelling === 'async'
            ? createTask(async () => {
                for (;;) await lock.acquire().then(undefined, () => {})
              })
            : createTask(function* () {
                for (;;) {
                  try {
                    yield* lock.acquire()
                  } catch {}
                }
              })
        yield
        createTask(visit, lock, 'next', print)
        stubborn.cancel()
        for (let i = 0; i < 5; i++) yield* sleep(100)
        print(stubborn.cancelled(), lock)
        lock.release()
        yield* sleep(1)
      },
      { cancelGrace: 100, hideReports: true },
    )
    expect(trace, spelling).toEqual(['true <Lock locked waiters=1>', 'next in', 'next out'])
  }
})

describe('hold() and use()', () => {
  bothSpellings(
    'hold it for a block, and give it back however that ends',
    ['held', 'free', 'held', 'free', 'boom'],
    {
      *generator(print) {
        const lock = new Lock()
        const show = () => print(lock.locked() ? 'held' : 'free')
        {
          using _held = yield* lock.hold()
          show()
        }
        show()
        try {
          yield* use(lock, function* () {
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
        const lock = new Lock()
        const show = () => print(lock.locked() ? 'held' : 'free')
        {
          using _held = await lock.hold()
          show()
        }
        show()
        try {
          await use(lock, async () => {
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

  test('what was given back early is not given back again at the end of the block', async () => {
    const trace = await traceOf(function* (print) {
      const lock = new Lock()
      {
        using held = yield* lock.hold()
        held.release()
        held.release()
        print(lock.tryAcquire())
      }
      print('still held', lock.locked())
    })
    expect(trace).toEqual(['true', 'still held true'])
  })

  bothSpellings('cancelled while waiting hold nothing', ['CancelledError', 'CancelledError', 'free'], {
    *generator(print) {
      const lock = new Lock()
      yield* lock.acquire()
      const attempts = [() => lock.hold(), () => use(lock, () => print('never'))]
      const tasks = attempts.map((attempt) =>
        createTask(function* () {
          try {
            yield* attempt()
          } catch (error) {
            print(error)
          }
        }),
      )
      yield
      // One has the lock offered already, the other waits.
      lock.release()
      for (const task of tasks) task.cancel()
      yield* sleep(1)
      print(lock.locked() ? 'held' : 'free')
    },
    async async(print) {
      const lock = new Lock()
      await lock.acquire()
      const attempts = [() => lock.hold(), () => use(lock, () => print('never'))]
      const tasks = attempts.map((attempt) =>
        createTask(async () => {
          try {
            await attempt()
          } catch (error) {
            print(error)
          }
        }),
      )
      await sleep(0)
      lock.release()
      for (const task of tasks) task.cancel()
      await sleep(1)
      print(lock.locked() ? 'held' : 'free')
    },
  })
})

describe('misuse', () => {
  test('release() of a lock that is not locked is an error', () => {
    const lock = new Lock()
    const refusal = expect.objectContaining({ code: 'POLVO_INVALID_STATE' })
    expect(() => lock.release()).toThrow(refusal)
    lock.tryAcquire()
    lock.release()
    expect(() => lock.release()).toThrow(refusal)
  })

  test('release() is an error as well while the lock is on its way to the next', async () => {
    const trace = await traceOf(function* (print) {
      const lock = new Lock()
      yield* lock.acquire()
      createTask(visit, lock, 'heir', print)
      yield
      lock.release()
      try {
        lock.release()
      } catch (error) {
        print(error)
      }
      yield* sleep(1)
    })
    expect(trace).toEqual(['InvalidStateError', 'heir in', 'heir out'])
  })

  bothSpellings('acquire() serves one await', ['true', 'InvalidStateError', 'locked true'], {
    *generator(print) {
      const lock = new Lock()
      const once = lock.acquire()
      print(yield* once)
      try {
        yield* once
      } catch (error) {
        print(error)
      }
      print('locked', lock.locked())
    },
    async async(print) {
      const lock = new Lock()
      const once = lock.acquire()
      print(await once)
      try {
        await once
      } catch (error) {
        print(error)
      }
      print('locked', lock.locked())
    },
  })

  test('acquire() and hold() that are never awaited take nothing, and are reported by name', async () => {
    const trace = await traceOf(function* (print) {
      const lock = new Lock()
      lock.acquire()
      lock.hold()
      yield
      print(lock.locked())
    })
    expect(trace).toEqual([
      'false',
      expect.stringMatching(/^report: lock\.acquire\(\) was created and never awaited/),
      expect.stringMatching(/^report: lock\.hold\(\) was created and never awaited/),
    ])
  })

  test('shows its state', async () => {
    const trace = await traceOf(function* (print) {
      const lock = new Lock()
      print(lock)
      yield* lock.acquire()
      const task = createTask(() => lock.acquire())
      yield
      print(lock)
      task.cancel()
    })
    expect(trace).toEqual(['<Lock unlocked waiters=0>', '<Lock locked waiters=1>'])
  })
})

test('under random visits and cancellations it has one holder at a time, first come first served, and ends free', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const program = `seed ${seed}, ${spelling}`
      await runVirtual(function* () {
        const lock = new Lock()
        let holder: string | null = null
        const arrived: string[] = []
        const served: string[] = []
        const enter = (name: string) => {
          expect(holder, `${program}: ${name} enters`).toBe(null)
          holder = name
          served.push(name)
        }
        const leave = () => {
          holder = null
          lock.release()
        }
        const stays = Array.from(
          { length: 15 },
          () => [Math.floor(random() * 10), Math.floor(random() * 3)] as const,
        )
        const tasks = stays.map(([arrival, stay], i) => {
          const name = `t${i}`
          if (spelling === 'async')
            return createTask(async () => {
              await sleep(arrival)
              arrived.push(name)
              await lock.acquire()
              enter(name)
              try {
                await sleep(stay)
              } finally {
                leave()
              }
            })
          return createTask(function* () {
            yield* sleep(arrival)
            arrived.push(name)
            yield* lock.acquire()
            enter(name)
            try {
              yield* sleep(stay)
            } finally {
              leave()
            }
          })
        })
        for (const task of tasks) {
          if (random() < 0.4) getRunningLoop().callAt(Math.floor(random() * 20), () => task.cancel())
        }
        yield* sleep(100)
        for (const task of tasks) expect(task.done(), `${program}: ${task}`).toBe(true)
        expect(served, program).toEqual(arrived.filter((name) => served.includes(name)))
        expect(String(lock), program).toBe('<Lock unlocked waiters=0>')
        expect(currentTask()?.cancelling()).toBe(0)
      })
    }
  }
})
