import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type Coroutine,
  createTask,
  Event,
  Lock,
  moveOnAfter,
  Queue,
  sleep,
  type Task,
  taskGroup,
} from 'polvo'
import { DeadlockError, runVirtual } from 'polvo/testing'
import { describe, expect, test, vi } from 'vitest'
import { now } from '../support/here.ts'
import { bothSpellings } from '../support/traces.ts'

const HOUR = 3_600_000

describe('time', () => {
  bothSpellings('hours of sleeping take no time, and are hours by the clock of the loop', ['7200000'], {
    *generator(print) {
      yield* sleep(HOUR)
      yield* sleep(HOUR)
      print(now())
    },
    async async(print) {
      await sleep(HOUR)
      await sleep(HOUR)
      print(now())
    },
  })

  test('does not jump while a promise of native code has more to do', async () => {
    const elapsed = await runVirtual(async () => {
      const sleeper = createTask(sleep, HOUR)
      for (let i = 0; i < 1000; i++) await Promise.resolve()
      const before = now()
      sleeper.cancel()
      return before
    })
    expect(elapsed).toBe(0)
  })

  test('does not need setTimeout and setImmediate, which may be faked', async () => {
    vi.useFakeTimers()
    try {
      expect(
        await runVirtual(function* () {
          yield* sleep(HOUR)
          return now()
        }),
      ).toBe(HOUR)
    } finally {
      vi.useRealTimers()
    }
  })

  test('jumps after real I/O where that is admitted', async () => {
    const order: string[] = []
    await runVirtual(
      async () => {
        const sleeper = createTask(async () => {
          await sleep(HOUR)
          order.push('slept')
        })
        await new Promise((resolve) => setTimeout(resolve, 5))
        order.push('real')
        await sleeper
      },
      { io: 50 },
    )
    expect(order).toEqual(['real', 'slept'])
  })

  test.each(['soon', -1, Number.NaN])('io refuses %s, and names it', async (io) => {
    await expect(runVirtual(function* () {}, { io: io as number })).rejects.toThrow(String(io))
  })
})

describe('a deadlock', () => {
  /** The report with the places of lines left out. */
  const reportOf = async (main: () => Coroutine | Promise<void>): Promise<string> => {
    const error = await runVirtual(main as () => Coroutine).then(
      () => new Error('it ended'),
      (error) => error,
    )
    expect(error).toBeInstanceOf(DeadlockError)
    expect(error).toMatchObject({ code: 'POLVO_DEADLOCK', name: 'DeadlockError' })
    return error.message.replace(/Task-\d+/g, 'Task-N').replace(/at \S*?([\w.-]+\.ts):\d+/g, 'at $1:N')
  }

  test('says who waits for what, where, and who waits for those (generators)', async () => {
    const [first, second] = [new Lock(), new Lock()]
    function* transfer(from: Lock, to: Lock): Coroutine {
      yield* from.acquire()
      yield
      yield* to.acquire()
    }
    const report = await reportOf(function* bank() {
      yield* taskGroup((group) => {
        group.createTask({ name: 'there' }, transfer, first, second)
        group.createTask({ name: 'back' }, transfer, second, first)
      })
    })
    expect(report).toBe(
      [
        'Deadlock: all 3 tasks are blocked, and no timer is left to wake one.',
        "  * task 'there' waits for lock.acquire()",
        '      in transfer() at run-virtual.test.ts:N',
        '    awaited by',
        "      * Task-N waits for task 'there', task 'back'",
        '          in bank() at run-virtual.test.ts:N',
        "  * task 'back' waits for lock.acquire()",
        '      in transfer() at run-virtual.test.ts:N',
      ].join('\n'),
    )
  })

  test('says where async functions begin, and that they wait for a promise', async () => {
    const report = await reportOf(async function stuck() {
      await new Promise(() => {})
    })
    expect(report).toContain("waits for a promise that is not polvo's")
    expect(report).toContain('stuck() at run-virtual.test.ts:N')
  })

  test('of tasks that wait for each other is shown as well', async () => {
    const report = await reportOf(function* circle() {
      const ring: Task[] = []
      ring.push(createTask({ name: 'egg' }, () => ring[1] as Task))
      ring.push(createTask({ name: 'hen' }, () => ring[0] as Task))
      yield* ring[0] as Task
    })
    expect(report).toContain("task 'egg' waits for task 'hen'")
    expect(report).toContain("task 'hen' waits for task 'egg'")
  })

  test('cancels the main task, so that clean-up runs', async () => {
    const cleaned: string[] = []
    const report = await reportOf(function* () {
      try {
        yield* new Event().wait()
      } finally {
        yield* sleep(1000)
        cleaned.push('cleaned')
      }
    })
    expect(report).toContain('waits for event.wait()')
    expect(cleaned).toEqual(['cleaned'])
  })

  test('is reported also where the main task swallows the cancellation', async () => {
    const report = await reportOf(async () => {
      await new Queue().get().then(undefined, () => {})
    })
    expect(report).toContain('waits for queue.get()')
  })

  test.each([10_000, Number.POSITIVE_INFINITY])(
    'of clean-up ends as well, with a grace period of %s',
    async (cancelGrace) => {
      const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
      const run = runVirtual(
        function* () {
          try {
            yield* new Event().wait()
          } finally {
            yield* new Event().wait()
          }
        },
        { cancelGrace },
      )
      await expect(run).rejects.toThrow('Deadlock: the only task is blocked')
      complain.mockRestore()
    },
  )

  test('of tasks that are left when the main task has ended is found', async () => {
    const report = await reportOf(function* () {
      createTask({ name: 'left over' }, function* () {
        try {
          yield* sleep(HOUR)
        } finally {
          yield* new Event().wait()
        }
      })
      yield
    })
    expect(report).toContain("task 'left over' waits for event.wait()")
  })

  test('is none while a timer is left, be it a timeout', async () => {
    await runVirtual(function* () {
      yield* moveOnAfter(HOUR, () => new Event().wait())
      expect(now()).toBe(HOUR)
    })
  })
})

test('works from node:test', async () => {
  const program = join(import.meta.dirname, 'programs/with-node-test.ts')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=polvo-source', '--test', '--test-reporter=tap', program],
    { env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  )
  expect(stdout).toContain('# pass 2\n')
  expect(stdout).toContain('# fail 0\n')
})
