/** Tasks that run their first step on the spot, and factories that make tasks. */
import {
  allTasks,
  ContextVar,
  type Coroutine,
  call,
  createTask,
  currentTask,
  Event,
  eagerTaskFactory,
  ensureFuture,
  gather,
  getRunningLoop,
  map,
  newEventLoop,
  sleep,
  type TaskFactory,
  type TaskOptions,
  taskGroup,
  timeout,
  wait,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { shown } from '../support/errors.ts'
import { now, requests } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

const eager = { eager: true }

describe('an eager task', () => {
  bothSpellings(
    'runs up to its first suspension where it is created, and goes on in the passes of the loop',
    ['first step', 'created', 'other', 'second step', 'result'],
    {
      *generator(print) {
        getRunningLoop().callSoon(() => print('other'))
        const task = createTask(eager, function* () {
          print('first step')
          yield
          print('second step')
          return 'result'
        })
        print('created')
        print(yield* task)
      },
      async async(print) {
        getRunningLoop().callSoon(() => print('other'))
        const task = createTask(eager, async () => {
          print('first step')
          await sleep(0)
          print('second step')
          return 'result'
        })
        print('created')
        print(await task)
      },
    },
  )

  test('that never suspends is done when createTask() returns, and to await it costs no pass', async () => {
    const trace = await traceOf(function* (print) {
      const passes = passCounter()
      const task = createTask(eager, function* () {
        return 'result'
      })
      print(task.done(), task.result())
      print(yield* task, passes())
      print(createTask(eager, () => 'plain').done())
    })
    expect(trace).toEqual(['true result', 'result 0', 'true'])
  })

  test('of the async spelling is done a microtask later at the earliest', async () => {
    const trace = await traceOf(async (print) => {
      const task = createTask(eager, async () => 'result')
      print(task.done())
      await null
      print(task.done(), task.result())
    })
    expect(trace).toEqual(['false', 'true result'])
  })

  bothSpellings('that fails in its first step fails as a task, and not its creator', ['created', 'Error'], {
    *generator(print) {
      const task = createTask(eager, function* () {
        throw new Error('boom')
      })
      print('created')
      yield* wait([task])
      print(task.exception())
    },
    async async(print) {
      const task = createTask(eager, async () => {
        throw new Error('boom')
      })
      print('created')
      await wait([task])
      print(task.exception())
    },
  })

  bothSpellings(
    'is the current task in its first step; its creator is, behind that',
    ['main', 'child', 'grandchild', 'child', 'main', 'child', 'main'],
    {
      *generator(print) {
        const show = () => print(currentTask()?.getName())
        currentTask()?.setName('main')
        show()
        const child = createTask({ name: 'child', eager: true }, function* () {
          show()
          createTask({ name: 'grandchild', eager: true }, function* () {
            show()
          })
          show()
          yield
          show()
        })
        show()
        yield* child
        show()
      },
      async async(print) {
        const show = () => print(currentTask()?.getName())
        currentTask()?.setName('main')
        show()
        const child = createTask({ name: 'child', eager: true }, async () => {
          show()
          createTask({ name: 'grandchild', eager: true }, async () => {
            show()
          })
          show()
          await sleep(0)
          show()
        })
        show()
        await child
        show()
      },
    },
  )

  bothSpellings(
    'created in a callback, where there is no task, is the current one as well',
    ['callback null', 'child', 'callback null'],
    {
      *generator(print) {
        getRunningLoop().callSoon(() => {
          print('callback', currentTask())
          createTask({ name: 'child', eager: true }, function* () {
            print(currentTask()?.getName())
          })
          print('callback', currentTask())
        })
        yield
      },
      async async(print) {
        getRunningLoop().callSoon(() => {
          print('callback', currentTask())
          createTask({ name: 'child', eager: true }, async () => print(currentTask()?.getName()))
          print('callback', currentTask())
        })
        await sleep(0)
      },
    },
  )

  bothSpellings('has a copy of the values of its creator', ['child before', 'parent before', 'child own'], {
    *generator(print) {
      const variable = new ContextVar<string>('variable')
      variable.set('before')
      const child = createTask(eager, function* () {
        print('child', variable.get())
        variable.set('own')
        yield
        print('child', variable.get())
      })
      print('parent', variable.get())
      yield* child
    },
    async async(print) {
      const variable = new ContextVar<string>('variable')
      variable.set('before')
      const child = createTask(eager, async () => {
        print('child', variable.get())
        variable.set('own')
        await sleep(0)
        print('child', variable.get())
      })
      print('parent', variable.get())
      await child
    },
  })

  bothSpellings(
    'several interleave in the order they were created',
    ['a0', 'b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2'],
    {
      *generator(print) {
        const count = function* (name: string) {
          for (let i = 0; i < 3; i++) {
            print(`${name}${i}`)
            yield* sleep(0)
          }
        }
        yield* gather(...['a', 'b', 'c'].map((name) => createTask(eager, count, name)))
      },
      async async(print) {
        const count = async (name: string) => {
          for (let i = 0; i < 3; i++) {
            print(`${name}${i}`)
            await sleep(0)
          }
        }
        await gather(...['a', 'b', 'c'].map((name) => createTask(eager, count, name)))
      },
    },
  )

  bothSpellings('is among allTasks() only while it is not done', ['main', 'main,waiting', 'main'], {
    *generator(print) {
      const names = () => [...allTasks()].map((task) => task.getName()).join()
      currentTask()?.setName('main')
      createTask({ name: 'quick', eager: true }, function* () {})
      print(names())
      const waiting = createTask({ name: 'waiting', eager: true }, sleep(5))
      print(names())
      yield* waiting
      print(names())
    },
    async async(print) {
      const names = () => [...allTasks()].map((task) => task.getName()).join()
      currentTask()?.setName('main')
      createTask({ name: 'quick', eager: true }, function* () {})
      print(names())
      const waiting = createTask({ name: 'waiting', eager: true }, sleep(5))
      print(names())
      await waiting
      print(names())
    },
  })

  bothSpellings('may be made of an operation, a call, a coroutine or a function', ['1', '2', '3', '4'], {
    *generator(print) {
      const three = function* (): Coroutine<number> {
        yield
        return 3
      }
      print(yield* createTask(eager, sleep(1, 1)))
      print(
        yield* createTask(
          eager,
          call(async () => sleep(1, 2)),
        ),
      )
      print(yield* createTask(eager, three()))
      print(yield* createTask(eager, (n: number) => n, 4))
    },
    async async(print) {
      const three = function* (): Coroutine<number> {
        yield
        return 3
      }
      print(await createTask(eager, sleep(1, 1)))
      print(
        await createTask(
          eager,
          call(async () => sleep(1, 2)),
        ),
      )
      print(await createTask(eager, three()))
      print(await createTask(eager, (n: number) => n, 4))
    },
  })

  bothSpellings('may open scopes in its first step', ['undefined at 10', 'TimeoutError at 20'], {
    *generator(print) {
      const task = createTask(eager, () => timeout(20, () => sleep(100)))
      const other = createTask(eager, () => timeout(1000, () => sleep(10)))
      print(yield* other, 'at', now())
      yield* wait([task])
      print(task.exception(), 'at', now())
    },
    async async(print) {
      const task = createTask(eager, () => timeout(20, () => sleep(100)))
      const other = createTask(eager, () => timeout(1000, () => sleep(10)))
      print(await other, 'at', now())
      await wait([task])
      print(task.exception(), 'at', now())
    },
  })

  test('works outside any run', async () => {
    const seen: string[] = []
    const task = createTask(eager, function* () {
      seen.push('first step')
      yield
      return 'result'
    })
    expect(seen).toEqual(['first step'])
    expect(await task).toBe('result')
  })
})

describe('cancelling an eager task', () => {
  bothSpellings(
    'right behind its creation finds it begun: its clean-up runs',
    ['began', 'cleaned up', 'cancelled'],
    {
      *generator(print) {
        const task = createTask(eager, function* () {
          print('began')
          try {
            yield* sleep(100)
          } finally {
            print('cleaned up')
          }
        })
        task.cancel()
        yield* wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
      async async(print) {
        const task = createTask(eager, async () => {
          print('began')
          try {
            await sleep(100)
          } finally {
            print('cleaned up')
          }
        })
        task.cancel()
        await wait([task])
        print(task.cancelled() ? 'cancelled' : 'not cancelled')
      },
    },
  )

  bothSpellings(
    'by itself in its first step reaches its first suspension',
    ['goes on', 'CancelledError', 'parent 0'],
    {
      *generator(print) {
        const task = createTask(eager, function* () {
          currentTask()?.cancel()
          print('goes on')
          try {
            yield* sleep(1)
          } catch (error) {
            print(error)
          }
        })
        yield* task
        print('parent', requests())
      },
      async async(print) {
        const task = createTask(eager, async () => {
          currentTask()?.cancel()
          print('goes on')
          try {
            await sleep(1)
          } catch (error) {
            print(error)
          }
        })
        await task
        print('parent', requests())
      },
    },
  )

  bothSpellings(
    'an eager child that cancels its parent does so at the parent’s next suspension',
    ['child done', 'goes on', 'CancelledError'],
    {
      *generator(print) {
        const parent = currentTask()
        createTask(eager, function* () {
          parent?.cancel()
          print('child done')
        })
        print('goes on')
        try {
          yield* sleep(1)
        } catch (error) {
          print(error)
        }
        parent?.uncancel()
      },
      async async(print) {
        const parent = currentTask()
        createTask(eager, async () => {
          parent?.cancel()
          print('child done')
        })
        print('goes on')
        try {
          await sleep(1)
        } catch (error) {
          print(error)
        }
        parent?.uncancel()
      },
    },
  )
})

describe('eager children of a group', () => {
  bothSpellings('are waited for, done or not', ['a', 'b begins', 'body done', 'b ends', 'over at 5'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        group.createTask(eager, function* () {
          print('a')
        })
        group.createTask(eager, function* () {
          print('b begins')
          yield* sleep(5)
          print('b ends')
        })
        print('body done')
      })
      print('over at', now())
    },
    async async(print) {
      await taskGroup(async (group) => {
        group.createTask(eager, async () => print('a'))
        group.createTask(eager, async () => {
          print('b begins')
          await sleep(5)
          print('b ends')
        })
        print('body done')
      })
      print('over at', now())
    },
  })

  bothSpellings(
    'that fail in their first step cancel the rest, as others do',
    ['body goes on', 'sibling CancelledError', 'body CancelledError', 'ExceptionGroup[boom]'],
    {
      *generator(print) {
        try {
          yield* taskGroup(function* (group) {
            group.createTask(eager, function* () {
              try {
                yield* sleep(100)
              } catch (error) {
                print('sibling', error)
                throw error
              }
            })
            group.createTask(eager, function* () {
              throw 'boom'
            })
            print('body goes on')
            try {
              yield* sleep(100)
            } catch (error) {
              print('body', error)
              throw error
            }
          })
        } catch (error) {
          print(shown(error))
        }
      },
      async async(print) {
        try {
          await taskGroup(async (group) => {
            group.createTask(eager, async () => {
              try {
                await sleep(100)
              } catch (error) {
                print('sibling', error)
                throw error
              }
            })
            group.createTask(eager, async () => {
              throw 'boom'
            })
            print('body goes on')
            try {
              await sleep(100)
            } catch (error) {
              print('body', error)
              throw error
            }
          })
        } catch (error) {
          print(shown(error))
        }
      },
    },
  )

  bothSpellings('may start further ones in their first step', ['child', 'grandchild', 'body', 'over'], {
    *generator(print) {
      yield* taskGroup(function* (group) {
        group.createTask(eager, function* () {
          print('child')
          group.createTask(eager, function* () {
            print('grandchild')
          })
        })
        print('body')
      })
      print('over')
    },
    async async(print) {
      await taskGroup(async (group) => {
        group.createTask(eager, async () => {
          print('child')
          group.createTask(eager, async () => {
            print('grandchild')
          })
        })
        print('body')
      })
      print('over')
    },
  })
})

