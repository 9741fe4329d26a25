import { EventEmitter } from 'node:events'
import { createTask, getRunningLoop, Lock, Queue, Semaphore, sleep, taskGroup, timeout, use } from 'polvo'
import {
  CancelSweepError,
  cancelAtEveryCheckpoint,
  type SweepOptions,
  type SweptRun,
  type Watch,
} from 'polvo/testing'
import { describe, expect, test } from 'vitest'

async function failureOf(main: (watch: Watch) => unknown, options?: SweepOptions): Promise<CancelSweepError> {
  const error = await cancelAtEveryCheckpoint(main, options).then(
    (sweep) => new Error(`nothing found: ${sweep}`),
    (error) => error,
  )
  expect(error).toBeInstanceOf(CancelSweepError)
  expect(error).toMatchObject({ code: 'POLVO_CANCEL_SWEEP' })
  return error
}

describe('cancelAtEveryCheckpoint()', () => {
  test('runs the program once for each suspension of each task and each thing to do there', async () => {
    const runs: string[] = []
    const sweep = await cancelAtEveryCheckpoint(
      function* () {
        yield* taskGroup((group) => {
          group.createTask(function* () {
            yield* sleep(5)
            yield* sleep(5)
          })
        })
      },
      {
        check: ({ task, suspension, disturbance }) => void runs.push(`${task}.${suspension} ${disturbance}`),
      },
    )
    expect(String(sweep)).toBe('16 runs, disturbed at 3 suspensions of 2 tasks: nothing fails')
    const kinds = ['cancel', 'cancel with the result', 'cancel twice', 'cancel again', 'error']
    const at = (point: string) => kinds.map((kind) => `${point} ${kind}`)
    expect(runs).toEqual([
      '0.0 cancel with the result',
      ...at('0.1').slice(0, 4),
      '1.0 cancel with the result',
      ...at('1.1'),
      ...at('1.2'),
    ])
  })

  test('disturbs as it says', async () => {
    const seen = new Map<string, string>()
    await cancelAtEveryCheckpoint(
      async ({ opened }) => {
        const closed = opened('the task')
        let log = ''
        try {
          await sleep(10)
          log += 'woke '
        } catch (error) {
          log += `${(error as Error).name} `
          await sleep(1).then(undefined, () => {
            log += 'again '
          })
        } finally {
          closed()
        }
        log += `at ${getRunningLoop().time()}`
        return log
      },
      {
        check: ({ suspension, disturbance, result, error }: SweptRun) =>
          void seen.set(`${suspension} ${disturbance}`, String(result ?? (error as Error).name)),
        mayLeaveTasks: false,
      },
    ).catch((error) => seen.set('failed', error.message))
    expect(Object.fromEntries(seen)).toMatchObject({
      '1 cancel': 'CancelledError at 1',
      '1 cancel with the result': 'CancelledError at 11',
      '1 cancel again': 'CancelledError again at 0',
      '1 error': 'PlantedError at 1',
    })
  })

  test('finds a lock that is not given back, and names file and line', async () => {
    for (const main of [
      function* ({ watch }: Watch) {
        const lock = watch(new Lock())
        yield* lock.acquire()
        yield* sleep(1)
        lock.release()
      },
      async ({ watch }: Watch) => {
        const lock = watch(new Lock())
        await lock.acquire()
        await sleep(1)
        lock.release()
      },
    ]) {
      const { message, point } = await failureOf(main)
      expect(message).toContain('<Lock locked waiters=0> was <Lock unlocked waiters=0>')
      expect(message).toMatch(
        /1\. the main task waiting for sleep\(1\) in (\w+\(\) at )?\S*cancel-sweep\.test\.ts:\d+/,
      )
      expect(point).toEqual({ task: 0, suspension: 1, disturbance: 'cancel' })
    }
  })

  test('finds an item that is lost when the result has come already', async () => {
    const main = async ({ watch }: Watch) => {
      const [inbox, outbox] = [new Queue<number>(), watch(new Queue<number>())]
      const worker = createTask(async () => {
        const item = await inbox.get()
        await sleep(1)
        outbox.putNowait(item)
      })
      inbox.putNowait(1)
      await worker.then(undefined, () => {})
      if (!worker.cancelled() || !inbox.empty()) await (inbox.empty() ? outbox : inbox).get()
    }
    const { message } = await failureOf(main)
    expect(message).toContain('Deadlock')
    expect(message).toContain('waits for queue.get()')
  })

  test('finds what is not closed, and what is closed twice', async () => {
    const unclosed = await failureOf(function* ({ opened }) {
      const close = opened('the connection')
      yield* sleep(1)
      close()
    })
    expect(unclosed.message).toContain('the connection was not closed')
    const twice = await failureOf(function* ({ opened }) {
      const close = opened('the connection')
      try {
        yield* sleep(1)
      } catch (error) {
        close()
        throw error
      } finally {
        close()
      }
    })
    expect(twice.message).toContain('the connection was closed 2 times')
  })

  test('finds tasks, timers and listeners that are left behind', async () => {
    const task = await failureOf(function* () {
      const child = createTask({ name: 'child' }, sleep, 10)
      yield* sleep(1)
      yield* child
    })
    expect(task.message).toContain("task 'child' was still running")
    const timer = await failureOf(function* () {
      const handle = getRunningLoop().callLater(10, () => {})
      yield* sleep(1)
      handle.cancel()
    })
    expect(timer.message).toContain('a timer was left: <TimerHandle anonymous()')
    const listener = await failureOf(function* ({ watch }) {
      const emitter = watch(new EventEmitter())
      const listen = () => {}
      emitter.on('news', listen)
      yield* sleep(1)
      emitter.off('news', listen)
    })
    expect(listener.message).toContain(
      'EventEmitter with listeners news=1 was EventEmitter with listeners none',
    )
  })

  test('leaves tasks to the end of the run where it may', async () => {
    await cancelAtEveryCheckpoint(
      function* () {
        createTask(sleep, 10)
        yield* sleep(1)
      },
      { mayLeaveTasks: true },
    )
  })

  test('finds an error that takes the place of a cancellation, unless it may be thrown', async () => {
    const main = function* () {
      try {
        yield* sleep(1)
      } catch {
        throw new RangeError('broken')
      }
    }
    expect((await failureOf(main)).cause).toMatchObject({ message: 'broken' })
    await cancelAtEveryCheckpoint(main, { mayThrow: (error) => error instanceof RangeError })
  })

  test('fails by its check, which is told what came of the run', async () => {
    const error = await failureOf(() => timeout(100, () => sleep(1)), {
      check: ({ error }) => {
        if (error !== undefined) throw new Error(`ended with ${(error as Error).name}`)
      },
    })
    expect(error.message).toContain('ended with CancelledError')
  })

  test('goes through random schedules as well', async () => {
    const program = async ({ watch }: Watch) => {
      const semaphore = watch(new Semaphore(1))
      await taskGroup((group) => {
        for (let i = 0; i < 3; i++) group.createTask(() => use(semaphore, () => sleep(1)))
      })
    }
    const once = await cancelAtEveryCheckpoint(program)
    const often = await cancelAtEveryCheckpoint(program, { schedules: 3 })
    expect(often.runs).toBeGreaterThan(2 * once.runs)
  })

  test('refuses a program that fails by itself', async () => {
    await expect(
      cancelAtEveryCheckpoint(() => {
        throw new RangeError('always')
      }),
    ).rejects.toThrow('always')
  })
})
