import { type Coroutine, createTask, Future, Lock, sleep, taskGroup } from 'polvo'
import { DeadlockError, explore, exploreAll, replay, ScheduleError } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { shown } from '../support/errors.ts'

/** Tasks of so many steps each, which is all there is to choose from. */
function* stepping(...steps: readonly number[]): Coroutine {
  const allEnded = new Future<void>()
  let left = steps.length
  for (const count of steps) {
    createTask(function* () {
      for (let step = 1; step < count; step++) yield
      if (--left === 0) allEnded.setResult()
    })
  }
  yield* allEnded
}

async function steppingAsync(...steps: readonly number[]): Promise<void> {
  const allEnded = new Future<void>()
  let left = steps.length
  for (const count of steps) {
    createTask(async () => {
      for (let step = 1; step < count; step++) await sleep(0)
      if (--left === 0) allEnded.setResult()
    })
  }
  await allEnded
}

/** Two tasks that look before they leap. With `late`, the second one is late, and it takes a preemption to go wrong. */
function* bank(late = 0): Coroutine {
  let balance = 100
  function* withdraw(amount: number): Coroutine {
    if (balance < amount) return
    yield* sleep(0)
    balance -= amount
  }
  yield* taskGroup(function* (group) {
    group.createTask({ name: 'alice' }, withdraw, 80)
    for (let i = 0; i < late; i++) yield
    group.createTask({ name: 'bob' }, withdraw, 80)
  })
  if (balance < 0) throw new RangeError(`overdrawn: ${balance}`)
}

async function bankAsync(): Promise<void> {
  let balance = 100
  const withdraw = async (amount: number) => {
    if (balance < amount) return
    await sleep(0)
    balance -= amount
  }
  await taskGroup(async (group) => {
    group.createTask({ name: 'alice' }, withdraw, 80)
    await sleep(0)
    await sleep(0)
    group.createTask({ name: 'bob' }, withdraw, 80)
  })
  if (balance < 0) throw new RangeError(`overdrawn: ${balance}`)
}

async function failureOf(exploration: Promise<unknown>): Promise<ScheduleError> {
  const error = await exploration.then(
    (result) => new Error(`nothing found: ${result}`),
    (error) => error,
  )
  expect(error).toBeInstanceOf(ScheduleError)
  return error
}

describe('exploreAll()', () => {
  // n tasks of k steps have (nk)! / k!ⁿ interleavings.
  test.each([
    [[1, 1], 2],
    [[2, 2], 6],
    [[1, 2, 3], 60],
    [[2, 2, 2], 90],
    [[3, 3, 2], 560],
  ])('runs tasks of %j steps under all of their %i interleavings', async (steps, count) => {
    const generators = await exploreAll(() => stepping(...steps))
    const asyncs = await exploreAll(() => steppingAsync(...steps))
    expect([generators.runs, generators.isComplete]).toEqual([count, true])
    expect(asyncs.runs).toBe(count)
  })

  test('says how many schedules there were', async () => {
    expect(String(await exploreAll(() => stepping(2, 2)))).toBe(
      'all 6 schedules (in any order) of up to 7 steps and 3 choices: none fails',
    )
    expect(String(await exploreAll(() => stepping(2, 2), { preemptions: 1 }))).toBe(
      'all 4 schedules (up to 1 preemptions) of up to 7 steps and 3 choices: none fails',
    )
  })

  test('gives up after maxRuns, and says that these are not all', async () => {
    const exploration = await exploreAll(() => stepping(3, 3, 3), { maxRuns: 50 })
    expect([exploration.runs, exploration.isComplete]).toEqual([50, false])
  })

  test('with no preemptions is the usual order alone', async () => {
    expect(await exploreAll(() => stepping(3, 3, 3), { preemptions: 0 })).toMatchObject({
      runs: 1,
      isComplete: true,
    })
  })

  test('needs two preemptions for a race that needs two', async () => {
    expect((await exploreAll(() => bank(2), { preemptions: 1 })).isComplete).toBe(true)
    const error = await failureOf(exploreAll(() => bank(2), { preemptions: 2 }))
    expect(error.schedule.split(' ')).toHaveLength(2)
    expect(error.seed).toBe(undefined)
  })

  test('names a program that is not the same in each run', async () => {
    let runs = 0
    await expect(exploreAll(() => stepping(2, 2 + (runs++ % 2)))).rejects.toThrow(
      /does the same under the same schedule: at choice \d/,
    )
  })
})

