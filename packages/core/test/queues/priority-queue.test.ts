import {
  createTask,
  forEach,
  getRunningLoop,
  PriorityQueue,
  QueueShutDown,
  sleep,
  type Task,
  wait,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { misuseOf, refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

function filled<T>(...items: T[]): PriorityQueue<T> {
  const queue = new PriorityQueue<T>()
  for (const item of items) queue.putNowait(item)
  return queue
}

/** What is in it, in the order it comes out; the queue is empty then. */
function drained<T>(queue: PriorityQueue<T>): T[] {
  const items: T[] = []
  while (!queue.empty()) items.push(queue.getNowait())
  return items
}

describe('the order', () => {
  const later = new Date(2030, 1)
  const sooner = new Date(2029, 1)

  test.each([
    ['numbers', [3, 1, 2, -5, 0.5], [-5, 0.5, 1, 2, 3]],
    ['bigints and numbers', [3n, 1, 2n, -5], [-5, 1, 2n, 3n]],
    ['strings, as JavaScript compares them', ['b', 'a', 'B', ''], ['', 'B', 'a', 'b']],
    ['dates', [later, sooner], [sooner, later]],
    [
      'infinities',
      [1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      [Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY],
    ],
    [
      'arrays, field by field',
      [
        [2, 'a'],
        [1, 'b'],
        [1, 'a'],
      ],
      [
        [1, 'a'],
        [1, 'b'],
        [2, 'a'],
      ],
    ],
    ['arrays of which one begins like the other', [[1, 2], [1], [], [0, 5]], [[], [0, 5], [1], [1, 2]]],
    [
      'arrays in arrays',
      [
        [[2], 1],
        [[1, 9], 2],
        [[1], 3],
      ],
      [
        [[1], 3],
        [[1, 9], 2],
        [[2], 1],
      ],
    ],
  ])('of %s: the smallest comes first', (_, put, got) => {
    expect(drained(filled<unknown>(...put))).toEqual(got)
  })

  test('equal items come in the order they were put', () => {
    const jobs = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, i) => ({ name, priority: i % 2 }))
    const queue = new PriorityQueue<(typeof jobs)[number]>(0, (a, b) => a.priority - b.priority)
    for (const job of jobs) queue.putNowait(job)
    expect(drained(queue).map(({ name }) => name)).toEqual(['a', 'c', 'e', 'b', 'd', 'f'])
  })

  test('what comes after the deciding fields of an array is not looked at', () => {
    const jobs = [2, 0, 1].map((priority, number) => [priority, number, { run() {} }])
    expect(drained(filled(...jobs)).map(([priority]) => priority)).toEqual([0, 1, 2])
  })

  test('a compare function may turn it round', () => {
    const queue = new PriorityQueue<number>(0, (a, b) => b - a)
    for (const item of [1, 3, 2]) queue.putNowait(item)
    expect(drained(queue)).toEqual([3, 2, 1])
  })

  test('agrees with a sorted array under random puts and gets', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seeded(seed)
      const queue = new PriorityQueue<[priority: number, number: number]>(0, ([a], [b]) => a - b)
      const model: [priority: number, number: number][] = []
      for (let number = 0; number < 300; number++) {
        if (random() < 0.6) {
          const item: [number, number] = [Math.floor(random() * 10), number]
          queue.putNowait(item)
          const place = model.findIndex(([priority]) => priority > item[0])
          model.splice(place === -1 ? model.length : place, 0, item)
        } else if (model.length > 0) expect(queue.getNowait(), `seed ${seed}`).toEqual(model.shift())
        expect(queue.qsize(), `seed ${seed}`).toBe(model.length)
      }
      expect(drained(queue), `seed ${seed}`).toEqual(model)
    }
  })
})

