/** What people complain of in asyncio, one by one, and what polvo does there. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  allTasks,
  Condition,
  type Coroutine,
  cancelScope,
  channel,
  createTask,
  currentTask,
  Future,
  forEach,
  from,
  gather,
  getRunningLoop,
  Lock,
  Queue,
  Semaphore,
  type Started,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  use,
  wait,
  waitFor,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { shown } from './support/errors.ts'
import { now, requests } from './support/here.ts'
import { seeded } from './support/random.ts'
import { bothSpellings, type Print } from './support/traces.ts'

/** Time must pass in virtual time for a grace period to be over: somebody else sleeps. */
function passTime(): void {
  createTask(function* () {
    for (let i = 0; i < 1000; i++) yield* sleep(1)
  })
}

describe('1. a cancellation that is swallowed once is a hang', () => {
  const grace = { cancelGrace: 10, hideReports: true }

  function* stubborn(): Coroutine<never> {
    for (;;) {
      try {
        yield* sleep(1000)
      } catch {}
    }
  }

  async function asyncStubborn(): Promise<never> {
    for (;;) {
      try {
        await sleep(1000)
      } catch {}
    }
  }

  bothSpellings(
    'a time limit ends all the same',
    ['TimeoutError at 30'],
    {
      *generator(print) {
        passTime()
        try {
          yield* timeout(10, stubborn)
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        passTime()
        try {
          await timeout(10, asyncStubborn)
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
    grace,
  )

  bothSpellings(
    'a group ends all the same',
    ['ExceptionGroup[boom] at 30'],
    {
      *generator(print) {
        passTime()
        try {
          yield* taskGroup(function* (group) {
            group.createTask(stubborn)
            yield* sleep(10)
            throw 'boom'
          })
        } catch (error) {
          print(shown(error), 'at', now())
        }
      },
      async async(print) {
        passTime()
        try {
          await taskGroup(async (group) => {
            group.createTask(asyncStubborn)
            await sleep(10)
            throw 'boom'
          })
        } catch (error) {
          print(shown(error), 'at', now())
        }
      },
    },
    grace,
  )

  bothSpellings(
    'a task that is cancelled by hand ends all the same',
    ['cancelled at 25'],
    {
      *generator(print) {
        passTime()
        const task = createTask(stubborn)
        yield* sleep(5)
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled at' : 'not cancelled at', now())
      },
      async async(print) {
        passTime()
        const task = createTask(asyncStubborn)
        await sleep(5)
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled at' : 'not cancelled at', now())
      },
    },
    grace,
  )

  for (const [spelling, body] of Object.entries({ generators: stubborn, async: asyncStubborn })) {
    test(`a run ends all the same (${spelling})`, async () => {
      const result = await runVirtual(
        function* () {
          getRunningLoop().setExceptionHandler(() => {})
          passTime()
          createTask(body as () => unknown)
          yield* sleep(1)
          return 'result'
        },
        { cancelGrace: 10 },
      )
      expect(result).toBe('result')
    })
  }
})

describe('2. a result is lost when the cancellation comes behind it', () => {
  bothSpellings(
    'what was taken from a queue, a channel or a line of waiters goes back to it',
    ['queue 1', 'channel 2', 'lock free', 'permit free'],
    {
      *generator(print) {
        const queue = new Queue<number>()
        const [sender, receiver] = channel<number>(1)
        const [lock, permits] = [new Lock(), new Semaphore(0)]
        yield* lock.acquire()
        const tasks = [queue.get(), receiver.receive(), lock.acquire(), permits.acquire()].map((operation) =>
          createTask<unknown>(operation),
        )
        yield
        queue.putNowait(1)
        sender.sendNowait(2)
        lock.release()
        permits.release()
        for (const task of tasks) task.cancel()
        yield* wait(tasks)
        print('queue', queue.getNowait())
        print('channel', receiver.receiveNowait())
        print('lock', lock.locked() ? 'taken' : 'free')
        print('permit', permits.locked() ? 'taken' : 'free')
      },
      async async(print) {
        const queue = new Queue<number>()
        const [sender, receiver] = channel<number>(1)
        const [lock, permits] = [new Lock(), new Semaphore(0)]
        await lock.acquire()
        const tasks = [
          async () => void (await queue.get()),
          async () => void (await receiver.receive()),
          async () => void (await lock.acquire()),
          async () => void (await permits.acquire()),
        ].map((fn) => createTask(fn))
        await sleep(0)
        queue.putNowait(1)
        sender.sendNowait(2)
        lock.release()
        permits.release()
        for (const task of tasks) task.cancel()
        await wait(tasks)
        print('queue', queue.getNowait())
        print('channel', receiver.receiveNowait())
        print('lock', lock.locked() ? 'taken' : 'free')
        print('permit', permits.locked() ? 'taken' : 'free')
      },
    },
  )

  bothSpellings(
    'what was sent counts as sent, and the result of a future stays on it',
    ['received 1', 'sent', 'result'],
    {
      *generator(print) {
        const [sender, receiver] = channel<number>()
        const future = new Future<string>()
        const sending = createTask(function* () {
          yield* sender.send(1)
          print('sent')
        })
        const waiting = createTask(function* () {
          yield* future
        })
        yield
        print('received', receiver.receiveNowait())
        future.setResult('result')
        for (const task of [sending, waiting]) task.cancel()
        yield* wait([sending, waiting])
        print(future.result())
      },
      async async(print) {
        const [sender, receiver] = channel<number>()
        const future = new Future<string>()
        const sending = createTask(async () => {
          await sender.send(1)
          print('sent')
        })
        const waiting = createTask(async () => {
          await future
        })
        await sleep(0)
        print('received', receiver.receiveNowait())
        future.setResult('result')
        for (const task of [sending, waiting]) task.cancel()
        await wait([sending, waiting])
        print(future.result())
      },
    },
  )
})

describe('3. no clean-up runs where a task is cancelled before it started', () => {
  bothSpellings('an eager task has begun when it can be cancelled', ['cleaned up'], {
    *generator(print) {
      const task = createTask({ eager: true }, function* () {
        try {
          yield* sleep(1000)
        } finally {
          print('cleaned up')
        }
      })
      task.cancel()
      yield* wait([task])
    },
    async async(print) {
      const task = createTask({ eager: true }, async () => {
        try {
          await sleep(1000)
        } finally {
          print('cleaned up')
        }
      })
      task.cancel()
      await wait([task])
    },
  })

  bothSpellings('so has a child that a group has started', ['cleaned up'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        let child: Task<unknown> | null = null
        yield* group.start(function* (started: Started<void>) {
          child = currentTask()
          started()
          try {
            yield* sleep(1000)
          } finally {
            print('cleaned up')
          }
        })
        ;(child as unknown as Task<unknown>).cancel()
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        let child: Task<unknown> | null = null
        await group.start(async (started: Started<void>) => {
          child = currentTask()
          started()
          try {
            await sleep(1000)
          } finally {
            print('cleaned up')
          }
        })
        ;(child as unknown as Task<unknown>).cancel()
      })
    },
  })
})

describe('4. tasks are collected while they run', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  /** The collector, on a stack of its own: what a job has looked at lives to its end. */
  const collected = () =>
    from(async () => {
      for (let i = 0; i < 3; i++) {
        await new Promise(setImmediate)
        collect()
      }
    })

  for (const spelling of ['generators', 'async']) {
    test(`a task that only the loop knows goes on, with all it waits for (${spelling})`, async () => {
      await runVirtual(function* () {
        let finished = 0
        const start = (): WeakRef<Future<void>> => {
          const future = new Future<void>()
          if (spelling === 'async')
            createTask(async () => {
              await future
              finished++
            })
          else
            createTask(function* () {
              yield* future
              finished++
            })
          return new WeakRef(future)
        }
        const futures = Array.from({ length: 20 }, start)
        yield* sleep(1)
        yield* collected()
        expect(allTasks().size).toBe(21)
        for (const future of futures) future.deref()?.setResult()
        yield* sleep(1)
        expect(finished).toBe(20)
      })
    })
  }
})