describe('eagerTaskFactory', () => {
  bothSpellings(
    'makes every task of the loop eager: createTask, groups, gather, ensureFuture, map',
    ['createTask', 'group', 'gather', 'ensureFuture', 'map', 'behind them'],
    {
      *generator(print) {
        getRunningLoop().setTaskFactory(eagerTaskFactory)
        getRunningLoop().callSoon(() => print('behind them'))
        const say = function* (name: string): Coroutine {
          print(name)
        }
        createTask(say, 'createTask')
        yield* call(function* () {
          const group = taskGroup((own) => {
            own.createTask(say, 'group')
          })
          const other = createTask({ eager: true }, group)
          gather(say('gather'))
          ensureFuture(say('ensureFuture'))
          createTask({ eager: true }, map(['map'], say))
          yield* other
        })
      },
      async async(print) {
        getRunningLoop().setTaskFactory(eagerTaskFactory)
        getRunningLoop().callSoon(() => print('behind them'))
        const say = async (name: string) => print(name)
        createTask(say, 'createTask')
        const group = taskGroup((own) => {
          own.createTask(say, 'group')
        })
        const other = createTask({ eager: true }, group)
        gather(call(say, 'gather'))
        ensureFuture(call(say, 'ensureFuture'))
        createTask({ eager: true }, map(['map'], say))
        await other
      },
    },
  )

  bothSpellings('leaves tasks alone that ask for the contrary', ['created', 'runs'], {
    *generator(print) {
      getRunningLoop().setTaskFactory(eagerTaskFactory)
      const task = createTask({ eager: false }, function* () {
        print('runs')
      })
      print('created')
      yield* task
    },
    async async(print) {
      getRunningLoop().setTaskFactory(eagerTaskFactory)
      const task = createTask({ eager: false }, async () => print('runs'))
      print('created')
      await task
    },
  })

  test('a whole program of locks, events and groups gives the same results with it as without', async () => {
    const program = (isEager: boolean) =>
      traceOf(function* (print) {
        if (isEager) getRunningLoop().setTaskFactory(eagerTaskFactory)
        const go = new Event()
        const results = yield* taskGroup(function* (group) {
          const tasks = [3, 1, 2].map((ms) =>
            group.createTask(function* () {
              yield* go.wait()
              yield* sleep(ms)
              return ms * now()
            }),
          )
          yield* sleep(10)
          go.set()
          return yield* gather(...tasks)
        })
        print(results.join(), now())
      })
    expect(await program(true)).toEqual(await program(false))
  })
})