describe('what does not compare', () => {
  test('is refused where it meets another, and the error names both', () => {
    const queue = filled<unknown>(1)
    expect(() => queue.putNowait({ job: 1 })).toThrow(misuseOf({}) as Error)
    expect(() => queue.putNowait(null)).toThrow(/compare null with 1.*Give it a compare function/)
  })

  test('leaves the queue as it was when it is refused, however deep it had got', () => {
    const jobs = [1, 2, 3].map((priority) => [priority, { priority }])
    const queue = filled<unknown>(...jobs)
    expect(() => queue.putNowait([1, { priority: 'as urgent as the first' }])).toThrow(TypeError)
    expect(queue.qsize()).toBe(3)
    expect(drained(queue)).toEqual(jobs)
  })

  test('is not lost where it is found out in getting', () => {
    const compare = (a: string, b: string) => {
      if (a !== 'top' && b !== 'top' && isRefusing) throw new RangeError('cannot tell')
      return a === 'top' ? -1 : b === 'top' ? 1 : 0
    }
    let isRefusing = true
    const queue = new PriorityQueue<string>(0, compare)
    for (const item of ['top', 'b', 'c']) queue.putNowait(item)
    expect(() => queue.getNowait()).toThrow('cannot tell')
    isRefusing = false
    expect(drained(queue)).toEqual(['top', 'b', 'c'])
  })

  bothSpellings('throws its error into the task that puts it', ['put', 'TypeError', '1', 'joined'], {
    *generator(print) {
      const queue = new PriorityQueue<unknown>()
      yield* queue.put([1, {}])
      print('put')
      try {
        yield* queue.put([1, {}])
      } catch (error) {
        print(error)
      }
      print(queue.qsize())
      queue.taskDone()
      yield* queue.join()
      print('joined')
    },
    async async(print) {
      const queue = new PriorityQueue<unknown>()
      await queue.put([1, {}])
      print('put')
      try {
        await queue.put([1, {}])
      } catch (error) {
        print(error)
      }
      print(queue.qsize())
      queue.taskDone()
      await queue.join()
      print('joined')
    },
  })
})

describe('as a queue', () => {
  bothSpellings(
    'a full one holds its putters back; what they put gets its place by its rank',
    ['put 5', 'put 4', 'got 4', 'put 1', 'got 1', 'put 9', 'got 5', 'got 9'],
    {
      *generator(print) {
        const queue = new PriorityQueue<number>(2)
        for (const item of [5, 4, 1, 9])
          createTask(function* () {
            yield* queue.put(item)
            print('put', item)
          })
        yield* sleep(1)
        while (!queue.empty()) {
          print('got', yield* queue.get())
          yield* sleep(1)
        }
      },
      async async(print) {
        const queue = new PriorityQueue<number>(2)
        for (const item of [5, 4, 1, 9])
          createTask(async () => {
            await queue.put(item)
            print('put', item)
          })
        await sleep(1)
        while (!queue.empty()) {
          print('got', await queue.get())
          await sleep(1)
        }
      },
    },
  )

  bothSpellings(
    'a getter that was woken takes what is the smallest when it runs',
    ['got 1', '<PriorityQueue size=1 maxsize=0 getters=0 putters=0>'],
    {
      *generator(print) {
        const queue = new PriorityQueue<number>()
        const getter = createTask(function* () {
          print('got', yield* queue.get())
        })
        yield* sleep(1)
        queue.putNowait(5)
        queue.putNowait(1)
        yield* getter
        print(queue)
      },
      async async(print) {
        const queue = new PriorityQueue<number>()
        const getter = createTask(async () => {
          print('got', await queue.get())
        })
        await sleep(1)
        queue.putNowait(5)
        queue.putNowait(1)
        await getter
        print(queue)
      },
    },
  )

  bothSpellings('put() and get() are checkpoints only where they wait', ['0'], {
    *generator(print) {
      const queue = new PriorityQueue<number>()
      const passes = passCounter()
      yield* queue.put(1)
      yield* queue.get()
      print(passes())
    },
    async async(print) {
      const queue = new PriorityQueue<number>()
      const passes = passCounter()
      await queue.put(1)
      await queue.get()
      print(passes())
    },
  })

  bothSpellings('forEach() and for await go through it in order, to the end', ['1', '2', '3', 'end'], {
    *generator(print) {
      const queue = filled(2, 3, 1)
      queue.shutdown()
      yield* forEach(queue, (item) => print(item))
      print('end')
    },
    async async(print) {
      const queue = filled(2, 3, 1)
      queue.shutdown()
      for await (const item of queue) print(item)
      print('end')
    },
  })

  bothSpellings('an immediate shutdown empties it', ['0', 'QueueShutDown', 'joined'], {
    *generator(print) {
      const queue = filled(2, 3, 1)
      queue.shutdown({ immediate: true })
      print(queue.qsize())
      try {
        yield* queue.get()
      } catch (error) {
        print(error)
      }
      yield* queue.join()
      print('joined')
    },
    async async(print) {
      const queue = filled(2, 3, 1)
      queue.shutdown({ immediate: true })
      print(queue.qsize())
      try {
        await queue.get()
      } catch (error) {
        print(error)
      }
      await queue.join()
      print('joined')
    },
  })

  bothSpellings(
    'a cancelled get takes nothing, a cancelled put adds nothing',
    ['getter cancelled', 'got 1', 'putter cancelled', '2'],
    {
      *generator(print) {
        const queue = new PriorityQueue<number>(1)
        const getter = createTask(queue.get())
        yield* sleep(1)
        queue.putNowait(1)
        getter.cancel()
        yield* wait([getter])
        print(getter.cancelled() ? 'getter cancelled' : 'getter got it')
        const putter = createTask(queue.put(0))
        yield
        print('got', queue.getNowait())
        putter.cancel()
        yield* wait([putter])
        print(putter.cancelled() ? 'putter cancelled' : 'putter put it')
        queue.putNowait(2)
        print(drained(queue).join())
      },
      async async(print) {
        const queue = new PriorityQueue<number>(1)
        const getter = createTask(queue.get())
        await sleep(1)
        queue.putNowait(1)
        getter.cancel()
        await wait([getter])
        print(getter.cancelled() ? 'getter cancelled' : 'getter got it')
        const putter = createTask(queue.put(0))
        await sleep(0)
        print('got', queue.getNowait())
        putter.cancel()
        await wait([putter])
        print(putter.cancelled() ? 'putter cancelled' : 'putter put it')
        queue.putNowait(2)
        print(drained(queue).join())
      },
    },
  )
})

