import { checkpoint, createTask, currentTask, from, getRunningLoop, sleep, timeout, wait } from 'polvo'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

describe('sleep()', () => {
  bothSpellings(
    'lasts as long as asked, and gives the value',
    ['undefined at 10', 'value at 10.5', 'at 1000010.5'],
    {
      *generator(print) {
        print(yield* sleep(10), 'at', now())
        print(yield* sleep(0.5, 'value'), 'at', now())
        yield* sleep(1_000_000)
        print('at', now())
      },
      async async(print) {
        print(await sleep(10), 'at', now())
        print(await sleep(0.5, 'value'), 'at', now())
        await sleep(1_000_000)
        print('at', now())
      },
    },
  )

  bothSpellings('counts from the moment it is awaited', ['at 25'], {
    *generator(print) {
      const later = sleep(10)
      yield* sleep(15)
      yield* later
      print('at', now())
    },
    async async(print) {
      const later = sleep(10)
      await sleep(15)
      await later
      print('at', now())
    },
  })

  for (const ms of [0, -1, Number.NEGATIVE_INFINITY]) {
    bothSpellings(`of ${ms} is one pass, and takes no time`, ['value after 1 at 0'], {
      *generator(print) {
        const passes = passCounter()
        print(yield* sleep(ms, 'value'), 'after', passes(), 'at', now())
      },
      async async(print) {
        const passes = passCounter()
        print(await sleep(ms, 'value'), 'after', passes(), 'at', now())
      },
    })
  }

  bothSpellings('equal ones end in the order they began', ['a', 'b', 'c', 'd'], {
    *generator(print) {
      const nap = function* (name: string, ms: number) {
        yield* sleep(ms)
        print(name)
      }
      const tasks = [createTask(nap, 'a', 10), createTask(nap, 'b', 10), createTask(nap, 'c', 10)]
      yield* sleep(3)
      tasks.push(createTask(nap, 'd', 7))
      yield* wait(tasks)
    },
    async async(print) {
      const nap = async (name: string, ms: number) => {
        await sleep(ms)
        print(name)
      }
      const tasks = [createTask(nap, 'a', 10), createTask(nap, 'b', 10), createTask(nap, 'c', 10)]
      await sleep(3)
      tasks.push(createTask(nap, 'd', 7))
      await wait(tasks)
    },
  })

  bothSpellings('of Infinity lasts until it is cancelled', ['TimeoutError at 1000000'], {
    *generator(print) {
      try {
        yield* timeout(1_000_000, () => sleep(Number.POSITIVE_INFINITY))
      } catch (error) {
        print(error, 'at', now())
      }
    },
    async async(print) {
      try {
        await timeout(1_000_000, () => sleep(Number.POSITIVE_INFINITY))
      } catch (error) {
        print(error, 'at', now())
      }
    },
  })

  bothSpellings('that is cancelled ends at once, and frees its timer', ['cancelled at 5', 'still 5'], {
    *generator(print) {
      const task = createTask(sleep(1_000_000))
      yield* sleep(5)
      task.cancel()
      yield* wait([task])
      print(task.cancelled() ? 'cancelled at' : 'not cancelled at', now())
      // With nothing else to do, a timer that was left behind would have the clock jump to its time.
      yield* from(new Promise((resolve) => setImmediate(() => setImmediate(resolve))))
      print('still', now())
    },
    async async(print) {
      const task = createTask(sleep(1_000_000))
      await sleep(5)
      task.cancel()
      await wait([task])
      print(task.cancelled() ? 'cancelled at' : 'not cancelled at', now())
      await from(new Promise((resolve) => setImmediate(() => setImmediate(resolve))))
      print('still', now())
    },
  })

  bothSpellings(
    'that is over when it is cancelled is cancelled all the same',
    ['woken', 'CancelledError at 10'],
    {
      *generator(print) {
        const task = createTask(function* () {
          try {
            yield* sleep(10)
            print('never')
          } catch (error) {
            print(error, 'at', now())
          }
        })
        yield* sleep(0)
        // Set behind the sleep, it runs in the pass in which the sleeper is woken, and before it.
        getRunningLoop().callAt(10, () => {
          print('woken')
          task.cancel()
        })
        yield* task
      },
      async async(print) {
        const task = createTask(async () => {
          try {
            await sleep(10)
            print('never')
          } catch (error) {
            print(error, 'at', now())
          }
        })
        await sleep(0)
        getRunningLoop().callAt(10, () => {
          print('woken')
          task.cancel()
        })
        await task
      },
    },
  )

  test('never suspends for less than it was asked, whatever the fractions', async () => {
    const trace = await traceOf(function* (print) {
      let early = 0
      for (let i = 1; i <= 1000; i++) {
        const [began, ms] = [now(), i / 7]
        yield* sleep(ms)
        if (now() < began + ms) early++
      }
      print(early, 'early')
    })
    expect(trace).toEqual(['0 early'])
  })

  test('a hundred thousand at once end in order', async () => {
    const trace = await traceOf(function* (print) {
      const ended: number[] = []
      const tasks = Array.from({ length: 100_000 }, (_, i) => {
        const ms = ((i * 7919) % 1000) + 1
        return createTask(function* () {
          yield* sleep(ms)
          ended.push(ms)
        })
      })
      yield* wait(tasks)
      print(
        ended.length,
        ended.every((ms, i) => i === 0 || (ended[i - 1] as number) <= ms),
      )
    })
    expect(trace).toEqual(['100000 true'])
  })

  test('shows how long, also when it is awaited', async () => {
    const trace = await traceOf(function* (print) {
      const [nap, pass] = [sleep(3000), sleep(-5)]
      print(nap, pass)
      createTask(nap).cancel()
      yield* pass
    })
    expect(trace).toEqual(['<sleep(3000)> <sleep(0)>'])
  })

  refuses('sleep()', [Number.NaN, '5', null, undefined, {}, 5n], (ms) => sleep(ms))

  keepsTheOperationContract('sleep(5)', () => sleep(5))
  keepsTheOperationContract('sleep(0)', () => sleep(0))
})