describe('5. wait_for loses items and cancellations', () => {
  test('nothing is lost where items come as time limits pass, in both spellings', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      for (const spelling of ['generators', 'async']) {
        const random = seeded(seed)
        const roll = (sides: number) => Math.floor(random() * sides)
        const program = `seed ${seed}, ${spelling}`
        await runVirtual(function* () {
          const queue = new Queue<number>()
          const got: number[] = []
          const times = Array.from({ length: 20 }, () => roll(20))
          for (const [item, ms] of times.entries()) getRunningLoop().callAt(ms, () => queue.putNowait(item))
          const consumers = Array.from({ length: 3 }, () => {
            const limit = 1 + roll(3)
            if (spelling === 'async')
              return createTask(async () => {
                while (now() < 40) {
                  try {
                    got.push(await waitFor(queue.get(), limit))
                  } catch {}
                }
              })
            return createTask(function* () {
              while (now() < 40) {
                try {
                  got.push(yield* waitFor(queue.get(), limit))
                } catch {}
              }
            })
          })
          yield* wait(consumers)
          while (!queue.empty()) got.push(queue.getNowait())
          expect(
            got.toSorted((a, b) => a - b),
            program,
          ).toEqual(times.map((_, item) => item))
        })
      }
    }
  })

  bothSpellings('a cancellation that comes as the result is there arrives', ['cancelled'], {
    *generator(print) {
      const future = new Future<void>()
      const task = createTask(function* () {
        yield* waitFor(future, 100)
        yield* sleep(100)
        print('never')
      })
      yield* sleep(1)
      future.setResult()
      task.cancel()
      yield* wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
    async async(print) {
      const future = new Future<void>()
      const task = createTask(async () => {
        await waitFor(future, 100)
        await sleep(100)
        print('never')
      })
      await sleep(1)
      future.setResult()
      task.cancel()
      await wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
  })
})