describe('misuse', () => {
  refuses('PriorityQueue(maxsize)', [Number.NaN, '2', null], (maxsize) => new PriorityQueue(maxsize))
  refuses('PriorityQueue(0, compare)', ['priority', 5, null], (compare) => new PriorityQueue(0, compare))

  keepsTheOperationContract('queue.put(1)', () => new PriorityQueue<number>().put(1))
  keepsTheOperationContract('queue.get()', () => filled(1).get())
})

test('under random producers, consumers and cancellations nothing is lost, and nobody waits for what is there', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    for (const spelling of ['generators', 'async']) {
      const random = seeded(seed)
      const roll = (sides: number) => Math.floor(random() * sides)
      const program = `seed ${seed}, ${spelling}`
      await runVirtual(function* () {
        const queue = new PriorityQueue<number>(roll(4))
        const put: number[] = []
        const got: number[] = []
        const tasks: Task<void>[] = []
        for (let i = 0; i < 20; i++) {
          const [ms, item] = [roll(8), roll(100)]
          const isProducer = random() < 0.5
          if (spelling === 'generators')
            tasks.push(
              createTask(function* () {
                yield* sleep(ms)
                if (!isProducer) return void got.push(yield* queue.get())
                yield* queue.put(item)
                put.push(item)
              }),
            )
          else
            tasks.push(
              createTask(async () => {
                await sleep(ms)
                if (!isProducer) return void got.push(await queue.get())
                await queue.put(item)
                put.push(item)
              }),
            )
        }
        for (const task of tasks) if (random() < 0.3) getRunningLoop().callAt(roll(8), () => task.cancel())
        yield* sleep(50)
        const waiting = { getters: queue._getters.live, putters: queue._putters.live }
        if (!queue.empty()) expect(waiting.getters, `${program}: ${queue}`).toBe(0)
        if (!queue.full()) expect(waiting.putters, `${program}: ${queue}`).toBe(0)
        queue.shutdown()
        yield* wait(tasks)
        for (const task of tasks) {
          if (!task.cancelled() && task.exception() !== null)
            expect(task.exception(), program).toBeInstanceOf(QueueShutDown)
        }
        const all = [...got, ...drained(queue)]
        expect(
          all.sort((a, b) => a - b),
          program,
        ).toEqual(put.sort((a, b) => a - b))
      })
    }
  }
})

test('ten thousand items come out sorted', async () => {
  const trace = await traceOf(function* (print) {
    const random = seeded(1)
    const items = Array.from({ length: 10_000 }, () => Math.floor(random() * 1000))
    const queue = filled(...items)
    print(drained(queue).join() === items.sort((a, b) => a - b).join())
  })
  expect(trace).toEqual(['true'])
})

test.each([
  ['an array beside a number', [1], 1],
  ['a number beside an array', 1, [1]],
  ['an object beside a number', {}, 1],
  ['a number beside an object', 1, {}],
])('%s is refused, and not added', (_, first, second) => {
  const queue = new PriorityQueue()
  queue.putNowait(first)
  expect(() => queue.putNowait(second)).toThrow(/does not know how to compare/)
  expect(queue.qsize()).toBe(1)
})
