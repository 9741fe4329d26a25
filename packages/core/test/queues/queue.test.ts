import {
  createTask,
  currentTask,
  forEach,
  getRunningLoop,
  isCancelled,
  LifoQueue,
  moveOnAfter,
  Queue,
  QueueEmpty,
  QueueShutDown,
  sleep,
  wait,
  waitFor,
} from 'polvo'
import { runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function filled<T>(...items: T[]): Queue<T> {
  const queue = new Queue<T>()
  for (const item of items) queue.putNowait(item)
  return queue
}

function* get(queue: Queue<unknown>, name: string, print: Print) {
  try {
    print(name, 'got', yield* queue.get())
  } catch (error) {
    print(name, error)
    throw error
  }
}

async function getAsync(queue: Queue<unknown>, name: string, print: Print) {
  try {
    print(name, 'got', await queue.get())
  } catch (error) {
    print(name, error)
    throw error
  }
}

function* put(queue: Queue<unknown>, item: unknown, print: Print) {
  try {
    yield* queue.put(item)
    print('put', item)
  } catch (error) {
    print('putting', item, error)
    throw error
  }
}

async function putAsync(queue: Queue<unknown>, item: unknown, print: Print) {
  try {
    await queue.put(item)
    print('put', item)
  } catch (error) {
    print('putting', item, error)
    throw error
  }
}

describe('putting and getting', () => {
  test('first in, first out; qsize(), empty() and full() tell how it stands', () => {
    const queue = new Queue<string>(2)
    const stand = () => [queue.qsize(), queue.empty(), queue.full()]
    expect([queue.maxsize, ...stand()]).toEqual([2, 0, true, false])
    queue.putNowait('a')
    expect(stand()).toEqual([1, false, false])
    queue.putNowait('b')
    expect(stand()).toEqual([2, false, true])
    expect([queue.getNowait(), queue.getNowait(), ...stand()]).toEqual(['a', 'b', 0, true, false])
  })

  for (const maxsize of [undefined, 0, -1, Number.POSITIVE_INFINITY]) {
    test(`a maxsize of ${maxsize} is no bound`, () => {
      const queue = new Queue<number>(maxsize)
      for (let i = 0; i < 10_000; i++) queue.putNowait(i)
      expect([queue.qsize(), queue.full()]).toEqual([10_000, false])
    })
  }

  test('getNowait() of an empty queue and putNowait() to a full one are errors of their own', () => {
    const queue = new Queue<string>(1)
    expect(() => queue.getNowait()).toThrow(expect.objectContaining({ code: 'POLVO_QUEUE_EMPTY' }))
    queue.putNowait('a')
    expect(() => queue.putNowait('b')).toThrow(expect.objectContaining({ code: 'POLVO_QUEUE_FULL' }))
    expect([queue.qsize(), queue.getNowait()]).toEqual([1, 'a'])
  })

  bothSpellings('undefined and null are items like any other', ['undefined', 'null', '0'], {
    *generator(print) {
      const queue = new Queue()
      yield* queue.put(undefined)
      yield* queue.put(null)
      print(yield* queue.get())
      print(yield* queue.get())
      print(queue.qsize())
    },
    async async(print) {
      const queue = new Queue()
      await queue.put(undefined)
      await queue.put(null)
      print(await queue.get())
      print(await queue.get())
      print(queue.qsize())
    },
  })

  bothSpellings('put() and get() are checkpoints only where they wait', ['0', '0 a', '2 b', '2 full'], {
    *generator(print) {
      const loop = getRunningLoop()
      const queue = new Queue<string>(1)
      let passes = passCounter()
      yield* queue.put('a')
      print(passes())
      const got = yield* queue.get()
      print(passes(), got)
      // One pass until then, and one behind it.
      loop.callSoon(() => queue.putNowait('b'))
      const late = yield* queue.get()
      print(passes(), late)
      queue.putNowait('c')
      passes = passCounter()
      loop.callSoon(() => queue.getNowait())
      yield* queue.put('d')
      print(passes(), queue.full() ? 'full' : 'not full')
    },
    async async(print) {
      const loop = getRunningLoop()
      const queue = new Queue<string>(1)
      let passes = passCounter()
      await queue.put('a')
      print(passes())
      const got = await queue.get()
      print(passes(), got)
      loop.callSoon(() => queue.putNowait('b'))
      const late = await queue.get()
      print(passes(), late)
      queue.putNowait('c')
      passes = passCounter()
      loop.callSoon(() => queue.getNowait())
      await queue.put('d')
      print(passes(), queue.full() ? 'full' : 'not full')
    },
  })

  bothSpellings('getters are served in the order they came', ['a got 1', 'b got 2', 'c got 3'], {
    *generator(print) {
      const queue = new Queue()
      for (const name of ['a', 'b', 'c']) createTask(get, queue, name, print)
      yield
      for (const item of [1, 2, 3]) yield* queue.put(item)
      yield* sleep(1)
    },
    async async(print) {
      const queue = new Queue()
      for (const name of ['a', 'b', 'c']) createTask(getAsync, queue, name, print)
      await sleep(0)
      for (const item of [1, 2, 3]) await queue.put(item)
      await sleep(1)
    },
  })

  bothSpellings(
    'a full queue holds putters back, in the order they came',
    ['put 1', 'put 2', 'full 2', 'got 1', 'put 3', 'got 2', 'put 4', 'got 3', 'got 4'],
    {
      *generator(print) {
        const queue = new Queue(2)
        for (const item of [1, 2, 3, 4]) createTask(put, queue, item, print)
        yield* sleep(1)
        print(queue.full() ? 'full' : 'not full', queue.qsize())
        while (!queue.empty()) {
          print('got', yield* queue.get())
          yield* sleep(1)
        }
      },
      async async(print) {
        const queue = new Queue(2)
        for (const item of [1, 2, 3, 4]) createTask(putAsync, queue, item, print)
        await sleep(1)
        print(queue.full() ? 'full' : 'not full', queue.qsize())
        while (!queue.empty()) {
          print('got', await queue.get())
          await sleep(1)
        }
      },
    },
  )

  bothSpellings(
    'a producer is as fast as its consumer allows',
    ['put 1 at 0', 'put 2 at 0', 'put 3 at 10', 'put 4 at 20'],
    {
      *generator(print) {
        const queue = new Queue<number>(1)
        createTask(function* () {
          for (;;) {
            yield* queue.get()
            yield* sleep(10)
          }
        })
        for (const item of [1, 2, 3, 4]) {
          yield* queue.put(item)
          print('put', item, 'at', now())
        }
      },
      async async(print) {
        const queue = new Queue<number>(1)
        createTask(async () => {
          for (;;) {
            await queue.get()
            await sleep(10)
          }
        })
        for (const item of [1, 2, 3, 4]) {
          await queue.put(item)
          print('put', item, 'at', now())
        }
      },
    },
  )

  bothSpellings(
    'getNowait() may jump in before a getter that was woken, which gets in line again behind the others',
    ['jumper got 1', 'b got 2', 'a got 3'],
    {
      *generator(print) {
        const queue = new Queue()
        for (const name of ['a', 'b']) createTask(get, queue, name, print)
        yield
        queue.putNowait(1)
        print('jumper got', queue.getNowait())
        yield* sleep(1)
        queue.putNowait(2)
        yield* sleep(1)
        queue.putNowait(3)
        yield* sleep(1)
      },
      async async(print) {
        const queue = new Queue()
        for (const name of ['a', 'b']) createTask(getAsync, queue, name, print)
        await sleep(0)
        queue.putNowait(1)
        print('jumper got', queue.getNowait())
        await sleep(1)
        queue.putNowait(2)
        await sleep(1)
        queue.putNowait(3)
        await sleep(1)
      },
    },
  )

  bothSpellings(
    'putNowait() may jump in before a putter that was woken, which gets in line again behind the others',
    ['got jumper', 'put b', 'got b', 'put a', 'got a'],
    {
      *generator(print) {
        const queue = new Queue(1)
        queue.putNowait('first')
        for (const item of ['a', 'b']) createTask(put, queue, item, print)
        yield
        queue.getNowait()
        queue.putNowait('jumper')
        for (let i = 0; i < 3; i++) {
          yield* sleep(1)
          print('got', queue.getNowait())
        }
      },
      async async(print) {
        const queue = new Queue(1)
        queue.putNowait('first')
        for (const item of ['a', 'b']) createTask(putAsync, queue, item, print)
        await sleep(0)
        queue.getNowait()
        queue.putNowait('jumper')
        for (let i = 0; i < 3; i++) {
          await sleep(1)
          print('got', queue.getNowait())
        }
      },
    },
  )
})

describe('cancelling', () => {
  bothSpellings('a getter takes nothing', ['a CancelledError', 'b got 1', '0'], {
    *generator(print) {
      const queue = new Queue()
      const [a] = ['a', 'b'].map((name) => createTask(get, queue, name, print))
      yield
      a?.cancel()
      yield
      queue.putNowait(1)
      yield* sleep(1)
      print(queue.qsize())
    },
    async async(print) {
      const queue = new Queue()
      const [a] = ['a', 'b'].map((name) => createTask(getAsync, queue, name, print))
      await sleep(0)
      a?.cancel()
      await sleep(0)
      queue.putNowait(1)
      await sleep(1)
      print(queue.qsize())
    },
  })

  bothSpellings(
    'a getter that an item has woken passes its wake-up on; the item stays where nobody else waits',
    ['a CancelledError', 'b got 1', 'c CancelledError', 'left 2'],
    {
      *generator(print) {
        const queue = new Queue()
        const [a] = ['a', 'b'].map((name) => createTask(get, queue, name, print))
        yield
        queue.putNowait(1)
        a?.cancel()
        yield* sleep(1)
        const c = createTask(get, queue, 'c', print)
        yield
        queue.putNowait(2)
        c.cancel()
        yield* sleep(1)
        print('left', queue.getNowait())
      },
      async async(print) {
        const queue = new Queue()
        const [a] = ['a', 'b'].map((name) => createTask(getAsync, queue, name, print))
        await sleep(0)
        queue.putNowait(1)
        a?.cancel()
        await sleep(1)
        const c = createTask(getAsync, queue, 'c', print)
        await sleep(0)
        queue.putNowait(2)
        c.cancel()
        await sleep(1)
        print('left', queue.getNowait())
      },
    },
  )

  bothSpellings('a putter adds nothing', ['putting b CancelledError', 'put c', 'a c'], {
    *generator(print) {
      const queue = new Queue(1)
      queue.putNowait('a')
      const [b] = ['b', 'c'].map((item) => createTask(put, queue, item, print))
      yield
      b?.cancel()
      yield
      const first = queue.getNowait()
      yield* sleep(1)
      print(first, queue.getNowait())
    },
    async async(print) {
      const queue = new Queue(1)
      queue.putNowait('a')
      const [b] = ['b', 'c'].map((item) => createTask(putAsync, queue, item, print))
      await sleep(0)
      b?.cancel()
      await sleep(0)
      const first = queue.getNowait()
      await sleep(1)
      print(first, queue.getNowait())
    },
  })

  bothSpellings(
    'a putter that a free place has woken passes its wake-up on, and adds nothing',
    ['putting b CancelledError', 'put c', 'c'],
    {
      *generator(print) {
        const queue = new Queue(1)
        queue.putNowait('a')
        const [b] = ['b', 'c'].map((item) => createTask(put, queue, item, print))
        yield
        queue.getNowait()
        b?.cancel()
        yield* sleep(1)
        print(queue.getNowait())
      },
      async async(print) {
        const queue = new Queue(1)
        queue.putNowait('a')
        const [b] = ['b', 'c'].map((item) => createTask(putAsync, queue, item, print))
        await sleep(0)
        queue.getNowait()
        b?.cancel()
        await sleep(1)
        print(queue.getNowait())
      },
    },
  )

  bothSpellings(
    'a time limit on get() loses no item, not even one that comes at that instant',
    ['undefined', 'item'],
    {
      *generator(print) {
        const queue = new Queue<string>()
        const task = createTask(() => moveOnAfter(5, () => queue.get()))
        yield
        // Behind the limit, in the same pass.
        getRunningLoop().callAt(5, () => queue.putNowait('item'))
        print(yield* task)
        print(queue.getNowait())
      },
      async async(print) {
        const queue = new Queue<string>()
        const task = createTask(() => moveOnAfter(5, () => queue.get()))
        await sleep(0)
        getRunningLoop().callAt(5, () => queue.putNowait('item'))
        print(await task)
        print(queue.getNowait())
      },
    },
  )

  bothSpellings('an item that comes just before the limit is taken, or stays', ['1'], {
    *generator(print) {
      const queue = new Queue<string>()
      getRunningLoop().callAt(5, () => queue.putNowait('item'))
      const got = yield* moveOnAfter(5, () => queue.get())
      print(queue.qsize() + (got === undefined ? 0 : 1))
    },
    async async(print) {
      const queue = new Queue<string>()
      getRunningLoop().callAt(5, () => queue.putNowait('item'))
      const got = await moveOnAfter(5, () => queue.get())
      print(queue.qsize() + (got === undefined ? 0 : 1))
    },
  })

  bothSpellings(
    'a getter whose item is gone again when it gives up has nothing to pass on: the others keep their places',
    ['jumper got 1', 'a CancelledError', 'b got 2', 'c got 3'],
    {
      *generator(print) {
        const queue = new Queue()
        const [a] = ['a', 'b', 'c'].map((name) => createTask(get, queue, name, print))
        yield
        queue.putNowait(1)
        print('jumper got', queue.getNowait())
        a?.cancel()
        yield* sleep(1)
        queue.putNowait(2)
        queue.putNowait(3)
        yield* sleep(1)
      },
      async async(print) {
        const queue = new Queue()
        const [a] = ['a', 'b', 'c'].map((name) => createTask(getAsync, queue, name, print))
        await sleep(0)
        queue.putNowait(1)
        print('jumper got', queue.getNowait())
        a?.cancel()
        await sleep(1)
        queue.putNowait(2)
        queue.putNowait(3)
        await sleep(1)
      },
    },
  )

  bothSpellings(
    'a putter whose place is gone again when it gives up has nothing to pass on: the others keep their places',
    ['putting a CancelledError', 'got jumper', 'put b', 'got b', 'put c', 'got c'],
    {
      *generator(print) {
        const queue = new Queue(1)
        queue.putNowait('first')
        const [a] = ['a', 'b', 'c'].map((item) => createTask(put, queue, item, print))
        yield
        queue.getNowait()
        queue.putNowait('jumper')
        a?.cancel()
        for (let i = 0; i < 3; i++) {
          yield* sleep(1)
          print('got', queue.getNowait())
        }
      },
      async async(print) {
        const queue = new Queue(1)
        queue.putNowait('first')
        const [a] = ['a', 'b', 'c'].map((item) => createTask(putAsync, queue, item, print))
        await sleep(0)
        queue.getNowait()
        queue.putNowait('jumper')
        a?.cancel()
        for (let i = 0; i < 3; i++) {
          await sleep(1)
          print('got', queue.getNowait())
        }
      },
    },
  )

  test('most of 10,000 getters leaves the order of the others', async () => {
    const trace = await traceOf(function* (print) {
      const queue = new Queue<number>()
      const order: string[] = []
      const tasks = Array.from({ length: 10_000 }, (_, i) =>
        createTask(function* () {
          order.push(`${i}:${yield* queue.get()}`)
        }),
      )
      yield
      for (const [i, task] of tasks.entries()) if (i % 2000 !== 500) task.cancel()
      for (const item of [1, 2, 3, 4, 5]) queue.putNowait(item)
      yield* sleep(1)
      print(order.join())
      print(queue)
    })
    expect(trace).toEqual([
      '500:1,2500:2,4500:3,6500:4,8500:5',
      '<Queue size=0 maxsize=0 getters=0 putters=0>',
    ])
  })

  test('a getter whose body would not stop and was ended leaves the line', async () => {
    for (const spelling of ['generators', 'async']) {
      const trace = await traceOf(
        function* (print) {
          const queue = new Queue<string>()
          const stubborn =
            spelling === 'async'
              ? createTask(async () => {
                  for (;;) await queue.get().then(undefined, () => {})
                })
              : createTask(function* () {
                  for (;;) {
                    try {
                      yield* queue.get()
                    } catch {}
                  }
                })
          yield
          stubborn.cancel()
          for (let i = 0; i < 5; i++) yield* sleep(100)
          print(stubborn.cancelled(), queue)
          queue.putNowait('item')
          print(yield* queue.get())
        },
        { cancelGrace: 100, hideReports: true },
      )
      expect(trace, spelling).toEqual(['true <Queue size=0 maxsize=0 getters=0 putters=0>', 'item'])
    }
  })
})

describe('join() and taskDone()', () => {
  bothSpellings(
    'join() waits until every item that was put has been dealt with',
    ['done 1 at 10', 'done 2 at 20', 'all done at 20', 'again 20'],
    {
      *generator(print) {
        const queue = filled(1, 2)
        createTask(function* () {
          for (;;) {
            const item = yield* queue.get()
            yield* sleep(10)
            print('done', item, 'at', now())
            queue.taskDone()
          }
        })
        yield* queue.join()
        print('all done at', now())
        yield* queue.join()
        print('again', now())
      },
      async async(print) {
        const queue = filled(1, 2)
        createTask(async () => {
          for (;;) {
            const item = await queue.get()
            await sleep(10)
            print('done', item, 'at', now())
            queue.taskDone()
          }
        })
        await queue.join()
        print('all done at', now())
        await queue.join()
        print('again', now())
      },
    },
  )

  bothSpellings('join() of a queue that was never used is no checkpoint', ['0'], {
    *generator(print) {
      const passes = passCounter()
      yield* new Queue().join()
      print(passes())
    },
    async async(print) {
      const passes = passCounter()
      await new Queue().join()
      print(passes())
    },
  })

  bothSpellings('an item that is put meanwhile is waited for as well', ['second put', 'all done at 20'], {
    *generator(print) {
      const queue = filled('first')
      createTask(function* () {
        yield* queue.get()
        yield* sleep(10)
        queue.putNowait('second')
        print('second put')
        queue.taskDone()
        yield* queue.get()
        yield* sleep(10)
        queue.taskDone()
      })
      yield* queue.join()
      print('all done at', now())
    },
    async async(print) {
      const queue = filled('first')
      createTask(async () => {
        await queue.get()
        await sleep(10)
        queue.putNowait('second')
        print('second put')
        queue.taskDone()
        await queue.get()
        await sleep(10)
        queue.taskDone()
      })
      await queue.join()
      print('all done at', now())
    },
  })

  test('taskDone() more often than items were put is an error', () => {
    const queue = filled('a')
    const tooOften = expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' })
    queue.taskDone()
    expect(() => queue.taskDone()).toThrow(tooOften)
    expect(() => new Queue().taskDone()).toThrow(tooOften)
  })
})

describe('shutdown()', () => {
  bothSpellings(
    'nothing can be put any more; what is in it can be taken, then getting is an error',
    ['QueueShutDown', 'QueueShutDown', '1', '2', 'QueueShutDown', 'QueueShutDown', 'true'],
    {
      *generator(print) {
        const queue = filled(1, 2)
        queue.shutdown()
        const refusals = function* (...attempts: (() => unknown)[]) {
          for (const attempt of attempts) {
            try {
              const operation = attempt() as ReturnType<typeof queue.get>
              yield* operation
            } catch (error) {
              print(error)
            }
          }
        }
        yield* refusals(
          () => queue.put(3),
          () => queue.putNowait(3),
        )
        print(yield* queue.get())
        print(queue.getNowait())
        yield* refusals(
          () => queue.get(),
          () => queue.getNowait(),
        )
        print(queue.isShutDown)
      },
      async async(print) {
        const queue = filled(1, 2)
        queue.shutdown()
        const refusals = async (...attempts: (() => unknown)[]) => {
          for (const attempt of attempts) {
            try {
              await attempt()
            } catch (error) {
              print(error)
            }
          }
        }
        await refusals(
          () => queue.put(3),
          () => queue.putNowait(3),
        )
        print(await queue.get())
        print(queue.getNowait())
        await refusals(
          () => queue.get(),
          () => queue.getNowait(),
        )
        print(queue.isShutDown)
      },
    },
  )

  bothSpellings(
    'wakes all who wait: getters of an empty queue, putters of a full one',
    ['a QueueShutDown', 'b QueueShutDown', 'putting 2 QueueShutDown', 'putting 3 QueueShutDown', '1'],
    {
      *generator(print) {
        const [empty, full] = [new Queue(), new Queue(1)]
        full.putNowait(1)
        const tasks = [
          createTask(get, empty, 'a', print),
          createTask(get, empty, 'b', print),
          createTask(put, full, 2, print),
          createTask(put, full, 3, print),
        ]
        yield
        empty.shutdown()
        full.shutdown()
        yield* wait(tasks)
        for (const task of tasks) task.exception()
        print(full.getNowait())
      },
      async async(print) {
        const [empty, full] = [new Queue(), new Queue(1)]
        full.putNowait(1)
        const tasks = [
          createTask(getAsync, empty, 'a', print),
          createTask(getAsync, empty, 'b', print),
          createTask(putAsync, full, 2, print),
          createTask(putAsync, full, 3, print),
        ]
        await sleep(0)
        empty.shutdown()
        full.shutdown()
        await wait(tasks)
        for (const task of tasks) task.exception()
        print(full.getNowait())
      },
    },
  )

  bothSpellings(
    'an item that was there before it goes to the getter that it woke',
    ['a got 1', 'b QueueShutDown'],
    {
      *generator(print) {
        const queue = new Queue()
        const tasks = ['a', 'b'].map((name) => createTask(get, queue, name, print))
        yield
        queue.putNowait(1)
        queue.shutdown()
        yield* wait(tasks)
        tasks[1]?.exception()
      },
      async async(print) {
        const queue = new Queue()
        const tasks = ['a', 'b'].map((name) => createTask(getAsync, queue, name, print))
        await sleep(0)
        queue.putNowait(1)
        queue.shutdown()
        await wait(tasks)
        tasks[1]?.exception()
      },
    },
  )

  bothSpellings(
    'leaves join() waiting for what is in it; { immediate: true } drops that, and join() returns',
    ['joined at 20', 'joined at 25 size 0', 'QueueShutDown'],
    {
      *generator(print) {
        const drained = filled(1)
        drained.shutdown()
        createTask(function* () {
          yield* drained.get()
          yield* sleep(20)
          drained.taskDone()
        })
        yield* drained.join()
        print('joined at', now())
        const dropped = filled(1, 2)
        getRunningLoop().callLater(5, () => dropped.shutdown({ immediate: true }))
        yield* dropped.join()
        print('joined at', now(), 'size', dropped.qsize())
        try {
          yield* dropped.get()
        } catch (error) {
          print(error)
        }
      },
      async async(print) {
        const drained = filled(1)
        drained.shutdown()
        createTask(async () => {
          await drained.get()
          await sleep(20)
          drained.taskDone()
        })
        await drained.join()
        print('joined at', now())
        const dropped = filled(1, 2)
        getRunningLoop().callLater(5, () => dropped.shutdown({ immediate: true }))
        await dropped.join()
        print('joined at', now(), 'size', dropped.qsize())
        try {
          await dropped.get()
        } catch (error) {
          print(error)
        }
      },
    },
  )

  bothSpellings('immediately, it leaves join() waiting for what was taken before', ['joined at 10'], {
    *generator(print) {
      const queue = filled(1, 2)
      yield* queue.get()
      queue.shutdown({ immediate: true })
      getRunningLoop().callLater(10, () => queue.taskDone())
      yield* queue.join()
      print('joined at', now())
    },
    async async(print) {
      const queue = filled(1, 2)
      await queue.get()
      queue.shutdown({ immediate: true })
      getRunningLoop().callLater(10, () => queue.taskDone())
      await queue.join()
      print('joined at', now())
    },
  })

  bothSpellings('immediately, a getter that an item has woken finds it gone', ['a QueueShutDown'], {
    *generator(print) {
      const queue = new Queue()
      const a = createTask(get, queue, 'a', print)
      yield
      queue.putNowait(1)
      queue.shutdown({ immediate: true })
      yield* wait([a])
      a.exception()
    },
    async async(print) {
      const queue = new Queue()
      const a = createTask(getAsync, queue, 'a', print)
      await sleep(0)
      queue.putNowait(1)
      queue.shutdown({ immediate: true })
      await wait([a])
      a.exception()
    },
  })

  test('what was dealt with before it was taken is not dropped a second time', () => {
    const queue = filled('a', 'b')
    queue.taskDone()
    queue.taskDone()
    queue.shutdown({ immediate: true })
    expect(() => queue.taskDone()).toThrow(expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' }))
  })

  test('a second time does nothing, but may make it immediate', () => {
    const queue = filled(1, 2)
    queue.shutdown()
    queue.shutdown()
    expect(queue.qsize()).toBe(2)
    queue.shutdown({ immediate: true })
    queue.shutdown()
    expect([queue.qsize(), queue.isShutDown]).toEqual([0, true])
  })
})

describe('going through it', () => {
  bothSpellings(
    'takes items until it is shut down and empty',
    ['1 at 0', '2 at 0', '3 at 10', 'over at 20'],
    {
      *generator(print) {
        const queue = filled(1, 2)
        getRunningLoop().callLater(10, () => queue.putNowait(3))
        getRunningLoop().callLater(20, () => queue.shutdown())
        yield* forEach(queue, (item) => print(item, 'at', now()))
        print('over at', now())
      },
      async async(print) {
        const queue = filled(1, 2)
        getRunningLoop().callLater(10, () => queue.putNowait(3))
        getRunningLoop().callLater(20, () => queue.shutdown())
        for await (const item of queue) print(item, 'at', now())
        print('over at', now())
      },
    },
  )

  bothSpellings('what is left when the loop is left stays in it', ['1', '2', 'left 3'], {
    *generator(print) {
      const queue = filled(1, 2, 3)
      try {
        yield* forEach(queue, (item) => {
          print(item)
          if (item === 2) throw 'enough'
        })
      } catch {}
      print('left', yield* queue.get())
    },
    async async(print) {
      const queue = filled(1, 2, 3)
      for await (const item of queue) {
        print(item)
        if (item === 2) break
      }
      print('left', await queue.get())
    },
  })

  bothSpellings('several may share it: each item goes to one of them', ['a 1', 'b 2', 'a 3', 'b 4', 'over'], {
    *generator(print) {
      const queue = filled(1, 2, 3, 4)
      queue.shutdown()
      const worker = function* (name: string) {
        yield* forEach(queue, function* (item) {
          print(name, item)
          yield* sleep(10)
        })
      }
      const workers = [createTask(worker, 'a'), createTask(worker, 'b')]
      for (const one of workers) yield* one
      print('over')
    },
    async async(print) {
      const queue = filled(1, 2, 3, 4)
      queue.shutdown()
      const worker = async (name: string) => {
        for await (const item of queue) {
          print(name, item)
          await sleep(10)
        }
      }
      const workers = [createTask(worker, 'a'), createTask(worker, 'b')]
      for (const one of workers) await one
      print('over')
    },
  })

  bothSpellings('cancelled while it waits, it takes nothing', ['CancelledError', 'item'], {
    *generator(print) {
      const queue = new Queue<string>()
      const task = createTask(function* () {
        try {
          yield* forEach(queue, (item) => print('never', item))
        } catch (error) {
          print(error)
        }
      })
      yield* sleep(5)
      queue.putNowait('item')
      task.cancel()
      yield* task
      print(queue.getNowait())
    },
    async async(print) {
      const queue = new Queue<string>()
      const task = createTask(async () => {
        try {
          for await (const item of queue) print('never', item)
        } catch (error) {
          print(error)
        }
      })
      await sleep(5)
      queue.putNowait('item')
      task.cancel()
      await task
      print(queue.getNowait())
    },
  })

  bothSpellings(
    'next() gives a step, and is a checkpoint only where it waits',
    ['a false 0', 'undefined true 0'],
    {
      *generator(print) {
        const queue = filled('a')
        queue.shutdown()
        const passes = passCounter()
        for (let i = 0; i < 2; i++) {
          const { value, done } = yield* queue.next()
          print(value, done, passes())
        }
      },
      async async(print) {
        const queue = filled('a')
        queue.shutdown()
        const passes = passCounter()
        for (let i = 0; i < 2; i++) {
          const { value, done } = await queue.next()
          print(value, done, passes())
        }
      },
    },
  )
})

describe('LifoQueue', () => {
  bothSpellings('gives the newest item first', ['c', 'b', 'd', 'a'], {
    *generator(print) {
      const queue = new LifoQueue<string>()
      for (const item of ['a', 'b', 'c']) yield* queue.put(item)
      print(yield* queue.get())
      print(yield* queue.get())
      yield* queue.put('d')
      print(yield* queue.get())
      print(yield* queue.get())
    },
    async async(print) {
      const queue = new LifoQueue<string>()
      for (const item of ['a', 'b', 'c']) await queue.put(item)
      print(await queue.get())
      print(await queue.get())
      await queue.put('d')
      print(await queue.get())
      print(await queue.get())
    },
  })

  test('is a queue in all else: bounded, shut down, shown', () => {
    const queue = new LifoQueue<string>(1)
    queue.putNowait('a')
    expect([queue instanceof Queue, queue.full(), String(queue)]).toEqual([
      true,
      true,
      '<LifoQueue size=1 maxsize=1 getters=0 putters=0>',
    ])
    queue.shutdown()
    expect(queue.getNowait()).toBe('a')
    expect(() => queue.getNowait()).toThrow(expect.objectContaining({ code: 'POLVO_QUEUE_SHUT_DOWN' }))
  })
})

describe('misuse', () => {
  for (const wrong of [Number.NaN, '2', null]) {
    test(`refuses a maxsize of ${wrong}`, () => {
      expect(() => new Queue(wrong as never)).toThrow(expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' }))
    })
  }

  const operations: [name: string, make: (queue: Queue<string>) => ReturnType<Queue['get']>][] = [
    ['queue.put("b")', (queue) => queue.put('b')],
    ['queue.get()', (queue) => queue.get()],
    ['queue.join()', (queue) => queue.join()],
    ['queue.next()', (queue) => queue.next()],
  ]
  for (const [name, make] of operations) {
    bothSpellings(
      `${name} serves one await`,
      ['InvalidStateError'],
      {
        *generator(print) {
          const queue = filled('a')
          queue.taskDone()
          const once = make(queue)
          yield* once
          try {
            yield* once
          } catch (error) {
            print(error)
          }
        },
        async async(print) {
          const queue = filled('a')
          queue.taskDone()
          const once = make(queue)
          await once
          try {
            await once
          } catch (error) {
            print(error)
          }
        },
      },
      { hideReports: true },
    )

    test(`${name} that is never awaited does nothing, and is reported by name`, async () => {
      const trace = await traceOf(function* (print) {
        const queue = filled('a')
        make(queue)
        yield
        print(queue.qsize())
      })
      expect(trace[0]).toBe('1')
      expect(trace.at(-1)).toContain(`report: ${name} was created and never awaited`)
    })
  }

  test('shows its state', async () => {
    const trace = await traceOf(function* (print) {
      const queue = new Queue<string>(1)
      print(queue)
      queue.putNowait('a')
      const task = createTask(() => queue.put('b'))
      yield
      print(queue)
      task.cancel()
    })
    expect(trace).toEqual([
      '<Queue size=0 maxsize=1 getters=0 putters=0>',
      '<Queue size=1 maxsize=1 getters=0 putters=1>',
    ])
  })
})

describe('under random producers, consumers and cancellations', () => {
  const PRODUCERS = 3
  const CONSUMERS = 4
  const ITEMS = 12

  interface Item {
    producer: number
    number: number
  }

  /** The choices of one program, made up before it runs: the same for both spellings. */
  function randomProgram(seed: number) {
    const random = seeded(seed)
    const roll = (sides: number) => Math.floor(random() * sides)
    const many = <T>(n: number, make: () => T) => Array.from({ length: n }, make)
    return {
      maxsize: [0, 1, 2, 5][roll(4)] as number,
      producers: many(PRODUCERS, () => many(ITEMS, () => ({ pause: roll(4), nowait: roll(4) === 0 }))),
      consumers: many(CONSUMERS, () => many(10, () => ({ pause: roll(4), how: roll(4), limit: roll(4) }))),
      cancellations: many(25, () => ({ victim: roll(PRODUCERS + CONSUMERS), at: roll(25) })),
    }
  }

  type Program = ReturnType<typeof randomProgram>

  /** A task that was cancelled goes on: what it did had not happened. */
  function goOn(error: unknown): void {
    if (!isCancelled(error)) throw error
    currentTask()?.uncancel()
  }

  function putAtOnce(queue: Queue<Item>, item: Item): boolean {
    if (queue.full()) return false
    queue.putNowait(item)
    return true
  }

  function getAtOnce(queue: Queue<Item>): Item | undefined {
    try {
      return queue.getNowait()
    } catch (error) {
      if (error instanceof QueueEmpty) return undefined
      throw error
    }
  }

  function* produce(queue: Queue<Item>, producer: number, plan: Program['producers'][number]) {
    for (const [number, { pause, nowait }] of plan.entries()) {
      for (let isPut = false; !isPut; ) {
        try {
          yield* sleep(pause)
          isPut = nowait && putAtOnce(queue, { producer, number })
          if (!isPut) {
            yield* queue.put({ producer, number })
            isPut = true
          }
        } catch (error) {
          goOn(error)
        }
      }
    }
  }

  async function produceAsync(queue: Queue<Item>, producer: number, plan: Program['producers'][number]) {
    for (const [number, { pause, nowait }] of plan.entries()) {
      for (let isPut = false; !isPut; ) {
        try {
          await sleep(pause)
          isPut = nowait && putAtOnce(queue, { producer, number })
          if (!isPut) {
            await queue.put({ producer, number })
            isPut = true
          }
        } catch (error) {
          goOn(error)
        }
      }
    }
  }

  function* consume(
    queue: Queue<Item>,
    plan: Program['consumers'][number],
    take: (item: Item | undefined) => void,
  ) {
    for (let i = 0; ; i++) {
      const { pause, how, limit } = plan[i % plan.length] as (typeof plan)[number]
      try {
        yield* sleep(pause)
        if (how === 0) take(getAtOnce(queue))
        else if (how === 1) take(yield* moveOnAfter(limit, () => queue.get()))
        else if (how === 2) {
          const step = yield* queue.next()
          if (step.done === true) return
          take(step.value)
        } else take(yield* queue.get())
      } catch (error) {
        if (error instanceof QueueShutDown) return
        goOn(error)
      }
    }
  }

  async function consumeAsync(
    queue: Queue<Item>,
    plan: Program['consumers'][number],
    take: (item: Item | undefined) => void,
  ) {
    for (let i = 0; ; i++) {
      const { pause, how, limit } = plan[i % plan.length] as (typeof plan)[number]
      try {
        await sleep(pause)
        if (how === 0) take(getAtOnce(queue))
        else if (how === 1) take(await moveOnAfter(limit, async () => await queue.get()))
        else if (how === 2) {
          const step = await queue.next()
          if (step.done === true) return
          take(step.value)
        } else take(await queue.get())
      } catch (error) {
        if (error instanceof QueueShutDown) return
        goOn(error)
      }
    }
  }

  for (const spelling of ['generators', 'async'] as const) {
    test(`every item is delivered exactly once, those of one producer in order (${spelling})`, async () => {
      for (let seed = 1; seed <= 200; seed++) {
        const plan = randomProgram(seed)
        const program = `seed ${seed}, ${spelling}`
        await runVirtual(function* () {
          const loop = getRunningLoop()
          const queue = new Queue<Item>(plan.maxsize)
          const delivered: Item[] = []
          const take = (item: Item | undefined) => {
            if (item !== undefined) delivered.push(item)
          }
          const [producing, consuming] =
            spelling === 'async' ? [produceAsync, consumeAsync] : [produce, consume]
          const producers = plan.producers.map((steps, i) =>
            createTask(() => producing(queue, i, steps) as Promise<void>),
          )
          const consumers = plan.consumers.map((steps) =>
            createTask(() => consuming(queue, steps, take) as Promise<void>),
          )
          const all = [...producers, ...consumers]
          yield
          for (const { victim, at } of plan.cancellations) loop.callAt(at, () => all[victim]?.cancel())
          for (const producer of producers) yield* waitFor(producer, 10_000)
          queue.shutdown()
          for (const consumer of consumers) yield* waitFor(consumer, 10_000)
          const byProducer = plan.producers.map((_, i) =>
            delivered.filter(({ producer }) => producer === i).map(({ number }) => number),
          )
          const expected = Array.from({ length: ITEMS }, (_, number) => number)
          expect(byProducer, program).toEqual(Array(PRODUCERS).fill(expected))
          expect(String(queue), program).toBe(`<Queue size=0 maxsize=${plan.maxsize} getters=0 putters=0>`)
        })
      }
    })
  }
})