describe('6. wake-ups are lost in Lock, Semaphore and Condition', () => {
  /** What a visitor does: he has it when the body runs, and not behind it. */
  interface Place {
    visit(body: () => Coroutine): Coroutine
    visitAsync(body: () => Promise<void>): Promise<void>
  }

  const places: Record<string, () => Place> = {
    Lock: () => {
      const lock = new Lock()
      return {
        *visit(body) {
          yield* use(lock, body)
        },
        visitAsync: async (body) => void (await use(lock, body)),
      }
    },
    Semaphore: () => {
      const semaphore = new Semaphore(2)
      return {
        *visit(body) {
          yield* use(semaphore, body)
        },
        visitAsync: async (body) => void (await use(semaphore, body)),
      }
    },
    Condition: () => {
      const condition = new Condition()
      let isFree = true
      const enter = () => {
        isFree = false
      }
      const leave = () => {
        isFree = true
        condition.notify()
      }
      return {
        *visit(body) {
          yield* use(condition, function* () {
            yield* condition.waitFor(() => isFree)
            enter()
          })
          try {
            yield* body()
          } finally {
            yield* use(condition, leave)
          }
        },
        async visitAsync(body) {
          await use(condition, async () => {
            await condition.waitFor(() => isFree)
            enter()
          })
          try {
            await body()
          } finally {
            await use(condition, leave)
          }
        },
      }
    },
  }

  for (const [name, make] of Object.entries(places)) {
    test(`whoever of many is cancelled, and when: nobody waits for a ${name} that is free`, async () => {
      for (let seed = 1; seed <= 100; seed++) {
        for (const spelling of ['generators', 'async']) {
          const random = seeded(seed)
          const roll = (sides: number) => Math.floor(random() * sides)
          const program = `seed ${seed}, ${spelling}`
          await runVirtual(function* () {
            const place = make()
            const tasks = Array.from({ length: 12 }, () => {
              const [arrival, stay] = [roll(6), roll(3)]
              if (spelling === 'async')
                return createTask(async () => {
                  await sleep(arrival)
                  await place.visitAsync(async () => {
                    await sleep(stay)
                  })
                })
              return createTask(function* () {
                yield* sleep(arrival)
                yield* place.visit(function* () {
                  yield* sleep(stay)
                })
              })
            })
            for (const task of tasks) {
              // Once, for those that only wait; a second time might interrupt the leaving.
              if (random() < 0.5) getRunningLoop().callAt(roll(12), () => task.cancel())
            }
            yield* sleep(100)
            for (const task of tasks) expect(task.done(), `${program}: ${task}`).toBe(true)
            // It is free: a newcomer gets in.
            yield* timeout(100, () => place.visit(function* () {}))
          })
        }
      }
    })
  }
})

