import { type Coroutine, Queue, sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { type Source, stepsOf } from '../../src/structured/source.ts'
import { traceOf } from '../support/traces.ts'

/** Go through a source up to `limit` items, then close it; print what comes. */
function trace<T>(source: Source<T>, limit = Number.POSITIVE_INFINITY): Promise<string[]> {
  return traceOf(function* (print): Coroutine {
    const steps = stepsOf('test', source)
    for (let i = 0; i < limit; i++) {
      const step = yield* steps.next()
      if (step.done === true) return print('over')
      print(step.value)
    }
    yield* steps.close()
    print('closed')
  })
}

describe('takes apart', () => {
  const queue = () => {
    const full = new Queue<number>()
    for (const n of [1, 2]) full.putNowait(n)
    full.shutdown()
    return full
  }
  const stream = () => {
    const items = [1, 2]
    return {
      next: () =>
        sleep(1, items.length > 0 ? { done: false, value: items.shift() } : { done: true, value: 0 }),
    }
  }
  const sources: [string, () => Source<unknown>][] = [
    ['an array', () => [1, 2]],
    ['a set', () => new Set([1, 2])],
    ['a string', () => '12'],
    [
      'a generator',
      function* () {
        yield 1
        yield 2
      },
    ],
    [
      'an async generator',
      async function* () {
        yield 1
        yield 2
      },
    ],
    ['an iterator that iterates itself', () => [1, 2].values()],
    ['a queue', queue],
    ['a stream that has only next()', stream],
    [
      'an object that is asynchronously iterable',
      () => ({ [Symbol.asyncIterator]: () => stream() }) as never,
    ],
  ]
  for (const [what, source] of sources) {
    test(what, async () => {
      expect(await trace(source())).toEqual(['1', '2', 'over'])
    })
  }
})

test('an object of both kinds is gone through asynchronously, as for await does', async () => {
  const both = {
    *[Symbol.iterator]() {
      yield 'plain'
    },
    async *[Symbol.asyncIterator]() {
      yield 'async'
    },
  }
  expect(await trace(both as AsyncIterable<string>)).toEqual(['async', 'over'])
})

test('closing calls return() where there is one, and waits for it', async () => {
  const closed: string[] = []
  function* plain() {
    try {
      for (;;) yield 'item'
    } finally {
      closed.push('plain')
    }
  }
  async function* async() {
    try {
      for (;;) yield 'item'
    } finally {
      await new Promise(setImmediate)
      closed.push('async')
    }
  }
  expect(await trace(plain(), 1)).toEqual(['item', 'closed'])
  expect(await trace(async(), 1)).toEqual(['item', 'closed'])
  expect(await trace({ next: () => sleep(0, { done: false, value: 'item' }) }, 1)).toEqual(['item', 'closed'])
  expect(closed).toEqual(['plain', 'async'])
})

test('an operation of the library is awaited as it is, a promise of a foreign iterator in its place', async () => {
  const foreign = { next: () => Promise.resolve({ done: false, value: 'foreign' }) }
  expect(await trace(foreign as never, 1)).toEqual(['foreign', 'closed'])
})

for (const wrong of [undefined, null, 5, true, {}, () => {}, Symbol.iterator]) {
  test(`refuses ${String(wrong)}, and names who was given it`, () => {
    expect(() => stepsOf('taker', wrong as never)).toThrow(
      expect.objectContaining({
        code: 'POLVO_MISUSE',
        message: expect.stringMatching(/^taker\(\) goes through/),
      }),
    )
  })
}
