import {
  Condition,
  call,
  createTask,
  getRunningLoop,
  Lock,
  moveOnAfter,
  sleep,
  type Task,
  timeout,
  use,
  wait,
  waitFor,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function* waiter(condition: Condition, name: string, print: Print) {
  yield* use(condition, function* () {
    try {
      print(name, yield* condition.wait(), condition.locked() ? 'locked' : 'unlocked')
    } catch (error) {
      print(name, error, condition.locked() ? 'locked' : 'unlocked')
      throw error
    }
  })
}

async function waiterAsync(condition: Condition, name: string, print: Print) {
  await use(condition, async () => {
    try {
      print(name, await condition.wait(), condition.locked() ? 'locked' : 'unlocked')
    } catch (error) {
      print(name, error, condition.locked() ? 'locked' : 'unlocked')
      throw error
    }
  })
}

/** Notify with the lock held for a moment. */
function* notify(condition: Condition, count?: number) {
  yield* use(condition, () => condition.notify(count))
}

const notifyAsync = (condition: Condition, count?: number) =>
  use(condition, async () => condition.notify(count))

describe('wait() and notify()', () => {
  bothSpellings(
    'a notification wakes the waiter that came first; it goes on with the lock held',
    ['-', 'a true locked', '-', 'b true locked', 'c true locked', '<Condition unlocked waiters=0>'],
    {
      *generator(print) {
        const condition = new Condition()
        for (const name of ['a', 'b', 'c']) createTask(waiter, condition, name, print)
        yield* sleep(1)
        print('-')
        yield* notify(condition)
        yield* sleep(1)
        print('-')
        yield* notify(condition, 2)
        yield* sleep(1)
        print(condition)
      },
      async async(print) {
        const condition = new Condition()
        for (const name of ['a', 'b', 'c']) createTask(waiterAsync, condition, name, print)
        await sleep(1)
        print('-')
        await notifyAsync(condition)
        await sleep(1)
        print('-')
        await notifyAsync(condition, 2)
        await sleep(1)
        print(condition)
      },
    },
  )

  for (const [count, woken] of [
    [0, []],
    [1, ['a true locked']],
    [2, ['a true locked', 'b true locked']],
    [100, ['a true locked', 'b true locked', 'c true locked']],
  ] as const) {
    test(`notify(${count}) wakes up to as many`, async () => {
      const trace = await traceOf(function* (print) {
        const condition = new Condition()
        for (const name of ['a', 'b', 'c']) createTask(waiter, condition, name, print)
        yield* sleep(1)
        yield* notify(condition, count)
        yield* sleep(1)
        print(condition)
      })
      const left = 3 - woken.length
      expect(trace.slice(0, woken.length + 1)).toEqual([...woken, `<Condition unlocked waiters=${left}>`])
    })
  }

  bothSpellings(
    'notifyAll() wakes all of them, one after the other',
    ['a true locked', 'b true locked', 'c true locked'],
    {
      *generator(print) {
        const condition = new Condition()
        for (const name of ['a', 'b', 'c']) createTask(waiter, condition, name, print)
        yield* sleep(1)
        yield* use(condition, () => condition.notifyAll())
        yield* sleep(1)
      },
      async async(print) {
        const condition = new Condition()
        for (const name of ['a', 'b', 'c']) createTask(waiterAsync, condition, name, print)
        await sleep(1)
        await use(condition, async () => condition.notifyAll())
        await sleep(1)
      },
    },
  )

  bothSpellings(
    'the lock is free while a task waits, and whoever notifies keeps it until he gives it back',
    ['in at 5', 'notified at 5', 'left at 15', 'a true locked'],
    {
      *generator(print) {
        const condition = new Condition()
        const a = createTask(waiter, condition, 'a', print)
        yield* sleep(5)
        yield* use(condition, function* () {
          print('in at', now())
          condition.notify()
          print('notified at', now())
          yield* sleep(10)
          print('left at', now())
        })
        yield* a
      },
      async async(print) {
        const condition = new Condition()
        const a = createTask(waiterAsync, condition, 'a', print)
        await sleep(5)
        await use(condition, async () => {
          print('in at', now())
          condition.notify()
          print('notified at', now())
          await sleep(10)
          print('left at', now())
        })
        await a
      },
    },
  )

  bothSpellings('a notification that nobody waits for is gone', ['TimeoutError at 10'], {
    *generator(print) {
      const condition = new Condition()
      yield* notify(condition)
      try {
        yield* timeout(10, () => waiter(condition, 'a', () => {}))
      } catch (error) {
        print(error, 'at', now())
      }
    },
    async async(print) {
      const condition = new Condition()
      await notifyAsync(condition)
      try {
        await timeout(10, () => waiterAsync(condition, 'a', () => {}))
      } catch (error) {
        print(error, 'at', now())
      }
    },
  })

  bothSpellings('wait() is a checkpoint, also where the notification is due at once', ['true 2'], {
    *generator(print) {
      const condition = new Condition()
      yield* condition.acquire()
      const passes = passCounter()
      createTask(notify, condition)
      // One pass until the notification, and one behind it.
      print(yield* condition.wait(), passes())
    },
    async async(print) {
      const condition = new Condition()
      await condition.acquire()
      const passes = passCounter()
      createTask(notifyAsync, condition)
      print(await condition.wait(), passes())
    },
  })

  bothSpellings(
    'conditions that share a lock exclude each other, and have waiters of their own',
    ['full: true locked', 'empty: waiters=1'],
    {
      *generator(print) {
        const lock = new Lock()
        const [full, empty] = [new Condition(lock), new Condition(lock)]
        createTask(waiter, full, 'full:', print)
        createTask(waiter, empty, 'empty:', () => {})
        yield* sleep(1)
        yield* lock.acquire()
        full.notifyAll()
        lock.release()
        yield* sleep(1)
        print('empty:', /waiters=\d/.exec(String(empty))?.[0])
      },
      async async(print) {
        const lock = new Lock()
        const [full, empty] = [new Condition(lock), new Condition(lock)]
        createTask(waiterAsync, full, 'full:', print)
        createTask(waiterAsync, empty, 'empty:', () => {})
        await sleep(1)
        await lock.acquire()
        full.notifyAll()
        lock.release()
        await sleep(1)
        print('empty:', /waiters=\d/.exec(String(empty))?.[0])
      },
    },
  )
})

describe('waitFor()', () => {
  bothSpellings(
    'returns what the predicate gave, at once where that is truthy, and is no checkpoint then',
    ['found 0'],
    {
      *generator(print) {
        const condition = new Condition()
        yield* condition.acquire()
        const passes = passCounter()
        print(yield* condition.waitFor(() => 'found'), passes())
      },
      async async(print) {
        const condition = new Condition()
        await condition.acquire()
        const passes = passCounter()
        print(await condition.waitFor(() => 'found'), passes())
      },
    },
  )

  bothSpellings(
    'looks again at each notification, with the lock held, and waits on where there is nothing yet',
    ['looks locked', 'looks locked', 'looks locked', 'item at 2'],
    {
      *generator(print) {
        const condition = new Condition()
        const items: string[] = []
        const consumer = createTask(() =>
          use(condition, function* () {
            const item = yield* condition.waitFor(() => {
              print('looks', condition.locked() ? 'locked' : 'unlocked')
              return items.pop()
            })
            print(item, 'at', now())
          }),
        )
        yield* sleep(1)
        yield* notify(condition)
        yield* sleep(1)
        items.push('item')
        yield* notify(condition)
        yield* consumer
      },
      async async(print) {
        const condition = new Condition()
        const items: string[] = []
        const consumer = createTask(() =>
          use(condition, async () => {
            const item = await condition.waitFor(() => {
              print('looks', condition.locked() ? 'locked' : 'unlocked')
              return items.pop()
            })
            print(item, 'at', now())
          }),
        )
        await sleep(1)
        await notifyAsync(condition)
        await sleep(1)
        items.push('item')
        await notifyAsync(condition)
        await consumer
      },
    },
  )

  bothSpellings('an error of the predicate comes out, with the lock held', ['boom locked', 'unlocked'], {
    *generator(print) {
      const condition = new Condition()
      const stand = () => (condition.locked() ? 'locked' : 'unlocked')
      yield* use(condition, function* () {
        try {
          yield* condition.waitFor(() => {
            throw 'boom'
          })
        } catch (error) {
          print(error, stand())
        }
      })
      print(stand())
    },
    async async(print) {
      const condition = new Condition()
      const stand = () => (condition.locked() ? 'locked' : 'unlocked')
      await use(condition, async () => {
        try {
          await condition.waitFor(() => {
            throw 'boom'
          })
        } catch (error) {
          print(error, stand())
        }
      })
      print(stand())
    },
  })
})

describe('cancelling', () => {
  bothSpellings(
    'a waiter takes the lock again before the error is thrown',
    ['a CancelledError locked', 'unlocked'],
    {
      *generator(print) {
        const condition = new Condition()
        const a = createTask(waiter, condition, 'a', print)
        yield* sleep(1)
        a.cancel()
        yield* wait([a])
        print(condition.locked() ? 'locked' : 'unlocked')
      },
      async async(print) {
        const condition = new Condition()
        const a = createTask(waiterAsync, condition, 'a', print)
        await sleep(1)
        a.cancel()
        await wait([a])
        print(condition.locked() ? 'locked' : 'unlocked')
      },
    },
  )

  bothSpellings(
    'however often it is cancelled, it waits for the lock; the last request is the one that comes out',
    ['released at 30', 'a third, with the lock at 30', 'cancelling 3'],
    {
      *generator(print) {
        const condition = new Condition()
        const a: Task<void> = createTask(function* () {
          yield* condition.acquire()
          try {
            yield* condition.wait()
          } catch (error) {
            print('a', `${(error as Error).message},`, condition.locked() ? 'with the lock at' : 'no', now())
            print('cancelling', a.cancelling())
          } finally {
            condition.release()
          }
        })
        yield* sleep(1)
        yield* condition.acquire()
        a.cancel('first')
        yield* sleep(9)
        a.cancel('second')
        yield* sleep(10)
        a.cancel('third')
        yield* sleep(10)
        print('released at', now())
        condition.release()
        yield* a
      },
      async async(print) {
        const condition = new Condition()
        const a: Task<void> = createTask(async () => {
          await condition.acquire()
          try {
            await condition.wait()
          } catch (error) {
            print('a', `${(error as Error).message},`, condition.locked() ? 'with the lock at' : 'no', now())
            print('cancelling', a.cancelling())
          } finally {
            condition.release()
          }
        })
        await sleep(1)
        await condition.acquire()
        a.cancel('first')
        await sleep(9)
        a.cancel('second')
        await sleep(10)
        a.cancel('third')
        await sleep(10)
        print('released at', now())
        condition.release()
        await a
      },
    },
  )

  bothSpellings(
    'a waiter that was notified already passes the notification on',
    ['a CancelledError locked', 'b true locked', '<Condition unlocked waiters=0>'],
    {
      *generator(print) {
        const condition = new Condition()
        const [a] = ['a', 'b'].map((name) => createTask(waiter, condition, name, print))
        yield* sleep(1)
        yield* notify(condition)
        a?.cancel()
        yield* sleep(1)
        print(condition)
      },
      async async(print) {
        const condition = new Condition()
        const [a] = ['a', 'b'].map((name) => createTask(waiterAsync, condition, name, print))
        await sleep(1)
        await notifyAsync(condition)
        a?.cancel()
        await sleep(1)
        print(condition)
      },
    },
  )

  bothSpellings(
    'one cancelled while it waits for the lock after its notification passes it on as well',
    ['released', 'a CancelledError locked', 'b true locked'],
    {
      *generator(print) {
        const condition = new Condition()
        const [a] = ['a', 'b'].map((name) => createTask(waiter, condition, name, print))
        yield* sleep(1)
        yield* condition.acquire()
        condition.notify()
        yield* sleep(1)
        a?.cancel()
        yield* sleep(1)
        print('released')
        condition.release()
        yield* sleep(1)
      },
      async async(print) {
        const condition = new Condition()
        const [a] = ['a', 'b'].map((name) => createTask(waiterAsync, condition, name, print))
        await sleep(1)
        await condition.acquire()
        condition.notify()
        await sleep(1)
        a?.cancel()
        await sleep(1)
        print('released')
        condition.release()
        await sleep(1)
      },
    },
  )

  bothSpellings(
    'a waiter that was cancelled before a notification leaves it to the next',
    ['a CancelledError locked', 'b true locked'],
    {
      *generator(print) {
        const condition = new Condition()
        const [a] = ['a', 'b'].map((name) => createTask(waiter, condition, name, print))
        yield* sleep(1)
        yield* condition.acquire()
        a?.cancel()
        condition.notify()
        condition.release()
        yield* sleep(1)
      },
      async async(print) {
        const condition = new Condition()
        const [a] = ['a', 'b'].map((name) => createTask(waiterAsync, condition, name, print))
        await sleep(1)
        await condition.acquire()
        a?.cancel()
        condition.notify()
        condition.release()
        await sleep(1)
      },
    },
  )

  bothSpellings(
    'a time limit around wait() leaves the lock with the task',
    ['TimeoutError locked at 10', 'unlocked'],
    {
      *generator(print) {
        const condition = new Condition()
        const stand = () => (condition.locked() ? 'locked' : 'unlocked')
        yield* use(condition, function* () {
          try {
            yield* waitFor(condition.wait(), 10)
          } catch (error) {
            print(error, stand(), 'at', now())
          }
        })
        print(stand())
      },
      async async(print) {
        const condition = new Condition()
        const stand = () => (condition.locked() ? 'locked' : 'unlocked')
        await use(condition, async () => {
          try {
            await waitFor(condition.wait(), 10)
          } catch (error) {
            print(error, stand(), 'at', now())
          }
        })
        print(stand())
      },
    },
  )

  bothSpellings(
    'a body that would not stop and is ended while it waits takes the lock from nobody',
    ['ended', 'still locked', 'unlocked'],
    {
      *generator(print) {
        const condition = new Condition()
        const stubborn = createTask(() =>
          moveOnAfter(10, () =>
            use(condition, function* () {
              for (;;) {
                try {
                  yield* condition.wait()
                } catch {}
              }
            }),
          ),
        )
        yield* sleep(1)
        yield* use(condition, function* () {
          for (let i = 0; i < 30; i++) yield* sleep(1)
          yield* wait([stubborn])
          print('ended')
          yield* sleep(1)
          print(condition.locked() ? 'still locked' : 'unlocked')
        })
        print(condition.locked() ? 'still locked' : 'unlocked')
      },
      async async(print) {
        const condition = new Condition()
        const stubborn = createTask(() =>
          moveOnAfter(10, () =>
            use(condition, async () => {
              for (;;) {
                try {
                  await condition.wait()
                } catch {}
              }
            }),
          ),
        )
        await sleep(1)
        await use(condition, async () => {
          for (let i = 0; i < 30; i++) await sleep(1)
          await wait([stubborn])
          print('ended')
          await sleep(1)
          print(condition.locked() ? 'still locked' : 'unlocked')
        })
        print(condition.locked() ? 'still locked' : 'unlocked')
      },
    },
    { cancelGrace: 10, hideReports: true },
  )

  bothSpellings(
    'a body that would not stop and is ended while it waits spoils no later release of its task',
    ['TimeoutError unlocked', 'locked', 'unlocked'],
    {
      *generator(print) {
        const condition = new Condition()
        const stand = () => (condition.locked() ? 'locked' : 'unlocked')
        createTask(passTime)
        try {
          yield* timeout(10, function* () {
            yield* condition.acquire()
            try {
              for (let again = true; again; ) {
                try {
                  yield* condition.wait()
                } catch {}
              }
            } finally {
              condition.release()
            }
          })
        } catch (error) {
          print(error, stand())
        }
        yield* condition.acquire()
        print(stand())
        condition.release()
        print(stand())
      },
      async async(print) {
        const condition = new Condition()
        const stand = () => (condition.locked() ? 'locked' : 'unlocked')
        createTask(passTime)
        try {
          await timeout(10, async () => {
            await condition.acquire()
            try {
              for (let again = true; again; ) {
                try {
                  await condition.wait()
                } catch {}
              }
            } finally {
              condition.release()
            }
          })
        } catch (error) {
          print(error, stand())
        }
        await condition.acquire()
        print(stand())
        condition.release()
        print(stand())
      },
    },
    { cancelGrace: 10, hideReports: true },
  )

  bothSpellings(
    'a body that is ended while it waits for the lock passes its notification on',
    ['ended', 'b true locked'],
    {
      *generator(print) {
        const condition = new Condition()
        const stubborn = createTask(() =>
          moveOnAfter(10, () =>
            use(condition, function* () {
              for (;;) {
                try {
                  yield* condition.wait()
                } catch {}
              }
            }),
          ),
        )
        yield* sleep(1)
        const b = createTask(waiter, condition, 'b', print)
        yield* sleep(1)
        yield* use(condition, function* () {
          condition.notify()
          for (let i = 0; i < 40; i++) yield* sleep(1)
          yield* wait([stubborn])
          print('ended')
        })
        yield* b
      },
      async async(print) {
        const condition = new Condition()
        const stubborn = createTask(() =>
          moveOnAfter(10, () =>
            use(condition, async () => {
              for (;;) {
                try {
                  await condition.wait()
                } catch {}
              }
            }),
          ),
        )
        await sleep(1)
        const b = createTask(waiterAsync, condition, 'b', print)
        await sleep(1)
        await use(condition, async () => {
          condition.notify()
          for (let i = 0; i < 40; i++) await sleep(1)
          await wait([stubborn])
          print('ended')
        })
        await b
      },
    },
    { cancelGrace: 10, hideReports: true },
  )

  test('several that were ended while they waited release nothing that is not theirs', async () => {
    const trace = await traceOf(
      async (print) => {
        createTask(passTime)
        const condition = new Condition()
        const ended = Array.from({ length: 2 }, () =>
          createTask(async () => {
            await condition.acquire()
            try {
              await timeout(10, async () => {
                for (;;) {
                  try {
                    await condition.wait()
                  } catch {}
                }
              })
            } catch (error) {
              print(error)
            } finally {
              condition.release()
            }
          }),
        )
        await sleep(1)
        await condition.acquire()
        await wait(ended)
        print(condition.locked())
      },
      { cancelGrace: 10, hideReports: true },
    )
    expect(trace).toEqual(['TimeoutError', 'TimeoutError', 'true'])
  })

  function* passTime() {
    for (let i = 0; i < 50; i++) yield* sleep(1)
  }
})

describe('the lock of a condition', () => {
  bothSpellings('is taken by acquire(), hold() and use()', ['true', 'true', 'true', 'false'], {
    *generator(print) {
      const condition = new Condition()
      yield* condition.acquire()
      print(condition.locked())
      condition.release()
      {
        using _held = yield* condition.hold()
        print(condition.locked())
      }
      yield* use(condition, () => print(condition.locked()))
      print(condition.locked())
    },
    async async(print) {
      const condition = new Condition()
      await condition.acquire()
      print(condition.locked())
      condition.release()
      {
        using _held = await condition.hold()
        print(condition.locked())
      }
      await use(condition, async () => print(condition.locked()))
      print(condition.locked())
    },
  })

  bothSpellings(
    'wait() and notify() without it are refused',
    ['wait()', 'notify()', 'notify()'].map((what) => `InvalidStateError ${what} needs the lock`),
    {
      *generator(print) {
        const condition = new Condition()
        for (const act of [() => condition.wait(), () => condition.notify(), () => condition.notifyAll()]) {
          try {
            yield* call(act)
          } catch (error) {
            print(error, /.* needs the lock/.exec((error as Error).message)?.[0])
          }
        }
      },
      async async(print) {
        const condition = new Condition()
        for (const act of [() => condition.wait(), () => condition.notify(), () => condition.notifyAll()]) {
          try {
            await act()
          } catch (error) {
            print(error, /.* needs the lock/.exec((error as Error).message)?.[0])
          }
        }
      },
    },
  )
})

describe('misuse', () => {
  keepsTheOperationContract('condition.wait()', () => {
    const lock = new Lock()
    lock.tryAcquire()
    const condition = new Condition(lock)
    getRunningLoop().callSoon(() => {
      if (!lock.tryAcquire()) return
      condition.notify()
      lock.release()
    })
    return condition.wait()
  })

  keepsTheOperationContract('condition.waitFor()', () => new Condition().waitFor(() => true))
})

test('under random cancellations a bounded buffer loses nothing, and nobody waits for what is there', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const roll = (sides: number) => Math.floor(random() * sides)
      const program = `seed ${seed}, ${spelling}`
      await runVirtual(function* () {
        const lock = new Lock()
        const [notFull, notEmpty] = [new Condition(lock), new Condition(lock)]
        const capacity = 1 + roll(3)
        const items: number[] = []
        const put: number[] = []
        const taken: number[] = []
        let holders = 0
        const enter = () => expect(++holders, `${program}: holders of the lock`).toBe(1)
        const add = (item: number) => {
          enter()
          items.push(item)
          put.push(item)
          notEmpty.notify()
          holders--
        }
        const take = () => {
          enter()
          taken.push(items.shift() as number)
          notFull.notify()
          holders--
        }
        const hasRoom = () => items.length < capacity
        const hasItem = () => items.length > 0
        const generatorActor = (condition: Condition, isReady: () => boolean, act: () => void, ms: number) =>
          createTask(function* () {
            yield* sleep(ms)
            yield* use(condition, function* () {
              yield* condition.waitFor(isReady)
              act()
            })
          })
        const asyncActor = (condition: Condition, isReady: () => boolean, act: () => void, ms: number) =>
          createTask(async () => {
            await sleep(ms)
            await use(condition, async () => {
              await condition.waitFor(isReady)
              act()
            })
          })
        const actor = spelling === 'async' ? asyncActor : generatorActor
        const producers = Array.from({ length: 12 }, (_, i) => actor(notFull, hasRoom, () => add(i), roll(6)))
        const consumers = Array.from({ length: 12 }, () => actor(notEmpty, hasItem, take, roll(6)))
        for (const task of [...producers, ...consumers]) {
          if (random() < 0.3) getRunningLoop().callAt(roll(8), () => task.cancel())
        }
        yield* sleep(50)
        // Nobody waits though he could go on.
        const waiting = (tasks: Task<void>[]) => tasks.filter((task) => !task.done()).length
        if (hasItem()) expect(waiting(consumers), `${program}: consumers wait for ${items}`).toBe(0)
        if (hasRoom()) expect(waiting(producers), `${program}: producers wait`).toBe(0)
        expect(lock.locked(), program).toBe(false)
        expect([...taken, ...items], program).toEqual(put)
      })
    }
  }
})
