import { createServer } from 'node:net'
import {
  call,
  checkpoint,
  createTask,
  Event,
  type ExceptionContext,
  getRunningLoop,
  Lock,
  Queue,
  run,
  sleep,
  taskGroup,
  use,
} from 'polvo'
import {
  assertCheckpoints,
  assertNoCheckpoints,
  CheckpointError,
  LeftBehindError,
  leakCheck,
  runVirtual,
  Sequencer,
  settle,
} from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { bothSpellings } from '../support/traces.ts'

describe('assertCheckpoints() and assertNoCheckpoints()', () => {
  bothSpellings('give what the body gives where it does as it should', ['a true', 'b'], {
    *generator(print) {
      print(
        yield* assertCheckpoints(() => sleep(0, 'a')),
        yield* assertNoCheckpoints(() => new Lock().acquire()),
      )
      print(yield* assertNoCheckpoints(() => 'b'))
    },
    async async(print) {
      print(
        await assertCheckpoints(async () => await sleep(0, 'a')),
        await assertNoCheckpoints(async () => await new Lock().acquire()),
      )
      print(await assertNoCheckpoints(() => 'b'))
    },
  })

  bothSpellings('fail where it does not', ['CheckpointError', 'CheckpointError'], {
    *generator(print) {
      const lock = new Lock()
      for (const attempt of [
        assertCheckpoints(() => lock.acquire()),
        assertNoCheckpoints(() => checkpoint()),
      ]) {
        try {
          yield* attempt
        } catch (error) {
          print(error)
        }
      }
    },
    async async(print) {
      const lock = new Lock()
      await assertCheckpoints(async () => await lock.acquire()).then(undefined, print)
      await assertNoCheckpoints(async () => await checkpoint()).then(undefined, print)
    },
  })

  test('say which function it was', async () => {
    const error = await runVirtual(() => assertCheckpoints(function idle() {})).catch(
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(CheckpointError)
    expect(error).toMatchObject({ code: 'POLVO_CHECKPOINT', message: 'idle() has not suspended.' })
  })

  test('let the error of the body through', async () => {
    const fails = () => {
      throw new RangeError('broken')
    }
    await expect(runVirtual(() => assertCheckpoints(fails))).rejects.toThrow('broken')
    await expect(runVirtual(() => assertNoCheckpoints(fails))).rejects.toThrow('broken')
  })

  test('refuse what is no function', () => {
    expect(() => assertCheckpoints(5 as never)).toThrow('5')
    expect(() => assertNoCheckpoints(5 as never)).toThrow('5')
  })
})

describe('settle()', () => {
  bothSpellings(
    'waits until all are blocked, and the clock does not jump',
    ['deep', 'settled at 0', 'slept'],
    {
      *generator(print) {
        createTask(function* () {
          for (let i = 0; i < 100; i++) yield
          yield* call(async () => {
            for (let i = 0; i < 100; i++) await Promise.resolve()
          })
          print('deep')
          yield* sleep(1)
          print('slept')
        })
        yield* settle()
        print('settled at', now())
        yield* sleep(2)
      },
      async async(print) {
        createTask(async () => {
          for (let i = 0; i < 100; i++) await sleep(0)
          for (let i = 0; i < 100; i++) await Promise.resolve()
          print('deep')
          await sleep(1)
          print('slept')
        })
        await settle()
        print('settled at', now())
        await sleep(2)
      },
    },
  )

  test('wakes all that wait, and can be cancelled', async () => {
    await runVirtual(function* () {
      const settled: string[] = []
      const waits = function* (name: string) {
        yield* settle()
        settled.push(name)
      }
      createTask(waits, 'a')
      createTask(waits, 'b')
      createTask(waits, 'c').cancel()
      const late = createTask(waits, 'd')
      yield
      late.cancel()
      yield* settle()
      yield
      expect(settled).toEqual(['a', 'b'])
    })
  })

  test('works in real time as well', async () => {
    await run(function* () {
      const queue = new Queue<number>()
      const taken: number[] = []
      const taker = createTask(function* () {
        for (;;) taken.push(yield* queue.get())
      })
      queue.putNowait(1)
      queue.putNowait(2)
      yield* settle()
      expect(taken).toEqual([1, 2])
      const settling = createTask(settle())
      yield
      settling.cancel()
      taker.cancel()
    })
  })
})

describe('a Sequencer', () => {
  bothSpellings('puts pieces of tasks into an order', ['0', '1', '2', '3'], {
    *generator(print) {
      const order = new Sequencer()
      yield* taskGroup((group) => {
        group.createTask(function* () {
          yield* order.step(3)
          print(3)
        })
        group.createTask(function* () {
          yield* use(order.at(1), function* () {
            yield* sleep(5)
            print(1)
          })
        })
        group.createTask(function* () {
          yield* order.step(0)
          print(0)
          yield* order.step(2)
          print(2)
        })
      })
    },
    async async(print) {
      const order = new Sequencer()
      await taskGroup((group) => {
        group.createTask(async () => {
          await order.step(3)
          print(3)
        })
        group.createTask(async () => {
          await use(order.at(1), async () => {
            await sleep(5)
            print(1)
          })
        })
        group.createTask(async () => {
          await order.step(0)
          print(0)
          await order.step(2)
          print(2)
        })
      })
    },
  })

  test('gives each place once, and a place that was given up again', async () => {
    await runVirtual(function* () {
      const order = new Sequencer()
      const impatient = createTask(function* () {
        yield* order.step(1)
      })
      yield
      impatient.cancel()
      yield* settle()
      const patient = createTask(function* () {
        yield* order.step(1)
      })
      expect(String(order)).toBe('<Sequencer turn=0 waiting=1>')
      yield* order.step(0)
      yield* patient
      try {
        yield* order.step(1)
        expect.unreachable()
      } catch (error) {
        expect(error).toMatchObject({ code: 'POLVO_INVALID_STATE' })
      }
    })
  })

  test.each([-1, 1.5, 'a'])('refuses %s, and names it', (place) => {
    expect(() => new Sequencer().step(place as number)).toThrow(String(place))
    expect(() => new Sequencer().at(place as number)).toThrow(String(place))
  })
})

describe('leakCheck()', () => {
  const complaintsOf = async (check: Promise<void>) => {
    const error = await check.then(
      () => null,
      (error) => error,
    )
    expect(error).toBeInstanceOf(LeftBehindError)
    return (error as LeftBehindError).complaints
  }

  test('finds tasks, timers, and what is watched', async () => {
    await runVirtual(async () => {
      const lock = new Lock()
      const before = createTask(() => new Event().wait())
      const leaks = leakCheck({ watch: [lock], within: 0 })
      await leaks.check()
      await lock.acquire()
      const task = createTask({ name: 'forgotten' }, () => new Event().wait())
      const handle = getRunningLoop().callLater(10, () => {})
      const complaints = (await complaintsOf(leaks.check())).join('\n')
      expect(complaints).toContain("still running: <Task pending name='forgotten'")
      expect(complaints).toContain('still waiting: <TimerHandle')
      expect(complaints).toContain('<Lock locked waiters=0> was <Lock unlocked waiters=0>')
      task.cancel()
      handle.cancel()
      lock.release()
      before.cancel()
    })
  })

  test('waits until what is being closed is gone', async () => {
    const leaks = leakCheck()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    server.close()
    await leaks.check()
  })

  async function leakedServer(): Promise<LeftBehindError> {
    const leaks = leakCheck({ within: 0 })
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const error = await leaks.check().catch((error: unknown) => error)
    server.close()
    return error as LeftBehindError
  }

  test('names the kind of what keeps the process alive', async () => {
    expect((await leakedServer()).complaints).toEqual(['1 more TCPServerWrap'])
  })

  test('reports nothing of its own to the exception handler', async () => {
    const reports: ExceptionContext[] = []
    await runVirtual(async () => {
      getRunningLoop().setExceptionHandler((_, report) => reports.push(report))
      await using _leaks = leakCheck()
      await sleep(1)
    })
    expect(reports).toEqual([])
  })
})
