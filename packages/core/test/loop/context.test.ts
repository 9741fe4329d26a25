/** Context variables, as PEP 567 has them: who sees which value. */
import {
  asyncGenerator,
  type Context,
  ContextVar,
  call,
  copyContext,
  createTask,
  currentTask,
  Future,
  getRunningLoop,
  Runner,
  run,
  sleep,
  type Token,
  taskGroup,
  timeout,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { refuses } from '../support/misuse.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

/** What `act` throws, with the code. */
function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return `${(error as Error).name} ${(error as { code: string }).code}`
  }
  return 'nothing'
}

describe('a variable', () => {
  test('has the value that was set, else the fallback, else the default, else it is an error that names it', async () => {
    await run(function* () {
      const bare = new ContextVar<string>('bare')
      const withDefault = new ContextVar('withDefault', { default: 'default' })
      expect(() => bare.get()).toThrow(expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' }))
      expect(() => bare.get()).toThrow(/<ContextVar bare>/)
      expect([bare.get('fallback'), withDefault.get(), withDefault.get('fallback')]).toEqual([
        'fallback',
        'default',
        'fallback',
      ])
      bare.set('set')
      withDefault.set('set')
      expect([bare.get(), bare.get('fallback'), withDefault.get()]).toEqual(['set', 'set', 'set'])
      expect([bare.name, String(bare)]).toEqual(['bare', '<ContextVar bare>'])
    })
  })

  test('may have undefined as its value, fallback or default', async () => {
    await run(function* () {
      const variable = new ContextVar<undefined | string>('variable', { default: undefined })
      expect(variable.get()).toBe(undefined)
      variable.set('set')
      variable.set(undefined)
      expect(variable.get('fallback')).toBe(undefined)
      expect(new ContextVar<undefined | string>('other').get(undefined)).toBe(undefined)
    })
  })

  test('of the same name is another variable', async () => {
    await run(function* () {
      const [one, other] = [new ContextVar<number>('same'), new ContextVar<number>('same')]
      one.set(1)
      expect(other.get(0)).toBe(0)
    })
  })
})

describe('reset()', () => {
  bothSpellings(
    'goes back to the value before the set(), also to none',
    ['first', 'second', 'first', 'none'],
    {
      *generator(print) {
        const variable = new ContextVar<string>('variable')
        const first = variable.set('first')
        print(variable.get())
        const second = variable.set('second')
        yield* sleep(1)
        print(variable.get())
        variable.reset(second)
        print(variable.get())
        variable.reset(first)
        print(variable.get('none'))
      },
      async async(print) {
        const variable = new ContextVar<string>('variable')
        const first = variable.set('first')
        print(variable.get())
        const second = variable.set('second')
        await sleep(1)
        print(variable.get())
        variable.reset(second)
        print(variable.get())
        variable.reset(first)
        print(variable.get('none'))
      },
    },
  )

  bothSpellings(
    'takes a token once, of its own variable, made in this context',
    [
      'nothing',
      'InvalidStateError POLVO_INVALID_STATE',
      'RangeError POLVO_OUT_OF_RANGE',
      'RangeError POLVO_OUT_OF_RANGE',
    ],
    {
      *generator(print) {
        const [variable, other] = [new ContextVar<number>('variable'), new ContextVar<number>('other')]
        const token = variable.set(1)
        print(refusal(() => variable.reset(token)))
        print(refusal(() => variable.reset(token)))
        const foreign = other.set(1)
        print(refusal(() => variable.reset(foreign)))
        const outside = variable.set(2)
        yield* createTask(function* () {
          print(refusal(() => variable.reset(outside)))
        })
      },
      async async(print) {
        const [variable, other] = [new ContextVar<number>('variable'), new ContextVar<number>('other')]
        const token = variable.set(1)
        print(refusal(() => variable.reset(token)))
        print(refusal(() => variable.reset(token)))
        const foreign = other.set(1)
        print(refusal(() => variable.reset(foreign)))
        const outside = variable.set(2)
        await createTask(async () => {
          print(refusal(() => variable.reset(outside)))
        })
      },
    },
  )

  bothSpellings('takes a token also after the task was asked for its context', ['set', 'before'], {
    *generator(print) {
      const variable = new ContextVar('variable', { default: 'before' })
      yield* createTask(function* () {
        const token = variable.set('set')
        print(currentTask()?.getContext().get(variable))
        variable.reset(token)
        print(variable.get())
      })
    },
    async async(print) {
      const variable = new ContextVar('variable', { default: 'before' })
      await createTask(async () => {
        const token = variable.set('set')
        print(currentTask()?.getContext().get(variable))
        variable.reset(token)
        print(variable.get())
      })
    },
  })

  test('a token says of which variable it is; one that was refused may still be used', async () => {
    await run(function* () {
      const variable = new ContextVar('variable', { default: 0 })
      const other = new ContextVar('other', { default: 0 })
      const token: Token<number> = variable.set(1)
      expect(token.variable).toBe(variable)
      expect(refusal(() => other.reset(token))).toMatch(/RangeError/)
      variable.reset(token)
      expect(variable.get()).toBe(0)
    })
  })

  refuses('reset()', [5, null, 'token', {}], (token) => new ContextVar('variable').reset(token))
})

describe('who sees what', () => {
  bothSpellings(
    'a task begins with a copy of its creator’s values, of the moment it is created; what it sets is its own',
    ['child before', 'child own', 'parent after'],
    {
      *generator(print) {
        const variable = new ContextVar<string>('variable')
        variable.set('before')
        const child = createTask(function* () {
          print('child', variable.get())
          variable.set('own')
          yield* sleep(1)
          print('child', variable.get())
        })
        variable.set('after')
        yield* child
        print('parent', variable.get())
      },
      async async(print) {
        const variable = new ContextVar<string>('variable')
        variable.set('before')
        const child = createTask(async () => {
          print('child', variable.get())
          variable.set('own')
          await sleep(1)
          print('child', variable.get())
        })
        variable.set('after')
        await child
        print('parent', variable.get())
      },
    },
  )

  bothSpellings(
    'what is awaited inline shares the values: coroutines, call(), timeouts and bodies of groups',
    ['coroutine', 'call', 'timeout', 'group'],
    {
      *generator(print) {
        const variable = new ContextVar<string>('variable')
        const set = function* (value: string) {
          yield
          variable.set(value)
        }
        yield* set('coroutine')
        print(variable.get())
        yield* call(set, 'call')
        print(variable.get())
        yield* timeout(10, () => set('timeout'))
        print(variable.get())
        yield* taskGroup(() => set('group'))
        print(variable.get())
      },
      async async(print) {
        const variable = new ContextVar<string>('variable')
        const set = async (value: string) => {
          await sleep(0)
          variable.set(value)
        }
        await set('coroutine')
        print(variable.get())
        await call(set, 'call')
        print(variable.get())
        await timeout(10, () => set('timeout'))
        print(variable.get())
        await taskGroup(() => set('group'))
        print(variable.get())
      },
    },
  )

  bothSpellings('the children of a group have copies', ['a', 'b', 'parent'], {
    *generator(print) {
      const variable = new ContextVar<string>('variable')
      variable.set('parent')
      yield* taskGroup(function* (group) {
        for (const name of ['a', 'b'])
          group.createTask(function* () {
            variable.set(name)
            yield* sleep(1)
            print(variable.get())
          })
      })
      print(variable.get())
    },
    async async(print) {
      const variable = new ContextVar<string>('variable')
      variable.set('parent')
      await taskGroup(async (group) => {
        for (const name of ['a', 'b'])
          group.createTask(async () => {
            variable.set(name)
            await sleep(1)
            print(variable.get())
          })
      })
      print(variable.get())
    },
  })

  bothSpellings(
    'callbacks have a copy of the values where they are scheduled: soon, later, and when a future is done',
    ['soon 1', 'done 3', 'later 2', 'main 4'],
    {
      *generator(print) {
        const variable = new ContextVar<number>('variable')
        const loop = getRunningLoop()
        const show = (name: string) => {
          print(name, variable.get())
          variable.set(0)
        }
        variable.set(1)
        loop.callSoon(show, 'soon')
        variable.set(2)
        loop.callLater(5, show, 'later')
        variable.set(3)
        const future = new Future<void>()
        future.addDoneCallback(() => show('done'))
        variable.set(4)
        future.setResult()
        yield* sleep(10)
        print('main', variable.get())
      },
      async async(print) {
        const variable = new ContextVar<number>('variable')
        const loop = getRunningLoop()
        const show = (name: string) => {
          print(name, variable.get())
          variable.set(0)
        }
        variable.set(1)
        loop.callSoon(show, 'soon')
        variable.set(2)
        loop.callLater(5, show, 'later')
        variable.set(3)
        const future = new Future<void>()
        future.addDoneCallback(() => show('done'))
        variable.set(4)
        future.setResult()
        await sleep(10)
        print('main', variable.get())
      },
    },
  )

  bothSpellings('each branch of several awaits at once shares the values of its task', ['left', 'right'], {
    *generator(print) {
      const variable = new ContextVar<string>('variable')
      const [left, right] = ['left', 'right'].map((name) =>
        createTask(function* () {
          variable.set(name)
          yield* sleep(1)
          print(variable.get())
        }),
      )
      yield* left!
      yield* right!
    },
    async async(print) {
      const variable = new ContextVar<string>('variable')
      const branch = async (name: string, ms: number) => {
        await sleep(ms)
        variable.set(name)
        await sleep(5)
        print(variable.get())
      }
      await Promise.all([branch('left', 0), branch('right', 10)])
    },
  })

  test('an asyncGenerator runs with the values of its consumer', async () => {
    const trace = await traceOf(function* (print) {
      const variable = new ContextVar<string>('variable')
      const stream = asyncGenerator<void>(function* (emit) {
        for (;;) {
          print(variable.get())
          yield* emit()
        }
      })
      for (const name of ['a', 'b'])
        yield* createTask(function* () {
          variable.set(name)
          yield* stream.next()
        })
    })
    expect(trace).toEqual(['a', 'b'])
  })

  test('a native await keeps the values of the task', async () => {
    const trace = await traceOf(async (print) => {
      const variable = new ContextVar<string>('variable')
      variable.set('set')
      await new Promise(setImmediate)
      print(variable.get())
      variable.set('set again')
      await sleep(1)
      print(variable.get())
    })
    expect(trace).toEqual(['set', 'set again'])
  })

  test('one run does not see what another has set, nor the program around them; runs of one runner do', async () => {
    const variable = new ContextVar('variable', { default: 'default' })
    await run(function* () {
      variable.set('first')
    })
    expect(await run(() => variable.get())).toBe('default')
    expect(variable.get()).toBe('default')
    const runner = new Runner()
    await runner.run(function* () {
      variable.set('by the runner')
    })
    expect(await runner.run(() => variable.get())).toBe('by the runner')
    await runner.close()
  })
})

describe('a context', () => {
  bothSpellings(
    'is a copy of the values here: run() looks them up and sets them there',
    ['outside', 'inside 5', 'outside', 'inside true', 'undefined false'],
    {
      *generator(print) {
        const variable = new ContextVar<string>('variable')
        const other = new ContextVar<string>('other')
        variable.set('outside')
        const context = copyContext()
        print(context.get(variable))
        const result = context.run(
          (a: number, b: number) => {
            variable.set('inside')
            return a + b
          },
          2,
          3,
        )
        print(context.get(variable), result)
        print(variable.get())
        print(context.get(variable), context.has(variable))
        print(context.get(other), context.has(other))
        yield
      },
      async async(print) {
        const variable = new ContextVar<string>('variable')
        const other = new ContextVar<string>('other')
        variable.set('outside')
        const context = copyContext()
        print(context.get(variable))
        const result = context.run(
          (a: number, b: number) => {
            variable.set('inside')
            return a + b
          },
          2,
          3,
        )
        print(context.get(variable), result)
        print(variable.get())
        print(context.get(variable), context.has(variable))
        print(context.get(other), context.has(other))
      },
    },
  )

  bothSpellings('copies go their own way', ['copy', 'original'], {
    *generator(print) {
      const variable = new ContextVar<string>('variable')
      variable.set('original')
      const context = copyContext()
      const copy = context.copy()
      copy.run(() => variable.set('copy'))
      print(copy.get(variable))
      print(context.get(variable))
    },
    async async(print) {
      const variable = new ContextVar<string>('variable')
      variable.set('original')
      const context = copyContext()
      const copy = context.copy()
      copy.run(() => variable.set('copy'))
      print(copy.get(variable))
      print(context.get(variable))
    },
  })

  test('cannot be entered twice at once, and is left also when the function fails', async () => {
    await run(function* () {
      const context = copyContext()
      expect(context.run(() => refusal(() => context.run(() => {})))).toBe(
        'InvalidStateError POLVO_INVALID_STATE',
      )
      expect(context.run(() => context.copy().run(() => 'a copy can be'))).toBe('a copy can be')
      const boom = () => {
        throw 'boom'
      }
      expect(() => context.run(boom)).toThrow('boom')
      expect(context.run(() => 'left')).toBe('left')
    })
  })

  bothSpellings(
    'is entered already in a task that works on it, also inside another one',
    ['InvalidStateError POLVO_INVALID_STATE', 'InvalidStateError POLVO_INVALID_STATE', 'a copy can be'],
    {
      *generator(print) {
        const context = copyContext()
        yield* createTask({ context }, function* () {
          yield* sleep(0)
          print(refusal(() => context.run(() => {})))
          print(copyContext().run(() => refusal(() => context.run(() => {}))))
          print(context.copy().run(() => 'a copy can be'))
        })
      },
      async async(print) {
        const context = copyContext()
        await createTask({ context }, async () => {
          await sleep(0)
          print(refusal(() => context.run(() => {})))
          print(copyContext().run(() => refusal(() => context.run(() => {}))))
          print(context.copy().run(() => 'a copy can be'))
        })
      },
    },
  )

  test('is entered already in a callback that works on it', async () => {
    await run(function* () {
      const context = copyContext()
      const refused = getRunningLoop().createFuture<string>()
      getRunningLoop().callSoon({ context }, () =>
        refused.setResult(copyContext().run(() => refusal(() => context.run(() => {})))),
      )
      expect(yield* refused).toBe('InvalidStateError POLVO_INVALID_STATE')
    })
  })

  test('may be entered inside another: each has its values', async () => {
    await run(function* () {
      const variable = new ContextVar<string>('variable')
      const [outer, inner] = [copyContext(), copyContext()]
      outer.run(() => {
        variable.set('outer')
        inner.run(() => variable.set('inner'))
        expect(variable.get()).toBe('outer')
      })
      expect([outer.get(variable), inner.get(variable), variable.get('none')]).toEqual([
        'outer',
        'inner',
        'none',
      ])
    })
  })

  bothSpellings(
    'tokens belong to it: they serve inside, and not outside',
    ['RangeError POLVO_OUT_OF_RANGE', 'nothing'],
    {
      *generator(print) {
        const variable = new ContextVar<string>('variable')
        const context = copyContext()
        const token = context.run(() => variable.set('inside'))
        print(refusal(() => variable.reset(token)))
        print(refusal(() => context.run(() => variable.reset(token))))
      },
      async async(print) {
        const variable = new ContextVar<string>('variable')
        const context = copyContext()
        const token = context.run(() => variable.set('inside'))
        print(refusal(() => variable.reset(token)))
        print(refusal(() => context.run(() => variable.reset(token))))
      },
    },
  )

  bothSpellings(
    'tasks created in run() begin with a copy of it, whatever their kind',
    ['generator inside', 'async inside', 'context inside', 'outside outside'],
    {
      *generator(print) {
        const variable = new ContextVar<string>('variable')
        variable.set('outside')
        const context = copyContext()
        const tasks = context.run(() => {
          variable.set('inside')
          return [
            createTask(function* () {
              print('generator', variable.get())
              variable.set('own')
            }),
            createTask(async () => {
              print('async', variable.get())
              variable.set('own')
            }),
          ]
        })
        for (const task of tasks) yield* task
        print('context', context.get(variable))
        print('outside', variable.get())
      },
      async async(print) {
        const variable = new ContextVar<string>('variable')
        variable.set('outside')
        const context = copyContext()
        const tasks = context.run(() => {
          variable.set('inside')
          return [
            createTask(function* () {
              print('generator', variable.get())
              variable.set('own')
            }),
            createTask(async () => {
              print('async', variable.get())
              variable.set('own')
            }),
          ]
        })
        for (const task of tasks) await task
        print('context', context.get(variable))
        print('outside', variable.get())
      },
    },
  )

  for (const kind of ['generator', 'async'] as const) {
    bothSpellings(
      `an eager ${kind} task created in run() sets its own values, and not those of the context`,
      ['task own', 'context inside'],
      {
        *generator(print) {
          const variable = new ContextVar<string>('variable')
          const context = copyContext()
          yield* context.run(() => {
            variable.set('inside')
            return eagerTask(kind, () => {
              variable.set('own')
              print('task', variable.get())
            })
          })
          print('context', context.get(variable))
        },
        async async(print) {
          const variable = new ContextVar<string>('variable')
          const context = copyContext()
          await context.run(() => {
            variable.set('inside')
            return eagerTask(kind, () => {
              variable.set('own')
              print('task', variable.get())
            })
          })
          print('context', context.get(variable))
        },
      },
    )
  }

  bothSpellings(
    'given to tasks and callbacks is shared by them, and not copied',
    ['second first', 'callback second', 'outside 3', 'context third'],
    {
      *generator(print) {
        const variable = new ContextVar<string>('variable')
        const context: Context = copyContext()
        yield* createTask({ context }, function* () {
          variable.set('first')
          yield
        })
        yield* createTask({ context }, function* () {
          print('second', variable.get())
          variable.set('second')
        })
        getRunningLoop().callSoon({ context }, () => {
          print('callback', variable.get())
          variable.set('third')
        })
        yield* sleep(1)
        print('outside', variable.get('3'))
        print('context', context.get(variable))
      },
      async async(print) {
        const variable = new ContextVar<string>('variable')
        const context: Context = copyContext()
        await createTask({ context }, async () => {
          variable.set('first')
          await sleep(0)
        })
        await createTask({ context }, async () => {
          print('second', variable.get())
          variable.set('second')
        })
        getRunningLoop().callSoon({ context }, () => {
          print('callback', variable.get())
          variable.set('third')
        })
        await sleep(1)
        print('outside', variable.get('3'))
        print('context', context.get(variable))
      },
    },
  )

  bothSpellings('of a task can be looked into and worked on from outside', ['own', 'by another'], {
    *generator(print) {
      const variable = new ContextVar<string>('variable')
      const task = createTask(function* () {
        variable.set('own')
        yield* sleep(5)
        print(variable.get())
      })
      yield* sleep(1)
      const context = task.getContext()
      print(context.get(variable))
      context.run(() => variable.set('by another'))
      yield* task
    },
    async async(print) {
      const variable = new ContextVar<string>('variable')
      const task = createTask(async () => {
        variable.set('own')
        await sleep(5)
        print(variable.get())
      })
      await sleep(1)
      const context = task.getContext()
      print(context.get(variable))
      context.run(() => variable.set('by another'))
      await task
    },
  })

  bothSpellings('a done-callback may be given one', ['callback inside'], {
    *generator(print) {
      const variable = new ContextVar<string>('variable')
      const context = copyContext()
      context.run(() => variable.set('inside'))
      const future = new Future<void>()
      future.addDoneCallback(() => print('callback', variable.get('outside')), { context })
      future.setResult()
      yield* sleep(1)
    },
    async async(print) {
      const variable = new ContextVar<string>('variable')
      const context = copyContext()
      context.run(() => variable.set('inside'))
      const future = new Future<void>()
      future.addDoneCallback(() => print('callback', variable.get('outside')), { context })
      future.setResult()
      await sleep(1)
    },
  })
})

function eagerTask(kind: 'generator' | 'async', act: () => void) {
  if (kind === 'async')
    return createTask({ eager: true }, async () => {
      act()
    })
  return createTask({ eager: true }, function* () {
    act()
  })
}