describe('7. a group swallows the cancellation of the code around it', () => {
  for (const depth of [1, 2]) {
    for (const spelling of ['generators', 'async']) {
      test(`children fail and a time limit passes in any order, ${depth} deep: the time limit is kept (${spelling})`, async () => {
        for (let failsAt = 1; failsAt <= 4; failsAt++) {
          for (let limit = 1; limit <= 4; limit++) {
            for (const asked of ['by a timeout', 'by cancel()']) {
              const program = `fails at ${failsAt}, ends at ${limit} ${asked}`
              await runVirtual(function* () {
                const body = spelling === 'async' ? asyncBody : generatorBody
                const task = createTask(() =>
                  asked === 'by a timeout'
                    ? timeout(limit, () => body(depth, failsAt))
                    : body(depth, failsAt),
                )
                if (asked === 'by cancel()') getRunningLoop().callAt(limit, () => task.cancel())
                yield* wait([task])
                expect(now(), program).toBe(limit)
                if (asked === 'by cancel()') expect(task.cancelled(), program).toBe(true)
                else expect(shown(task.exception()), program).toBe('TimeoutError')
              })
            }
          }
        }
      })
    }
  }

  /** Groups in groups, of which a child fails; the error is dealt with, and life goes on. */
  function* generatorBody(depth: number, failsAt: number): Coroutine {
    try {
      yield* taskGroup(function* (group) {
        group.createTask(function* () {
          yield* sleep(failsAt)
          throw 'boom'
        })
        if (depth > 1) yield* generatorBody(depth - 1, failsAt)
        yield* sleep(1000)
      })
    } catch (error) {
      if (shown(error) === 'CancelledError') throw error
    }
    yield* sleep(1000)
  }

  async function asyncBody(depth: number, failsAt: number): Promise<void> {
    try {
      await taskGroup(async (group) => {
        group.createTask(async () => {
          await sleep(failsAt)
          throw 'boom'
        })
        if (depth > 1) await asyncBody(depth - 1, failsAt)
        await sleep(1000)
      })
    } catch (error) {
      if (shown(error) === 'CancelledError') throw error
    }
    await sleep(1000)
  }

  bothSpellings('and leaves the count of requests as it was', ['ExceptionGroup[boom] 0', 'TimeoutError 0'], {
    *generator(print) {
      try {
        yield* taskGroup((group) => {
          group.createTask(function* () {
            throw 'boom'
          })
          return sleep(100)
        })
      } catch (error) {
        print(shown(error), requests())
      }
      try {
        yield* timeout(5, () => sleep(100))
      } catch (error) {
        print(error, requests())
      }
    },
    async async(print) {
      try {
        await taskGroup((group) => {
          group.createTask(async () => {
            throw 'boom'
          })
          return sleep(100)
        })
      } catch (error) {
        print(shown(error), requests())
      }
      try {
        await timeout(5, () => sleep(100))
      } catch (error) {
        print(error, requests())
      }
    },
  })
})

