/** What an await is, in both spellings: when the loop gets a turn, and what can be awaited. */
import {
  awaitable,
  type Coroutine,
  call,
  createTask,
  Future,
  gather,
  getRunningLoop,
  type Suspension,
  sleep,
  type Task,
} from 'polvo'
import { describe, expect, test } from 'vitest'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

/** Print when the loop gets a turn. */
function watch(print: Print): void {
  getRunningLoop().callSoon(() => print('(the loop had a turn)'))
}

function* whisper(): Coroutine<string> {
  return 'psst'
}

async function whisperAsync(): Promise<string> {
  return 'psst'
}

describe('awaiting a coroutine runs it inline', () => {
  bothSpellings('the loop gets no turn', ['psst psst', 'done', '(the loop had a turn)'], {
    *generator(print) {
      watch(print)
      print(yield* whisper(), yield* whisper())
      print('done')
      yield* sleep(0)
    },
    async async(print) {
      watch(print)
      print(await whisperAsync(), await whisperAsync())
      print('done')
      await sleep(0)
    },
  })

  bothSpellings(
    'also right after an await of a native promise',
    ['native', 'psst', 'psst', 'done', '(the loop had a turn)'],
    {
      *generator(print) {
        yield* call(() => new Promise((resolve) => setTimeout(resolve, 1)))
        print('native')
        watch(print)
        for (let i = 0; i < 2; i++) print(yield* whisper())
        print('done')
        yield* sleep(0)
      },
      async async(print) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        print('native')
        watch(print)
        for (let i = 0; i < 2; i++) print(await whisperAsync())
        print('done')
        await sleep(0)
      },
    },
    { io: true },
  )

  bothSpellings('through call() as well', ['psst', 'psst', 'done', '(the loop had a turn)'], {
    *generator(print) {
      watch(print)
      print(yield* call(whisperAsync))
      print(yield* call(whisper))
      print('done')
      yield* sleep(0)
    },
    async async(print) {
      watch(print)
      print(await call(whisperAsync))
      print(await call(whisper))
      print('done')
      await sleep(0)
    },
  })
})

bothSpellings('awaiting a task gives the loop a turn', ['(the loop had a turn)', 'psst'], {
  *generator(print) {
    watch(print)
    print(yield* createTask(whisper))
  },
  async async(print) {
    watch(print)
    print(await createTask(whisperAsync))
  },
})

bothSpellings('awaiting a future that is done gives it none', ['gold', 'done', '(the loop had a turn)'], {
  *generator(print) {
    const future = new Future<string>()
    future.setResult('gold')
    watch(print)
    print(yield* future)
    print('done')
    yield* sleep(0)
  },
  async async(print) {
    const future = new Future<string>()
    future.setResult('gold')
    watch(print)
    print(await future)
    print('done')
    await sleep(0)
  },
})

const onePass = {
  *[Symbol.iterator](): Iterator<Suspension, string> {
    yield
    return 'passed'
  },
}

bothSpellings('a custom awaitable that yields nothing takes one pass', ['(the loop had a turn)', 'passed'], {
  *generator(print) {
    watch(print)
    print(yield* onePass)
  },
  async async(print) {
    watch(print)
    print(await awaitable(onePass))
  },
})

/** A sleep made of a future and a task that watches the clock. */
function* watchClock(until: number, done: Future<string>): Coroutine {
  const loop = getRunningLoop()
  while (loop.time() < until) yield* sleep(1)
  done.setResult('awake')
}

async function watchClockAsync(until: number, done: Future<string>): Promise<void> {
  const loop = getRunningLoop()
  while (loop.time() < until) await sleep(1)
  done.setResult('awake')
}

bothSpellings('a home-made sleep from a future and a watcher task', ['asleep', 'awake after 20'], {
  *generator(print) {
    const began = getRunningLoop().time()
    const done = new Future<string>()
    createTask(watchClock, began + 20, done)
    print('asleep')
    print(yield* done, 'after', Math.round(getRunningLoop().time() - began))
  },
  async async(print) {
    const began = getRunningLoop().time()
    const done = new Future<string>()
    createTask(watchClockAsync, began + 20, done)
    print('asleep')
    print(await done, 'after', Math.round(getRunningLoop().time() - began))
  },
})

bothSpellings('a chain of tasks that await each other resolves from the inside out', ['3', '2', '1', '6'], {
  *generator(print) {
    function* doll(n: number): Coroutine<number> {
      const inner: number = n < 3 ? yield* createTask(doll, n + 1) : 0
      print(n)
      return n + inner
    }
    print(yield* doll(1))
  },
  async async(print) {
    async function doll(n: number): Promise<number> {
      const inner: number = n < 3 ? await createTask(doll, n + 1) : 0
      print(n)
      return n + inner
    }
    print(await doll(1))
  },
})

test('a task returned by an async function is unwrapped by JavaScript itself, so it goes in an object', async () => {
  const trace = await traceOf(async (print) => {
    const start = async () => ({ task: createTask(sleep(0, 'result')) as Task<string> })
    const { task } = await start()
    print(task.done())
    print(await task)
  })
  expect(trace).toEqual(['false', 'result'])
})

test('a mixed program interleaves as a uniform one does', async () => {
  const program = (pick: (i: number) => boolean) => async (print: Print) => {
    function* count(name: string): Coroutine {
      for (let i = 0; i < 3; i++) {
        print(name, i)
        yield* sleep(0)
      }
    }
    async function countAsync(name: string): Promise<void> {
      for (let i = 0; i < 3; i++) {
        print(name, i)
        await sleep(0)
      }
    }
    const tasks = ['a', 'b', 'c', 'd'].map((name, i) =>
      pick(i) ? createTask(count, name) : createTask(countAsync, name),
    )
    await gather(...tasks)
  }
  const uniform = await traceOf(program(() => true))
  expect(await traceOf(program(() => false))).toEqual(uniform)
  expect(await traceOf(program((i) => i % 2 === 0))).toEqual(uniform)
  expect(await traceOf(program((i) => i % 2 === 1))).toEqual(uniform)
})

test('a chain of a million sequential awaits neither overflows nor leaks', async () => {
  const sum = await traceOf(function* (print) {
    let total = 0
    for (let i = 0; i < 1_000_000; i++) total += yield* call(one)
    print(total)
  })
  expect(sum).toEqual(['1000000'])
  const sumAsync = await traceOf(async (print) => {
    let total = 0
    for (let i = 0; i < 1_000_000; i++) total += await call(one)
    print(total)
  })
  expect(sumAsync).toEqual(['1000000'])
}, 30_000)

function* one(): Coroutine<number> {
  return 1
}
