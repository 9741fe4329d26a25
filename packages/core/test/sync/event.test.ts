import { createTask, Event, getRunningLoop, sleep, waitFor } from 'polvo'
import { describe, expect, test } from 'vitest'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, type Print, traceOf } from '../support/traces.ts'

function* waiter(event: Event, name: string, print: Print) {
  try {
    yield* event.wait()
    print(name, 'woken')
  } catch (error) {
    print(name, error)
    throw error
  }
}

async function waiterAsync(event: Event, name: string, print: Print) {
  try {
    await event.wait()
    print(name, 'woken')
  } catch (error) {
    print(name, error)
    throw error
  }
}

test('is a flag', () => {
  const event = new Event()
  const states = [event.isSet()]
  for (const change of [event.set, event.set, event.clear, event.clear, event.set]) {
    change.call(event)
    states.push(event.isSet())
  }
  expect(states).toEqual([false, true, true, false, false, true])
})

bothSpellings(
  'set() wakes all who wait, in the order they came, in the next pass',
  ['set', 'a woken', 'b woken', 'c woken', '1'],
  {
    *generator(print) {
      const event = new Event()
      for (const name of ['a', 'b', 'c']) createTask(waiter, event, name, print)
      yield
      const passes = passCounter()
      event.set()
      print('set')
      yield
      print(passes())
    },
    async async(print) {
      const event = new Event()
      for (const name of ['a', 'b', 'c']) createTask(waiterAsync, event, name, print)
      await sleep(0)
      const passes = passCounter()
      event.set()
      print('set')
      await sleep(0)
      print(passes())
    },
  },
)

bothSpellings('wait() gives true, and is a checkpoint only where the flag is not set', ['true 0', 'true 2'], {
  *generator(print) {
    const event = new Event()
    event.set()
    const passes = passCounter()
    print(yield* event.wait(), passes())
    event.clear()
    // One pass until then, and one behind it.
    getRunningLoop().callSoon(() => event.set())
    const before = passes()
    print(yield* event.wait(), passes() - before)
  },
  async async(print) {
    const event = new Event()
    event.set()
    const passes = passCounter()
    print(await event.wait(), passes())
    event.clear()
    // One pass until then, and one behind it.
    getRunningLoop().callSoon(() => event.set())
    const before = passes()
    print(await event.wait(), passes() - before)
  },
})

bothSpellings(
  'clear() makes later ones wait again, and not those who were woken',
  ['early woken', 'late woken'],
  {
    *generator(print) {
      const event = new Event()
      createTask(waiter, event, 'early', print)
      yield
      event.set()
      event.clear()
      createTask(waiter, event, 'late', print)
      yield* sleep(5)
      event.set()
      yield
    },
    async async(print) {
      const event = new Event()
      createTask(waiterAsync, event, 'early', print)
      await sleep(0)
      event.set()
      event.clear()
      createTask(waiterAsync, event, 'late', print)
      await sleep(5)
      event.set()
      await sleep(0)
    },
  },
)

bothSpellings(
  'a waiter that is cancelled leaves the others',
  ['b CancelledError', 'a woken', 'c woken', '<Event set waiters=0>'],
  {
    *generator(print) {
      const event = new Event()
      const [, b] = ['a', 'b', 'c'].map((name) => createTask(waiter, event, name, print))
      yield
      b?.cancel()
      yield
      event.set()
      yield
      print(event)
    },
    async async(print) {
      const event = new Event()
      const [, b] = ['a', 'b', 'c'].map((name) => createTask(waiterAsync, event, name, print))
      await sleep(0)
      b?.cancel()
      await sleep(0)
      event.set()
      await sleep(0)
      print(event)
    },
  },
)

bothSpellings(
  'a waiter that is cancelled after it was woken gets its cancellation, and waits no more',
  ['a CancelledError', 'b woken', '<Event set waiters=0>'],
  {
    *generator(print) {
      const event = new Event()
      const [a] = ['a', 'b'].map((name) => createTask(waiter, event, name, print))
      yield
      event.set()
      a?.cancel()
      yield
      print(event)
    },
    async async(print) {
      const event = new Event()
      const [a] = ['a', 'b'].map((name) => createTask(waiterAsync, event, name, print))
      await sleep(0)
      event.set()
      a?.cancel()
      await sleep(0)
      print(event)
    },
  },
)

bothSpellings('a waiter may set and clear it for others', ['a', 'b', 'c'], {
  *generator(print) {
    const [one, two] = [new Event(), new Event()]
    const b = createTask(function* () {
      yield* one.wait()
      print('b')
      two.set()
    })
    print('a')
    one.set()
    yield* two.wait()
    print('c')
    yield* b
  },
  async async(print) {
    const [one, two] = [new Event(), new Event()]
    const b = createTask(async () => {
      await one.wait()
      print('b')
      two.set()
    })
    print('a')
    one.set()
    await two.wait()
    print('c')
    await b
  },
})

bothSpellings('wait() may have a time limit', ['TimeoutError', '<Event unset waiters=0>', 'true'], {
  *generator(print) {
    const event = new Event()
    try {
      yield* waitFor(event.wait(), 5)
    } catch (error) {
      print(error)
    }
    print(event)
    getRunningLoop().callLater(3, () => event.set())
    print(yield* waitFor(event.wait(), 5))
  },
  async async(print) {
    const event = new Event()
    try {
      await waitFor(event.wait(), 5)
    } catch (error) {
      print(error)
    }
    print(event)
    getRunningLoop().callLater(3, () => event.set())
    print(await waitFor(event.wait(), 5))
  },
})

test('cancelling most of 10,000 waiters leaves the order of the others', async () => {
  const trace = await traceOf(function* (print) {
    const event = new Event()
    const order: number[] = []
    const tasks = Array.from({ length: 10_000 }, (_, i) =>
      createTask(function* () {
        yield* event.wait()
        order.push(i)
      }),
    )
    yield
    print(event)
    for (const [i, task] of tasks.entries()) if (i % 1000 !== 500) task.cancel()
    event.set()
    yield* sleep(1)
    print(order.join())
    print(event)
  })
  expect(trace).toEqual([
    '<Event unset waiters=10000>',
    '500,1500,2500,3500,4500,5500,6500,7500,8500,9500',
    '<Event set waiters=0>',
  ])
})

describe('misuse', () => {
  bothSpellings('wait() serves one await', ['true', 'InvalidStateError'], {
    *generator(print) {
      const event = new Event()
      event.set()
      const once = event.wait()
      print(yield* once)
      try {
        yield* once
      } catch (error) {
        print(error)
      }
    },
    async async(print) {
      const event = new Event()
      event.set()
      const once = event.wait()
      print(await once)
      try {
        await once
      } catch (error) {
        print(error)
      }
    },
  })

  test('wait() that is never awaited is reported by name', async () => {
    const trace = await traceOf(function* () {
      new Event().wait()
      yield
    })
    expect(trace).toEqual([expect.stringMatching(/^report: event\.wait\(\) was created and never awaited/)])
  })
})