describe('8. timeout(0) swallows a cancellation that came before', () => {
  bothSpellings('it is the cancellation that comes out', ['CancelledError', 'cancelled'], {
    *generator(print) {
      const task = createTask(function* () {
        currentTask()?.cancel()
        try {
          yield* timeout(0, () => sleep(0))
        } catch (error) {
          print(error)
          throw error
        }
      })
      yield* wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
    async async(print) {
      const task = createTask(async () => {
        currentTask()?.cancel()
        try {
          await timeout(0, () => sleep(0))
        } catch (error) {
          print(error)
          throw error
        }
      })
      await wait([task])
      print(task.cancelled() ? 'cancelled' : 'not cancelled')
    },
  })

  bothSpellings('also where it came from a time limit around it', ['TimeoutError of the outer at 5'], {
    *generator(print) {
      try {
        yield* timeout(5, function* () {
          try {
            yield* sleep(100)
          } finally {
            try {
              yield* timeout(0, () => sleep(0))
            } catch {}
          }
        })
      } catch (error) {
        print(error, 'of the outer at', now())
      }
    },
    async async(print) {
      try {
        await timeout(5, async () => {
          try {
            await sleep(100)
          } finally {
            try {
              await timeout(0, () => sleep(0))
            } catch {}
          }
        })
      } catch (error) {
        print(error, 'of the outer at', now())
      }
    },
  })
})

describe('9. gather leaves the others running when one fails', () => {
  const sibling = (print: Print) =>
    function* () {
      try {
        yield* sleep(20)
        print('the sibling went on')
      } catch (error) {
        print('the sibling was stopped')
        throw error
      }
    }
  const asyncSibling = (print: Print) => async () => {
    try {
      await sleep(20)
      print('the sibling went on')
    } catch (error) {
      print('the sibling was stopped')
      throw error
    }
  }

  bothSpellings('so it does, as in Python', ['boom', 'the sibling went on'], {
    *generator(print) {
      try {
        yield* gather(sibling(print), function* () {
          yield
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
      yield* sleep(50)
    },
    async async(print) {
      try {
        await gather(asyncSibling(print), async () => {
          await sleep(0)
          throw 'boom'
        })
      } catch (error) {
        print(error)
      }
      await sleep(50)
    },
  })

  bothSpellings(
    'a group stops them, and waits for their end',
    ['the sibling was stopped', 'ExceptionGroup[boom]'],
    {
      *generator(print) {
        try {
          yield* taskGroup((group) => {
            group.createTask(sibling(print))
            group.createTask(function* () {
              yield
              throw 'boom'
            })
          })
        } catch (error) {
          print(shown(error))
        }
      },
      async async(print) {
        try {
          await taskGroup((group) => {
            group.createTask(asyncSibling(print))
            group.createTask(async () => {
              await sleep(0)
              throw 'boom'
            })
          })
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )
})

describe('10. shield orphans tasks, and the end of the program kills them', () => {
  bothSpellings(
    'what was shielded is a task of the run: it is told to stop when the run ends, and its clean-up is waited for',
    ['TimeoutError', 'main ends', 'told to stop at 10', 'cleaned up at 30'],
    {
      *generator(print) {
        const save = function* () {
          try {
            yield* sleep(1000)
          } finally {
            print('told to stop at', now())
            yield* sleep(20)
            print('cleaned up at', now())
          }
        }
        try {
          yield* timeout(10, () => shield(save))
        } catch (error) {
          print(error)
        }
        print('main ends')
      },
      async async(print) {
        const save = async () => {
          try {
            await sleep(1000)
          } finally {
            print('told to stop at', now())
            await sleep(20)
            print('cleaned up at', now())
          }
        }
        try {
          await timeout(10, () => shield(save))
        } catch (error) {
          print(error)
        }
        print('main ends')
      },
    },
  )

  bothSpellings('and it can be bounded', ['TimeoutError', 'told to stop at 15'], {
    *generator(print) {
      const save = function* () {
        try {
          yield* sleep(1000)
        } finally {
          print('told to stop at', now())
        }
      }
      try {
        yield* timeout(10, () => shield(save, { atMost: 5 }))
      } catch (error) {
        print(error)
      }
      yield* sleep(50)
    },
    async async(print) {
      const save = async () => {
        try {
          await sleep(1000)
        } finally {
          print('told to stop at', now())
        }
      }
      try {
        await timeout(10, () => shield(save, { atMost: 5 }))
      } catch (error) {
        print(error)
      }
      await sleep(50)
    },
  })
})

describe('15. things that are missing', () => {
  bothSpellings('a scope that can be cancelled on its own', ['undefined at 5'], {
    *generator(print) {
      const result = yield* cancelScope((scope) => {
        getRunningLoop().callAt(5, () => scope.cancel())
        return sleep(100, 'slept')
      })
      print(result, 'at', now())
    },
    async async(print) {
      const result = await cancelScope((scope) => {
        getRunningLoop().callAt(5, () => scope.cancel())
        return sleep(100, 'slept')
      })
      print(result, 'at', now())
    },
  })

  bothSpellings('a start of tasks that waits until they are ready', ['ready at 5'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        const value = yield* group.start(function* (started: Started<string>) {
          yield* sleep(5)
          started('ready')
        })
        print(value, 'at', now())
      })
    },
    async async(print) {
      await taskGroup(async (group) => {
        const value = await group.start(async (started: Started<string>) => {
          await sleep(5)
          started('ready')
        })
        print(value, 'at', now())
      })
    },
  })

  bothSpellings('a bound by default: a channel holds nothing that nobody has asked for', ['sent at 10'], {
    *generator(print) {
      const [sender, receiver] = channel<number>()
      getRunningLoop().callAt(10, () => receiver.receiveNowait())
      yield* sender.send(1)
      print('sent at', now())
    },
    async async(print) {
      const [sender, receiver] = channel<number>()
      getRunningLoop().callAt(10, () => receiver.receiveNowait())
      await sender.send(1)
      print('sent at', now())
    },
  })

  bothSpellings('queues one can loop over, with an end', ['1', '2', 'end'], {
    *generator(print) {
      const queue = new Queue<number>()
      for (const item of [1, 2]) queue.putNowait(item)
      queue.shutdown()
      yield* forEach(queue, (item) => print(item))
      print('end')
    },
    async async(print) {
      const queue = new Queue<number>()
      for (const item of [1, 2]) queue.putNowait(item)
      queue.shutdown()
      for await (const item of queue) print(item)
      print('end')
    },
  })
})

describe('18. a catch-all or a return in finally swallows the cancellation', () => {
  const swallowed = /^report: .*careless.* was cancelled and returned as if nothing had happened/

  for (const [how, fn] of [
    [
      'a catch-all',
      function* () {
        try {
          yield* sleep(1000)
        } catch {}
      },
    ],
    [
      'an async catch-all',
      async () => {
        try {
          await sleep(1000)
        } catch {}
      },
    ],
    [
      'a return in finally',
      function* () {
        try {
          yield* sleep(1000)
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is the mistake
          return
        }
      },
    ],
    [
      'an async return in finally',
      async () => {
        try {
          await sleep(1000)
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is the mistake
          return
        }
      },
    ],
  ] as const) {
    test(`debug mode says so: ${how}`, async () => {
      const reports: string[] = []
      await runVirtual(
        function* () {
          getRunningLoop().setExceptionHandler((_, { message }) => reports.push(`report: ${message}`))
          const careless = createTask({ name: 'careless' }, fn as () => unknown)
          yield* sleep(1)
          careless.cancel()
          yield* wait([careless])
        },
        { debug: true },
      )
      expect(reports).toEqual([expect.stringMatching(swallowed)])
    })
  }

  bothSpellings(
    'a time limit whose body does that has its say in the end: the count is right, and later ones work',
    ['swallowed', '0', 'TimeoutError at 20'],
    {
      *generator(print) {
        const result = yield* timeout(10, function* () {
          try {
            yield* sleep(1000)
          } catch {}
          return 'swallowed'
        })
        print(result)
        print(requests())
        try {
          yield* timeout(10, () => sleep(1000))
        } catch (error) {
          print(error, 'at', now())
        }
      },
      async async(print) {
        const result = await timeout(10, async () => {
          try {
            await sleep(1000)
          } catch {}
          return 'swallowed'
        })
        print(result)
        print(requests())
        try {
          await timeout(10, () => sleep(1000))
        } catch (error) {
          print(error, 'at', now())
        }
      },
    },
  )
})

describe('timers with equal deadlines fire in any order', () => {
  bothSpellings('they fire in the order they were set', ['callbacks 0,1,2,3,4', 'sleepers 0,1,2,3,4'], {
    *generator(print) {
      const numbers = [0, 1, 2, 3, 4]
      const fired: number[] = []
      for (const i of numbers) getRunningLoop().callAt(50, () => fired.push(i))
      yield* sleep(100)
      print('callbacks', fired.join())
      const woken: number[] = []
      const sleepers = numbers.map((i) =>
        createTask(function* () {
          yield* sleep(50)
          woken.push(i)
        }),
      )
      yield* wait(sleepers)
      print('sleepers', woken.join())
    },
    async async(print) {
      const numbers = [0, 1, 2, 3, 4]
      const fired: number[] = []
      for (const i of numbers) getRunningLoop().callAt(50, () => fired.push(i))
      await sleep(100)
      print('callbacks', fired.join())
      const woken: number[] = []
      const sleepers = numbers.map((i) =>
        createTask(async () => {
          await sleep(50)
          woken.push(i)
        }),
      )
      await wait(sleepers)
      print('sleepers', woken.join())
    },
  })
})