describe('checkpoint()', () => {
  bothSpellings('lets everything else that is ready run once', ['before', 'a', 'b', 'behind', 'a again'], {
    *generator(print) {
      const loop = getRunningLoop()
      loop.callSoon(() => {
        print('a')
        loop.callSoon(() => print('a again'))
      })
      loop.callSoon(() => print('b'))
      print('before')
      yield* checkpoint()
      print('behind')
      yield* checkpoint()
    },
    async async(print) {
      const loop = getRunningLoop()
      loop.callSoon(() => {
        print('a')
        loop.callSoon(() => print('a again'))
      })
      loop.callSoon(() => print('b'))
      print('before')
      await checkpoint()
      print('behind')
      await checkpoint()
    },
  })

  bothSpellings('is one pass, and gives nothing', ['undefined 1'], {
    *generator(print) {
      const passes = passCounter()
      print(yield* checkpoint(), passes())
    },
    async async(print) {
      const passes = passCounter()
      print(await checkpoint(), passes())
    },
  })

  bothSpellings('is where a busy task can be cancelled', ['worked 3 times', 'cancelled'], {
    *generator(print) {
      let times = 0
      const busy = createTask(function* () {
        for (;;) {
          times++
          yield* checkpoint()
        }
      })
      for (let i = 0; i < 3; i++) yield
      busy.cancel()
      yield* wait([busy])
      print('worked', times, 'times')
      print(busy.cancelled() ? 'cancelled' : 'not cancelled')
    },
    async async(print) {
      let times = 0
      const busy = createTask(async () => {
        for (;;) {
          times++
          await checkpoint()
        }
      })
      for (let i = 0; i < 3; i++) await sleep(0)
      busy.cancel()
      await wait([busy])
      print('worked', times, 'times')
      print(busy.cancelled() ? 'cancelled' : 'not cancelled')
    },
  })

  bothSpellings('throws where the task was cancelled before it', ['CancelledError'], {
    *generator(print) {
      yield* createTask(function* () {
        currentTask()?.cancel()
        try {
          yield* checkpoint()
        } catch (error) {
          print(error)
        }
      })
    },
    async async(print) {
      await createTask(async () => {
        currentTask()?.cancel()
        try {
          await checkpoint()
        } catch (error) {
          print(error)
        }
      })
    },
  })

  test('serves one await', async () => {
    const trace = await traceOf(function* (print) {
      const once = checkpoint()
      yield* once
      try {
        yield* once
      } catch (error) {
        print(error)
      }
    })
    expect(trace).toEqual(['InvalidStateError'])
  })
})