describe('explore()', () => {
  test.each(['random', 'pct'] as const)('finds a race by %s, in both spellings', async (strategy) => {
    for (const main of [() => bank(2), bankAsync]) {
      const error = await failureOf(explore(main, { strategy, runs: 500 }))
      expect(error).toMatchObject({ code: 'POLVO_SCHEDULE', cause: { message: 'overdrawn: -60' } })
      expect(error.message).toContain(`(${strategy}, seed ${error.seed})`)
      expect(error.message).toContain(`replay(main, '${error.schedule}')`)
    }
  })

  test('finds the same with the same seed, and with the seed it names in one run', async () => {
    const first = await failureOf(explore(() => bank(2), { seed: 10, runs: 500 }))
    const again = await failureOf(explore(() => bank(2), { seed: 10, runs: 500 }))
    const alone = await failureOf(explore(() => bank(2), { seed: first.seed as number, runs: 1 }))
    expect(again.message).toBe(first.message)
    expect(alone.schedule).toBe(first.schedule)
  })

  test('runs the last of each pass first by lifo, and the first by fifo, once each', async () => {
    const orders: Record<string, string> = {}
    for (const strategy of ['fifo', 'lifo'] as const) {
      let order = ''
      const exploration = await explore(
        function* () {
          yield* taskGroup((group) => {
            for (const name of 'abc') {
              group.createTask(function* () {
                order += name
                yield
                order += name
              })
            }
          })
        },
        { strategy },
      )
      expect(exploration.runs).toBe(1)
      orders[strategy] = order
    }
    expect(orders).toEqual({ fifo: 'abcabc', lifo: 'cbaabc' })
  })

  test.each(['random', 'pct', 'fifo', 'lifo'] as const)(
    'lets those run that a task waits for by yielding (%s)',
    async (strategy) => {
      await explore(
        function* () {
          let isReady = false
          const waits = createTask(function* () {
            while (!isReady) yield
          })
          createTask(function* () {
            yield
            isReady = true
          })
          yield* waits
        },
        { strategy, runs: 50 },
      )
    },
  )

  test('shortens the schedule of a failure to what it takes', async () => {
    const error = await failureOf(
      explore(
        function* () {
          let order = ''
          yield* taskGroup((group) => {
            for (const name of 'abcd') {
              group.createTask(function* () {
                for (let i = 0; i < 3; i++) yield
                order += name
              })
            }
          })
          if (order.indexOf('d') < order.indexOf('c')) throw new Error(order)
        },
        { seed: 3 },
      ),
    )
    expect(error.schedule).toMatch(/^\d+:\d+$/)
  })

  test('fails by a deadlock', async () => {
    const error = await failureOf(
      explore(
        async () => {
          const [first, second] = [new Lock(), new Lock()]
          const both = async (a: Lock, b: Lock) => {
            await a.acquire()
            await sleep(0)
            await b.acquire()
            b.release()
            a.release()
          }
          await taskGroup((group) => {
            group.createTask(both, first, second)
            group.createTask(both, second, first)
          })
        },
        { runs: 50 },
      ),
    )
    expect(error.cause).toBeInstanceOf(DeadlockError)
    expect(error.message).toContain('waits for lock.acquire()')
  })

  test('fails by what is reported, and by a run without end', async () => {
    const forgets = await failureOf(
      explore(function* () {
        createTask(function* () {
          yield
          throw new Error('nobody looks')
        })
        yield* sleep(1)
      }),
    )
    expect(forgets.cause).toMatchObject({ code: 'POLVO_REPORTED' })
    const circles = await failureOf(
      explore(
        function* () {
          for (;;) yield
        },
        { maxSteps: 100 },
      ),
    )
    expect(circles.cause).toMatchObject({ code: 'POLVO_TOO_MANY_STEPS' })
  })

  test('ends also where the program swallows its cancellation and goes on for ever', async () => {
    const error = await failureOf(
      explore(
        async () => {
          for (;;) await sleep(0).then(undefined, () => {})
        },
        { maxSteps: 100 },
      ),
    )
    expect(error.cause).toMatchObject({ code: 'POLVO_TOO_MANY_STEPS' })
  })

  test.each([
    [{ strategy: 'best' }, "'best'"],
    [{ runs: 0 }, '0'],
    [{ seed: 1.5 }, '1.5'],
    [{ preemptions: -1 }, '-1'],
  ])('refuses %j, and names it', async (options, name) => {
    await expect(explore(function* () {}, options as object)).rejects.toThrow(name)
  })

  test('refuses a coroutine, which could run but once', async () => {
    await expect(explore(stepping(1) as never)).rejects.toThrow(
      'takes a function, which it calls for each run',
    )
  })
})

describe('replay()', () => {
  test('shows the steps of each task in its column, and marks preemptions', async () => {
    const { schedule } = await failureOf(exploreAll(() => bank(2)))
    const interleaving = await replay(() => bank(2), schedule)
    expect(shown(interleaving.failure?.error)).toBe('RangeError')
    const table = String(interleaving)
      .replaceAll(/(\.ts):\d+/g, '$1')
      .split('\n')
    expect(table[0]?.trim().split(/\s+/)).toEqual(['main', 'alice', 'bob', 'loop'])
    expect(table.filter((row) => row.includes('*'))).toHaveLength(schedule.split(' ').length)
    expect(table.some((row) => /^ *\d+ {20,}explore\.test\.ts$/.test(row))).toBe(true)
    expect(table.at(-1)).toMatch(/\d+ {2}throws RangeError$/)
  })

  test('shows the lines of async functions, and what they wait for', async () => {
    const table = String(await replay(bankAsync))
    expect(table).toMatch(/explore\.test\.ts:\d+ sleep\(0\)/)
    expect(table).toContain("task 'alice' has ended")
  })

  test('of a program that does not fail has no failure', async () => {
    expect((await replay(() => bank(2))).failure).toBe(null)
  })

  test.each(['3', 'a:1', 5])('refuses %j, and names it', (schedule) => {
    expect(() => replay(() => bank(), schedule as string)).toThrow(String(schedule))
  })
})
