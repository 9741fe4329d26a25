/** Who awaits whom, and where. */
import { getCallSites } from 'node:util'
import {
  asCompleted,
  type CallGraph,
  type Coroutine,
  call,
  captureCallGraph,
  coroutine,
  createTask,
  currentTask,
  Event,
  Future,
  formatCallGraph,
  gather,
  printCallGraph,
  race,
  type Started,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  wait,
  waitFor,
} from 'polvo'
import { describe, expect, test, vi } from 'vitest'
import { misuseOf } from '../support/misuse.ts'
import { bothSpellings } from '../support/traces.ts'

/** The awaiters as text, each with those that wait for it: `inner < outer < main` */
function awaiters({ future, awaitedBy }: CallGraph): string {
  const name = 'getName' in future ? (future as Task).getName() : 'future'
  if (awaitedBy.length === 0) return name
  const all = awaitedBy.map(awaiters).toSorted()
  return `${name} < ${all.length === 1 ? all[0] : `(${all.join(', ')})`}`
}

/** The coroutines of a task, the innermost first. */
const stack = (task: Future<unknown>): string =>
  captureCallGraph(task)
    .callStack.map(({ name }) => name)
    .join(' < ')

/** The line below the call, as the machine counts it: what runs here was translated. */
function nextLine(): number {
  const [, caller] = getCallSites({ sourceMap: false })
  return (caller?.lineNumber ?? Number.NaN) + 1
}

