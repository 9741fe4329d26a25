/** Flat delegation: what coroutine() changes, and what it leaves as it is. */
import { type Coroutine, coroutine, createTask, run, sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { traceOf } from '../support/traces.ts'

/** Something that asks whoever drives it a question. */
function ask(question: string) {
  return {
    *[Symbol.iterator](): Iterator<string, string, string> {
      return yield question
    },
  }
}

const plain = <F>(fn: F): F => fn

describe.each([
  ['plain', plain],
  ['marked by coroutine()', coroutine as typeof plain],
])('a %s generator driven by hand', (_, mark) => {
  const interview = mark(function* (): Generator<string, string, string> {
    const nameIt = mark(function* (): Generator<string, string, string> {
      return yield* ask('name')
    })
    const name = yield* nameIt()
    const age = yield* ask('age')
    return `${name} is ${age}`
  })

  test('hands out what is yielded, and takes the answers', () => {
    const conversation = interview()
    expect(conversation.next('ignored')).toEqual({ done: false, value: 'name' })
    expect(conversation.next('ida')).toEqual({ done: false, value: 'age' })
    expect(conversation.next('29')).toEqual({ done: true, value: 'ida is 29' })
  })

  test('takes errors at its innermost yield', () => {
    const conversation = interview()
    conversation.next('ignored')
    expect(() => conversation.throw(new Error('enough'))).toThrow('enough')
  })

  test('ends on return()', () => {
    const conversation = interview()
    conversation.next('ignored')
    expect(conversation.return('over')).toEqual({ done: true, value: 'over' })
  })

  test('lets the finally blocks inside run on return(), the innermost first', () => {
    const trace: string[] = []
    const inner = mark(function* (): Generator<string, string, string> {
      try {
        return yield* ask('inner')
      } finally {
        trace.push('inner closed')
      }
    })
    const outer = mark(function* (): Generator<string, string, string> {
      try {
        return yield* inner()
      } finally {
        trace.push('outer closed')
      }
    })
    const conversation = outer()
    conversation.next('ignored')
    expect(conversation.return('over')).toEqual({ done: true, value: 'over' })
    expect(trace).toEqual(['inner closed', 'outer closed'])
  })

  test('does so inside a task as well', async () => {
    const trace = await traceOf(function* (print) {
      const conversation = interview()
      print(conversation.next('ignored').value)
      yield* sleep(0)
      print(conversation.next('ida').value)
      print(conversation.next('29').value)
    })
    expect(trace).toEqual(['name', 'age', 'ida is 29'])
  })

  test('gets a number as the awaited value from next(42)', () => {
    const answer = mark(function* (): Generator<string, number, number> {
      return yield* {
        *[Symbol.iterator](): Iterator<string, number, number> {
          return yield 'question'
        },
      }
    })()
    answer.next(0)
    expect(answer.next(42)).toEqual({ done: true, value: 42 })
  })
})

describe('marked coroutines', () => {
  const dive = coroutine(function* (depth: number): Coroutine<number> {
    if (depth > 0) return 1 + (yield* dive(depth - 1))
    yield
    return 0
  })

  test.each([1, 10, 299, 300, 301, 1_000, 10_000, 100_000])('nest %i deep', async (depth) => {
    expect(await run(dive(depth))).toBe(depth)
  })

  const sink = coroutine(function* (depth: number): Coroutine<string> {
    if (depth > 0) {
      try {
        return yield* sink(depth - 1)
      } finally {
        yield
      }
    }
    yield
    throw new Error('from the bottom')
  })

  test.each([1, 400, 20_000])('let an error through %i suspending finally blocks', async (depth) => {
    await expect(run(sink(depth))).rejects.toThrow('from the bottom')
  })

  test('rebuild the stack of an error that was thrown after a suspension', async () => {
    const innermost = coroutine(function* innermost(): Coroutine {
      yield* sleep(0)
      throw new Error('late')
    })
    const middle = coroutine(function* middle(): Coroutine {
      yield* innermost()
    })
    const outermost = coroutine(function* outermost(): Coroutine {
      yield* middle()
    })
    const error = await run(outermost).catch((caught: Error) => caught)
    const functions = (error as Error).stack?.match(/at (innermost|middle|outermost) \(/g)
    expect(functions).toEqual(['at innermost (', 'at middle (', 'at outermost ('])
    expect((error as Error).stack).toMatch(/middle.*frame\.test\.ts:\d+/)
  })

  test('rebuild as many lines of the stack as the platform keeps', async () => {
    const level = coroutine(function* level(n: number): Coroutine {
      if (n > 0) return yield* level(n - 1)
      yield* sleep(0)
      throw new Error('late')
    })
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 3
    try {
      const error = await run(() => level(8)).catch((caught: Error) => caught)
      // What the error had by itself, and as many again.
      expect((error as Error).stack?.match(/^ {4}at /gm)).toHaveLength(6)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  })

  test('are cancelled at every depth, innermost first', async () => {
    const trace = await traceOf(function* (print) {
      const level = coroutine(function* (n: number): Coroutine {
        try {
          if (n > 0) yield* level(n - 1)
          else yield* sleep(1000)
        } finally {
          yield* sleep(0)
          print('closed', n)
        }
      })
      const task = createTask(level, 3)
      yield* sleep(10)
      task.cancel()
      yield* sleep(10)
      print(task.cancelled())
    })
    expect(trace).toEqual(['closed 0', 'closed 1', 'closed 2', 'closed 3', 'true'])
  })

  test('may be marked twice', () => {
    const fn = function* (): Coroutine {}
    expect(coroutine(coroutine(fn))).toBe(fn)
  })

  test('keep methods usable, bound after marking', async () => {
    class Counter {
      *count(): Coroutine<number> {
        yield
        return ++this.n
      }

      n = 0
    }
    coroutine(Counter.prototype.count)
    const counter = new Counter()
    const bound = counter.count.bind(counter)
    expect(await run(bound)).toBe(1)
    expect(await run(bound)).toBe(2)
  })
})

test('a pass that was taken by hand does not put its frames under the coroutine that passes next', async () => {
  const inner = coroutine(function* (): Coroutine<string> {
    yield* sleep(0)
    return 'inner'
  })
  function* byHand(): Coroutine<string> {
    return yield* inner()
  }
  const returned = await run(function* () {
    const driven = byHand()
    expect(driven.next()).toEqual({ done: false, value: undefined })
    yield* sleep(0)
    expect(driven.next()).toEqual({ done: true, value: 'inner' })
    return 'outer'
  })
  expect(returned).toBe('outer')
})

describe('coroutine() refuses', () => {
  function* innocent(): Generator<number> {
    yield 1
    yield 2
  }
  const refused: [string, unknown][] = [
    ['a bound generator function', innocent.bind(null)],
    ['an arrow function', () => {}],
    ['an async function', async () => {}],
    ['an async generator function', async function* () {}],
    ['a plain function', function plainFunction() {}],
    ['a generator object', innocent()],
    ['nothing', undefined],
    ['one that has the prototype of all generators', onThePrototypeOfAll()],
  ]

  function onThePrototypeOfAll(): unknown {
    function* fn(): Generator<number> {}
    fn.prototype = Object.getPrototypeOf(function* () {}).prototype
    return fn
  }

  test.each(refused)('%s, and says what to do', (_, value) => {
    expect(() => coroutine(value as never)).toThrow(/Mark the generator function itself/)
  })

  test('a bound one without changing other generators', () => {
    expect(() => coroutine(innocent.bind(null) as never)).toThrow(TypeError)
    expect([...innocent()]).toEqual([1, 2])
  })
})