describe('a task factory', () => {
  bothSpellings(
    'is given the options, may change them, and makes the task with start()',
    ['{"name":"mine"} made mine', 'renamed: MINE', 'null'],
    {
      *generator(print) {
        const loop = getRunningLoop()
        const factory: TaskFactory = (start, options) => {
          const task = start({ ...options, name: options.name?.toUpperCase() })
          print(JSON.stringify(options), 'made', options.name)
          return task
        }
        loop.setTaskFactory(factory)
        const task = createTask({ name: 'mine' }, sleep(1))
        print('renamed:', task.getName())
        loop.setTaskFactory(null)
        print(loop.getTaskFactory())
        yield* createTask({ name: 'other' }, sleep(1))
        yield* task
      },
      async async(print) {
        const loop = getRunningLoop()
        const factory: TaskFactory = (start, options) => {
          const task = start({ ...options, name: options.name?.toUpperCase() })
          print(JSON.stringify(options), 'made', options.name)
          return task
        }
        loop.setTaskFactory(factory)
        const task = createTask({ name: 'mine' }, sleep(1))
        print('renamed:', task.getName())
        loop.setTaskFactory(null)
        print(loop.getTaskFactory())
        await createTask({ name: 'other' }, sleep(1))
        await task
      },
    },
  )

  test('is asked for children of groups as well, which stay children', async () => {
    const trace = await traceOf(function* (print) {
      const made: TaskOptions[] = []
      getRunningLoop().setTaskFactory((start, options) => {
        made.push(options)
        return start(options)
      })
      yield* taskGroup((group) => {
        group.createTask({ name: 'child' }, sleep(5))
      })
      print(made.map(({ name }) => name).join(), 'over at', now())
    })
    expect(trace).toEqual(['child over at 5'])
  })

  test('can be asked for', async () => {
    const trace = await traceOf(function* (print) {
      const loop = getRunningLoop()
      print(loop.getTaskFactory())
      loop.setTaskFactory(eagerTaskFactory)
      print(loop.getTaskFactory() === eagerTaskFactory)
    })
    expect(trace).toEqual(['null', 'true'])
  })

  test('that fails lets its error through, and no task is made', async () => {
    const trace = await traceOf(function* (print) {
      getRunningLoop().setTaskFactory(() => {
        throw 'boom'
      })
      try {
        createTask(function* () {
          print('never')
        })
      } catch (error) {
        print(error, allTasks().size)
      }
    })
    expect(trace).toEqual(['boom 1'])
  })

  refuses('setTaskFactory()', [5, 'eager', undefined, {}], (factory) => {
    return newEventLoop().setTaskFactory(factory)
  })
})