describe('who awaits whom', () => {
  bothSpellings('a task that awaits another', ['inner < middle < outer', 'outer'], {
    *generator(print) {
      const inner = createTask({ name: 'inner' }, sleep(5))
      const middle = createTask({ name: 'middle' }, function* () {
        yield* inner
      })
      const outer = createTask({ name: 'outer' }, function* () {
        yield* middle
      })
      yield* sleep(1)
      print(awaiters(captureCallGraph(inner)))
      print(awaiters(captureCallGraph(outer)))
    },
    async async(print) {
      const inner = createTask({ name: 'inner' }, sleep(5))
      const middle = createTask({ name: 'middle' }, async () => {
        await inner
      })
      const outer = createTask({ name: 'outer' }, async () => {
        await middle
      })
      await sleep(1)
      print(awaiters(captureCallGraph(inner)))
      print(awaiters(captureCallGraph(outer)))
    },
  })

  bothSpellings('several tasks that await the same future', ['future < (a, b)'], {
    *generator(print) {
      const future = new Future<void>()
      for (const name of ['a', 'b'])
        createTask({ name }, function* () {
          yield* future
        })
      yield* sleep(1)
      print(awaiters(captureCallGraph(future)))
    },
    async async(print) {
      const future = new Future<void>()
      for (const name of ['a', 'b'])
        createTask({ name }, async () => {
          await future
        })
      await sleep(1)
      print(awaiters(captureCallGraph(future)))
    },
  })

  const waitsFor = {
    gather: (inner: Task<void>) => gather(inner, sleep(100)),
    'gather in gather': (inner: Task<void>) => gather(gather(inner), sleep(100)),
    shield: (inner: Task<void>) => shield(inner),
    'shield of a gather': (inner: Task<void>) => shield(gather(inner)),
    wait: (inner: Task<void>) => wait([inner]),
    waitFor: (inner: Task<void>) => waitFor(inner, 100),
    timeout: (inner: Task<void>) => timeout(100, () => inner),
    race: (inner: Task<void>) => race(inner, sleep(100)),
    asCompleted: (inner: Task<void>) => asCompleted([inner, createTask(sleep(100))]).next(),
    'several of these': (inner: Task<void>) => timeout(100, () => wait([shield(inner), gather(inner)])),
  }

  for (const [name, waitFor] of Object.entries(waitsFor)) {
    bothSpellings(
      `through ${name}`,
      ['inner < outer < top'],
      {
        *generator(print) {
          const inner = createTask({ name: 'inner' }, sleep(5))
          const outer = createTask({ name: 'outer' }, function* () {
            yield* waitFor(inner)
          })
          createTask({ name: 'top' }, function* () {
            yield* outer
          })
          yield* sleep(1)
          print(awaiters(captureCallGraph(inner)))
        },
        async async(print) {
          const inner = createTask({ name: 'inner' }, sleep(5))
          const outer = createTask({ name: 'outer' }, async () => {
            await waitFor(inner)
          })
          createTask({ name: 'top' }, async () => {
            await outer
          })
          await sleep(1)
          print(awaiters(captureCallGraph(inner)))
        },
      },
      { hideReports: true },
    )
  }

  bothSpellings('a group that waits for its children', ['a < parent', 'b < parent'], {
    *generator(print) {
      const children: Task<void>[] = []
      createTask({ name: 'parent' }, () =>
        taskGroup(function* (group) {
          for (const name of ['a', 'b']) children.push(group.createTask({ name }, sleep(5)))
        }),
      )
      yield* sleep(1)
      for (const child of children) print(awaiters(captureCallGraph(child)))
    },
    async async(print) {
      const children: Task<void>[] = []
      createTask({ name: 'parent' }, () =>
        taskGroup(async (group) => {
          for (const name of ['a', 'b']) children.push(group.createTask({ name }, sleep(5)))
        }),
      )
      await sleep(1)
      for (const child of children) print(awaiters(captureCallGraph(child)))
    },
  })

  bothSpellings('a group that waits for a child to start', ['server < parent'], {
    *generator(print) {
      let server: Task<unknown> | null = null
      createTask({ name: 'parent' }, () =>
        taskGroup(function* (group) {
          yield* group.start(function* (_started: Started<void>) {
            currentTask()?.setName('server')
            server = currentTask()
            yield* sleep(5)
          })
        }),
      )
      yield* sleep(1)
      print(awaiters(captureCallGraph(server)))
    },
    async async(print) {
      let server: Task<unknown> | null = null
      createTask({ name: 'parent' }, () =>
        taskGroup(async (group) => {
          await group.start(async (_started: Started<void>) => {
            currentTask()?.setName('server')
            server = currentTask()
            await sleep(5)
          })
        }),
      )
      await sleep(1)
      print(awaiters(captureCallGraph(server)))
    },
  })

  test('each of several awaits at once of an async function', async () => {
    const { promise, resolve } = Promise.withResolvers<string[]>()
    const main = createTask(async () => {
      const [a, b] = ['a', 'b'].map((name) => createTask({ name }, sleep(10_000)))
      const both = createTask({ name: 'both' }, async () => {
        await Promise.all([a, b])
      })
      await sleep(0)
      await sleep(0)
      resolve([a, b].map((task) => awaiters(captureCallGraph(task as Task<void>))))
      both.cancel()
      a?.cancel()
      b?.cancel()
    })
    expect(await promise).toEqual(['a < both', 'b < both'])
    await main
  })

  bothSpellings(
    'tasks that wait for each other, each once; and the run ends all the same',
    ['a < b', 'b < a'],
    {
      *generator(print) {
        const tasks: Record<string, Task<unknown>> = {}
        for (const [name, other] of [
          ['a', 'b'],
          ['b', 'a'],
        ] as const)
          tasks[name] = createTask({ name }, function* (): Coroutine<unknown> {
            yield
            return yield* tasks[other]!
          })
        yield* sleep(1)
        for (const task of Object.values(tasks)) print(awaiters(captureCallGraph(task)))
      },
      async async(print) {
        const tasks: Record<string, Task<unknown>> = {}
        for (const [name, other] of [
          ['a', 'b'],
          ['b', 'a'],
        ] as const)
          tasks[name] = createTask({ name }, async (): Promise<unknown> => {
            await sleep(0)
            return await tasks[other]
          })
        await sleep(1)
        for (const task of Object.values(tasks)) print(awaiters(captureCallGraph(task)))
      },
    },
  )

  bothSpellings('nobody: a task that nothing waits for, or that is done', ['alone', 'done 0'], {
    *generator(print) {
      print(awaiters(captureCallGraph(createTask({ name: 'alone' }, sleep(5)))))
      const done = createTask({ name: 'done' }, sleep(1))
      yield* done
      print(awaiters(captureCallGraph(done)), captureCallGraph(done).callStack.length)
    },
    async async(print) {
      print(awaiters(captureCallGraph(createTask({ name: 'alone' }, sleep(5)))))
      const done = createTask({ name: 'done' }, sleep(1))
      await done
      print(awaiters(captureCallGraph(done)), captureCallGraph(done).callStack.length)
    },
  })
})

