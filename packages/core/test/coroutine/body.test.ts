/** Several awaits in one async function, and awaits that belong to no function of the library. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { type Coroutine, call, createTask, currentTask, Future, Lock, sleep, timeout } from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { type AsyncProgram, traceOf } from '../support/traces.ts'

/** Real timers are waited for, some of these programs have them. */
function prints(name: string, expected: string[], program: AsyncProgram): void {
  test(name, async () => {
    expect(await traceOf(program, { io: true })).toEqual(expected)
  })
}

prints(
  'Promise.all is cancelled whole: each branch cleans up in its own time',
  ['a cleans', 'b cleans', 'a cleaned', 'b cleaned', 'CancelledError true'],
  async (print) => {
    const branch = async (name: string, steps: number) => {
      try {
        await sleep(1000)
      } catch (error) {
        print(name, 'cleans')
        for (let i = 0; i < steps; i++) await sleep(0)
        print(name, 'cleaned')
        throw error
      }
    }
    const task = createTask(async () => {
      await Promise.all([branch('a', 1), branch('b', 3)])
    })
    await sleep(0)
    task.cancel()
    try {
      await task
    } catch (error) {
      print(error, task.cancelled())
    }
  },
)

prints(
  'Promise.all over two operations is cancelled whole',
  ['CancelledError', 'locked false'],
  async (print) => {
    const lock = new Lock()
    await lock.acquire()
    const task = createTask(async () => {
      await Promise.all([sleep(1000), lock.acquire()])
    })
    await sleep(1)
    task.cancel()
    try {
      await task
    } catch (error) {
      print(error)
    }
    lock.release()
    await sleep(1)
    print('locked', lock.locked())
  },
)

prints(
  'the losers of Promise.race are cancelled when the function settles, and waited for',
  ['quick done', 'slow CancelledError', 'slow cleaned', 'quick'],
  async (print) => {
    const branch = async (name: string, ms: number) => {
      try {
        await sleep(ms)
        print(name, 'done')
        return name
      } catch (error) {
        print(name, error)
        await sleep(1)
        print(name, 'cleaned')
        throw error
      }
    }
    print(await createTask(async () => Promise.race([branch('quick', 5), branch('slow', 500)])))
  },
)

prints(
  'a race inside a function that goes on leaves its loser until the function settles',
  ['won win', 'loser CancelledError'],
  async (print) => {
    await createTask(async () => {
      const loser = timeout(500, async () => {
        try {
          await sleep(400)
        } catch (error) {
          print('loser', error)
          throw error
        }
      })
      print('won', await Promise.race([loser, sleep(5, 'win')]))
      await sleep(10)
    })
  },
)

prints(
  'a timeout in one branch leaves the other alone',
  ['a TimeoutError', 'b undisturbed 0', 'a goes on'],
  async (print) => {
    const a = async () => {
      try {
        await timeout(10, () => sleep(500))
      } catch (error) {
        print('a', error)
      }
      await sleep(20)
      print('a goes on')
    }
    const b = async () => {
      await sleep(25)
      print('b undisturbed', currentTask()?.cancelling())
    }
    await Promise.all([a(), b()])
  },
)

prints(
  'a lock wanted in two branches, one of them out of time',
  ['a TimeoutError', 'b got it', 'false'],
  async (print) => {
    const lock = new Lock()
    await lock.acquire()
    const a = async () => {
      try {
        await timeout(5, () => lock.acquire())
      } catch (error) {
        print('a', error)
      }
    }
    const b = async () => {
      await lock.acquire()
      print('b got it')
      lock.release()
    }
    const both = Promise.all([a(), b()])
    await sleep(10)
    lock.release()
    await both
    print(lock.locked())
  },
)

prints(
  'a branch that cancels its own task takes its siblings along',
  ['sibling CancelledError', 'self CancelledError', 'true'],
  async (print) => {
    const watched = async (name: string, work: () => PromiseLike<unknown>) => {
      try {
        await work()
      } catch (error) {
        print(name, error)
        throw error
      }
    }
    const task = createTask(async () => {
      const self = async () => {
        await sleep(1)
        currentTask()?.cancel()
        await watched('self', () => sleep(100))
      }
      await Promise.all([watched('sibling', () => sleep(50)), self()])
    })
    await sleep(500)
    print(task.cancelled())
  },
)

