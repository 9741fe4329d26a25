/** Misuse is answered at its line, with what to write instead. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  awaitable,
  type Coroutine,
  call,
  createTask,
  currentTask,
  Future,
  from,
  gather,
  InvalidStateError,
  run,
  sleep,
  timeout,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { bothSpellings, traceOf } from '../support/traces.ts'

const slow = async () => 1

describe('a promise where code is asked for', () => {
  test.each([
    ['createTask', () => createTask(slow() as never)],
    ['gather', () => gather(slow() as never)],
  ])('is refused by %s(), which says to pass the function', (_, take) => {
    expect(take).toThrow(/was given a promise.*Pass the function that makes it: \w+\(fn, \.\.\.args\)/)
  })

  test('is refused by run()', async () => {
    await expect(run(slow() as never)).rejects.toThrow(/Pass the function/)
  })
})

describe('a wrong yield is thrown back at its line', () => {
  test.each([
    ['a number', 5, /yielded 5: it may yield nothing.*Did you mean `yield\*`/],
    ['an operation', sleep(1), /yielded <sleep\(1\)>: write `yield\*`/],
    ['a promise', slow(), /yielded a promise: write `yield\* from\(promise\)`/],
    ['a coroutine', (function* (): Coroutine {})(), /write `yield\*`/],
    ['an object', { some: 'thing' }, /yielded \{…\}/],
  ])('%s', async (_, value, message) => {
    const error = await run(function* (): Coroutine<unknown> {
      try {
        yield value as never
      } catch (caught) {
        return caught
      }
      return undefined
    })
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toMatch(message)
  })
})

test('something of another loaded copy is named, with both copies', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polvo-copy-'))
  try {
    cpSync(new URL('../../src', import.meta.url), join(folder, 'src'), { recursive: true })
    const url = pathToFileURL(join(folder, 'src', 'index.ts')).href
    const other = (await import(/* @vite-ignore */ url)) as typeof import('polvo')
    const error = await run(function* () {
      yield* new other.Future()
    }).catch((caught: Error) => caught)
    expect((error as Error).message).toMatch(/another copy, of .*polvo-copy-/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

bothSpellings(
  'an operation can be awaited once',
  ['InvalidStateError', 'InvalidStateError', 'InvalidStateError'],
  {
    *generator(print) {
      for (const operation of [sleep(1), call(slow), timeout(5, slow)]) {
        yield* operation
        try {
          yield* operation
        } catch (error) {
          print(error)
        }
      }
    },
    async async(print) {
      for (const operation of [sleep(1), call(slow), timeout(5, slow)]) {
        await operation
        try {
          await operation
        } catch (error) {
          print(error)
        }
      }
    },
  },
)

bothSpellings('a task cannot await itself', ['TypeError'], {
  *generator(print) {
    yield* createTask(function* () {
      try {
        yield* currentTask()!
      } catch (error) {
        print(error)
      }
    })
  },
  async async(print) {
    await createTask(async () => {
      try {
        await currentTask()
      } catch (error) {
        print(error)
      }
    })
  },
})

test.each([
  ['createTask', () => createTask(5 as never), /createTask\(\) takes a coroutine/],
  [
    'createTask with arguments',
    () => createTask(sleep(1) as never, 1 as never),
    /only a function takes arguments/,
  ],
  ['call', () => call(5 as never), /call\(\) takes a function/],
  ['awaitable', () => awaitable(5 as never), /\[Symbol\.iterator\]/],
  ['from', () => from(5 as never), /from\(\) takes a promise/],
  ['from with a bad limit', () => from(slow, { settleWithin: -1 }), /settleWithin takes 0 or more/],
  ['sleep', () => sleep('5' as never), /sleep\(\) takes milliseconds/],
  ['sleep of NaN', () => sleep(Number.NaN), /NaN/],
  ['a done callback', () => new Future().addDoneCallback(5 as never), /addDoneCallback\(\) takes a function/],
])('%s refuses what it cannot use', (_, act, message) => {
  expect(act).toThrow(message)
})

test('a task gets its outcome from its coroutine alone', async () => {
  const trace = await traceOf(function* (print) {
    const task = createTask(sleep(1, 'mine'))
    for (const act of [() => task.setResult('yours'), () => task.setException(new Error('yours'))]) {
      try {
        act()
      } catch (error) {
        print(error)
      }
    }
    print(yield* task)
  })
  expect(trace).toEqual(['TypeError', 'TypeError', 'mine'])
})

test('the same coroutine object cannot be run by two tasks', async () => {
  const operation = call(slow)
  await run(async () => {
    await createTask(operation)
    expect(() => createTask(operation)).toThrow(InvalidStateError)
  })
})