describe('the call stack', () => {
  bothSpellings('has the coroutines of the task, the innermost first', ['pause < fetchPage < crawl'], {
    *generator(print) {
      function* pause() {
        yield* sleep(5)
      }
      const fetchPage = coroutine(function* fetchPage() {
        yield* coroutine(pause)()
      })
      const crawl = coroutine(function* crawl() {
        yield* fetchPage()
      })
      const task = createTask(crawl)
      yield* sleep(1)
      print(stack(task))
    },
    async async(print) {
      async function pause() {
        await sleep(5)
      }
      async function fetchPage() {
        await call(pause)
      }
      async function crawl() {
        await call(fetchPage)
      }
      const task = createTask(crawl)
      await sleep(1)
      print(stack(task))
    },
  })

  test('has both spellings, where they are mixed', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const task = createTask(function* outer() {
      yield* call(async function middle() {
        await call(function* inner() {
          yield* new Event().wait()
        })
      })
    })
    await createTask(function* () {
      yield
      yield
      yield
      resolve(stack(task))
      task.cancel()
    })
    expect(await promise).toBe('inner < middle < outer')
  })

  bothSpellings('leaves out what is the library’s own', ['body < outer', 'child'], {
    *generator(print) {
      const task = createTask(function* outer() {
        yield* timeout(100, function* body() {
          yield* wait([createTask(sleep(5))])
        })
      })
      let child: Task<void> | undefined
      createTask(() =>
        taskGroup((group) => {
          child = group.createTask(function* child() {
            yield* sleep(5)
          })
        }),
      )
      yield* sleep(1)
      print(stack(task))
      print(stack(child as Task<void>))
    },
    async async(print) {
      const task = createTask(async function outer() {
        await timeout(100, async function body() {
          await wait([createTask(sleep(5))])
        })
      })
      let child: Task<void> | undefined
      createTask(() =>
        taskGroup((group) => {
          child = group.createTask(async function child() {
            await sleep(5)
          })
        }),
      )
      await sleep(1)
      print(stack(task))
      print(stack(child as Task<void>))
    },
  })

  test('says in which file and line a generator is suspended, and where an async function begins', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown[]>()
    let [suspendedAt, beginsAt] = [0, 0]
    const main = createTask(function* () {
      const generators = createTask(function* crawl() {
        suspendedAt = nextLine()
        yield* sleep(10_000)
      })
      beginsAt = nextLine()
      const async = createTask(async function fetchPage() {
        await sleep(10_000)
      })
      yield* sleep(0)
      yield* sleep(0)
      resolve([captureCallGraph(generators).callStack, captureCallGraph(async).callStack])
      generators.cancel()
      async.cancel()
    })
    const file = expect.stringMatching(/call-graph\.test\.ts$/)
    expect(await promise).toEqual([
      [{ name: 'crawl', file, line: suspendedAt }],
      [{ name: 'fetchPage', file, line: beginsAt }],
    ])
    await main
  })

  bothSpellings('of the current task can be had from inside it', ['main', 'true'], {
    *generator(print) {
      currentTask()?.setName('main')
      const graph = captureCallGraph()
      print(awaiters(graph))
      print(graph.future === currentTask())
    },
    async async(print) {
      currentTask()?.setName('main')
      const graph = captureCallGraph()
      print(awaiters(graph))
      print(graph.future === currentTask())
    },
  })
})

describe('as text', () => {
  test('has a line for each coroutine and each awaiter, indented under the task', async () => {
    const { promise, resolve } = Promise.withResolvers<[string, string]>()
    const main = createTask(function* () {
      const inner = createTask({ name: 'inner' }, function* pause() {
        yield* sleep(10_000)
      })
      const outer = createTask({ name: 'outer' }, function* crawl() {
        yield* gather(inner)
      })
      yield* sleep(0)
      yield* sleep(0)
      const error = vi.spyOn(console, 'error').mockImplementation(() => {})
      printCallGraph(inner)
      const printed = error.mock.calls.flat().join('\n')
      error.mockRestore()
      resolve([formatCallGraph(inner), printed])
      outer.cancel()
    })
    const [formatted, printed] = await promise
    const place = 'packages/core/test/tasks/call-graph.test.ts:N'
    expect(formatted.replace(/:\d+$/gm, ':N').split('\n')).toEqual([
      "* <Task pending name='inner'>",
      '  + Call stack:',
      `  |   pause() at ${place}`,
      '  + Awaited by:',
      "    * <Task pending name='outer'>",
      '      + Call stack:',
      `      |   crawl() at ${place}`,
    ])
    expect(printed).toBe(formatted)
    await main
  })

  test('of a future that nobody awaits is one line', async () => {
    expect(formatCallGraph(new Future())).toBe('* <Future pending>')
  })
})

describe('misuse', () => {
  test('outside any task it has to be told of which one', () => {
    for (const act of [() => captureCallGraph(), () => formatCallGraph(), () => printCallGraph()]) {
      expect(act).toThrow(expect.objectContaining({ code: 'POLVO_INVALID_STATE' }))
    }
  })

  test('refuses what is no task or future, and names it', () => {
    for (const wrong of [5, 'task', {}]) {
      expect(() => captureCallGraph(wrong as never)).toThrow(misuseOf(wrong) as Error)
      expect(() => formatCallGraph(wrong as never)).toThrow(misuseOf(wrong) as Error)
    }
  })
})