prints(
  'a timer callback that cancels the task delivers once',
  ['CancelledError', 'cleaned', 'true'],
  async (print) => {
    const task = createTask(async () => {
      setTimeout(() => task.cancel(), 1)
      try {
        await new Future()
      } catch (error) {
        print(error)
        await sleep(1)
        print('cleaned')
        throw error
      }
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    await sleep(10)
    print(task.cancelled())
  },
)

prints(
  'async generators are closed, with clean-up, when their consumer is cancelled',
  ['0', '1', 'closed', 'true'],
  async (print) => {
    async function* ticks() {
      try {
        for (let i = 0; ; i++) {
          yield i
          await sleep(10)
        }
      } finally {
        await sleep(1)
        print('closed')
      }
    }
    const task = createTask(async () => {
      for await (const i of ticks()) print(i)
    })
    await sleep(15)
    task.cancel()
    await sleep(10)
    print(task.cancelled())
  },
)

describe('an await that belongs to no task', () => {
  prints('in a listener whose task is over is adopted by the loop', ['listener done'], async (print) => {
    const emitter = new EventEmitter()
    await createTask(async () => {
      emitter.on('x', async () => {
        await sleep(1)
        print('listener done')
      })
    })
    emitter.emit('x')
    await sleep(10)
  })

  prints(
    'is not cancelled with the task that registered the listener',
    ['null', 'listener done'],
    async (print) => {
      const emitter = new EventEmitter()
      const registrar = createTask(async () => {
        emitter.on('x', async () => {
          print(currentTask())
          await sleep(5)
          print('listener done')
        })
        await sleep(1000)
      })
      await sleep(1)
      await new Promise<void>((resolve) => {
        leaveContext(() => {
          emitter.emit('x')
          resolve()
        })
      })
      registrar.cancel()
      await realTime(20)
    },
  )

  prints('after the task is over goes on by itself', ['task done', 'stray goes on'], async (print) => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const stray = async () => {
      await gate
      await sleep(1)
      print('stray goes on')
    }
    await createTask(async () => {
      void stray()
    })
    print('task done')
    release()
    await realTime(20)
  })

  prints(
    'of a plain async helper called from a generator does not count as the task',
    ['null'],
    async (print) => {
      await createTask(function* (): Coroutine {
        const helper = async () => {
          await sleep(1)
          print(currentTask())
        }
        void helper()
      })
      await realTime(20)
    },
  )

  prints('of the same helper through call() does', ['helper'], async (print) => {
    await createTask({ name: 'helper' }, function* (): Coroutine {
      yield* call(async () => {
        await sleep(1)
        print(currentTask()?.getName())
      })
    })
  })

  test('works at the top level of a program, without run()', async () => {
    expect(await sleep(1, 'outside')).toBe('outside')
    expect(await createTask(sleep(1, 'outside'))).toBe('outside')
  })
})

/** Adopted code runs on the default loop, whose time is real. */
function realTime(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Call back from code that runs in no task's async context, as an event from the outside does. */
const leaveContext: (fn: () => void) => void = (() => {
  const queue: (() => void)[] = []
  setInterval(() => queue.shift()?.(), 1).unref()
  return (fn) => queue.push(fn)
})()

describe('request ids in an AsyncLocalStorage', () => {
  const request = new AsyncLocalStorage<string>()

  test.each([
    [
      'generators',
      function* (id: string): Coroutine<string[]> {
        const seen = [request.getStore() ?? 'none']
        yield* sleep(5)
        seen.push(request.getStore() ?? 'none')
        const child = createTask(function* (): Coroutine<string> {
          yield* sleep(1)
          return request.getStore() ?? 'none'
        })
        seen.push(yield* child)
        seen.push(
          yield* call(async () => {
            await sleep(1)
            return request.getStore() ?? 'none'
          }),
        )
        return [id, ...seen]
      },
    ],
    [
      'async functions',
      async (id: string): Promise<string[]> => {
        const seen = [request.getStore() ?? 'none']
        await sleep(5)
        seen.push(request.getStore() ?? 'none')
        const child = createTask(async () => {
          await sleep(1)
          return request.getStore() ?? 'none'
        })
        seen.push(await child)
        seen.push(
          await call(function* (): Coroutine<string> {
            yield* sleep(1)
            return request.getStore() ?? 'none'
          }),
        )
        return [id, ...seen]
      },
    ],
  ])('survive in %s', async (_, handler) => {
    const ids = ['r1', 'r2', 'r3']
    const results = await runVirtual(async () => {
      const tasks = ids.map((id) =>
        request.run(id, () => createTask(handler as (id: string) => Promise<string[]>, id)),
      )
      return Promise.all(tasks)
    })
    expect(results).toEqual(ids.map((id) => [id, id, id, id, id]))
  })

  test('are not inherited from whoever happened to wake the loop', async () => {
    const seen = new Set<string>()
    await runVirtual(async () => {
      const watcher = createTask(function* (): Coroutine {
        for (let i = 0; i < 5; i++) {
          seen.add(request.getStore() ?? 'none')
          yield
        }
      })
      await request.run('stranger', async () => {
        for (let i = 0; i < 8; i++) await sleep(0)
      })
      await watcher
    })
    expect([...seen]).toEqual(['none'])
  })

  test("can be captured at a step that entered one, by { asyncContext: 'capture' }", async () => {
    const read = function* (): Coroutine<string> {
      yield
      return request.getStore() ?? 'none'
    }
    const [shared, captured] = await runVirtual(function* () {
      const tasks = request.run('inside', () => [
        createTask(read),
        createTask({ asyncContext: 'capture' }, read),
      ])
      return [yield* tasks[0]!, yield* tasks[1]!]
    })
    expect([shared, captured]).toEqual(['none', 'inside'])
  })

  test('are left behind with run(…, { asyncContext: false })', async () => {
    const store = await request.run('outer', () =>
      runVirtual(
        function* () {
          yield
          return request.getStore() ?? 'none'
        },
        { asyncContext: false },
      ),
    )
    expect(store).toBe('none')
  })
})
