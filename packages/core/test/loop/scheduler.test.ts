/** The event loop by its public interface: passes, timers, starting and stopping, and how it shares the thread with Node. */
import { createTask, EventLoop, Future, getRunningLoop, InvalidStateError, newEventLoop, sleep } from 'polvo'
import { runVirtual } from 'polvo/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { virtualLoop } from '../support/loops.ts'
import { bothSpellings, traceOf } from '../support/traces.ts'

type Print = (...values: unknown[]) => void

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Run callbacks on a loop of their own until `loop.stop()`, and return what they print. */
async function traceOfLoop(program: (loop: EventLoop, print: Print) => void): Promise<string[]> {
  const trace: string[] = []
  const loop = virtualLoop()
  loop.setExceptionHandler((_, { message, exception }) => trace.push(`report: ${message} ${exception}`))
  program(loop, (...values) => trace.push(values.join(' ')))
  await loop.runForever()
  return trace
}

describe('one pass', () => {
  test('runs callbacks in the order they were scheduled, with their arguments', async () => {
    const trace = await traceOfLoop((loop, print) => {
      loop.callSoon(print, 'a', 1)
      loop.callSoon(print, 'b')
      loop.callSoon(print)
      loop.callSoon(() => loop.stop())
    })
    expect(trace).toEqual(['a 1', 'b', ''])
  })

  test('leaves what is added meanwhile to the next pass', async () => {
    const trace = await traceOfLoop((loop, print) => {
      loop.callSoon(() => {
        print('first')
        loop.callSoon(() => {
          print('third')
          loop.callSoon(() => loop.stop())
        })
      })
      loop.callSoon(print, 'second')
    })
    expect(trace).toEqual(['first', 'second', 'third'])
  })

  test('runs the timers that are due behind what is ready', async () => {
    const trace = await traceOfLoop((loop, print) => {
      loop.callLater(0, print, 'timer of 0')
      loop.callLater(-5, print, 'timer of -5')
      loop.callAt(loop.time(), print, 'timer of now')
      loop.callSoon(() => {
        print('callback')
        loop.callSoon(print, 'callback of the next pass')
      })
      loop.callLater(1, () => loop.stop())
    })
    expect(trace).toEqual([
      'callback',
      'timer of -5',
      'timer of 0',
      'timer of now',
      'callback of the next pass',
    ])
  })

  test('leaves a timer that a callback sets for now to the next pass', async () => {
    const trace = await traceOfLoop((loop, print) => {
      loop.callSoon(() => {
        loop.callLater(0, print, 'timer')
        loop.callSoon(print, 'callback')
        print('first')
      })
      loop.callSoon(print, 'second')
      loop.callLater(1, () => loop.stop())
    })
    expect(trace).toEqual(['first', 'second', 'callback', 'timer'])
  })

  test('skips a handle that was cancelled before, also by a callback of the same pass', async () => {
    const trace = await traceOfLoop((loop, print) => {
      const early = loop.callSoon(print, 'never')
      early.cancel()
      loop.callSoon(() => {
        late.cancel()
        timer.cancel()
        print('cancelled both')
      })
      const late = loop.callSoon(print, 'never')
      const timer = loop.callLater(0, print, 'never')
      loop.callLater(1, () => loop.stop())
    })
    expect(trace).toEqual(['cancelled both'])
  })

  bothSpellings(
    'tasks and callbacks share one line',
    ['callback 1', 'task a', 'callback 2', 'task b', 'a again', 'callback 3', 'b again'],
    {
      *generator(print) {
        const loop = getRunningLoop()
        const work = function* (name: string) {
          print('task', name)
          yield* sleep(0)
          print(name, 'again')
        }
        loop.callSoon(print, 'callback 1')
        const a = createTask(work, 'a')
        loop.callSoon(() => {
          print('callback 2')
          loop.callSoon(print, 'callback 3')
        })
        const b = createTask(work, 'b')
        yield* a
        yield* b
      },
      async async(print) {
        const loop = getRunningLoop()
        const work = async (name: string) => {
          print('task', name)
          await sleep(0)
          print(name, 'again')
        }
        loop.callSoon(print, 'callback 1')
        const a = createTask(work, 'a')
        loop.callSoon(() => {
          print('callback 2')
          loop.callSoon(print, 'callback 3')
        })
        const b = createTask(work, 'b')
        await a
        await b
      },
    },
  )
})

describe('timers', () => {
  test('fire by deadline, equal ones in the order they were set, at their time', async () => {
    const trace = await traceOfLoop((loop, print) => {
      for (const [name, ms] of [
        ['c', 30],
        ['a', 10],
        ['b1', 20],
        ['b2', 20],
        ['b3', 20],
      ] as const) {
        loop.callLater(ms, () => print(name, loop.time()))
      }
      loop.callLater(31, () => loop.stop())
    })
    expect(trace).toEqual(['a 10', 'b1 20', 'b2 20', 'b3 20', 'c 30'])
  })

  test('callAt() takes a time of the loop clock', async () => {
    const trace = await traceOfLoop((loop, print) => {
      loop.callLater(10, () => loop.callAt(25, () => print('at', loop.time())))
      loop.callLater(15, () => print('at', loop.time()))
      loop.callAt(26, () => loop.stop())
    })
    expect(trace).toEqual(['at 15', 'at 25'])
  })

  test('a cancelled one is neither run nor waited for', async () => {
    const loop = virtualLoop()
    loop.callLater(1_000_000, () => {}).cancel()
    loop.callLater(5, () => loop.stop())
    await loop.runForever()
    expect(loop.time()).toBe(5)
  })

  test('100,000 that are armed and cancelled keep nothing waiting', async () => {
    const time = await runVirtual(function* () {
      const loop = getRunningLoop()
      for (let i = 0; i < 100_000; i++) loop.callLater(1000 + i, () => {}).cancel()
      yield* sleep(1)
      for (let i = 0; i < 100_000; i++) loop.callLater(1000, () => {}).cancel()
      yield* sleep(1)
      return loop.time()
    })
    expect(time).toBe(2)
  })

  test('one that is set from outside while the loop is idle is not late for a longer one', async () => {
    const trace = await traceOfLoop((loop, print) => {
      loop.callLater(1000, () => {
        print('long', loop.time())
        loop.stop()
      })
      // Runs before the virtual clock jumps: the loop is idle by then.
      queueMicrotask(() => queueMicrotask(() => loop.callLater(5, () => print('short', loop.time()))))
    })
    expect(trace).toEqual(['short 5', 'long 1000'])
  })

  test('30 days ahead fires on time, though the host is asked for a day at most', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const delays: unknown[] = []
    const { setTimeout: fake } = globalThis
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, ms: number) => {
      delays.push(ms)
      return fake(callback, ms)
    }) as typeof setTimeout)
    const loop = newEventLoop()
    const day = 24 * 60 * 60 * 1000
    const began = loop.time()
    let fired: number | null = null
    loop.callLater(30 * day, () => {
      fired = loop.time() - began
      loop.stop()
    })
    const ended = loop.runForever()
    await vi.advanceTimersByTimeAsync(30 * day - 1)
    expect(fired).toBe(null)
    await vi.advanceTimersByTimeAsync(2)
    await ended
    expect(fired).toBeGreaterThanOrEqual(30 * day)
    expect(Math.max(...(delays as number[]))).toBe(day)
  })

  test('never fire early when the host wakes the loop too early', async () => {
    let now = 0
    const wakes: (() => void)[] = []
    const loop = new EventLoop({
      now: () => now,
      wakeAt: (_deadline, _keepAlive, wake) => {
        wakes.push(wake)
        return () => {}
      },
    })
    const fired: number[] = []
    loop.callAt(10, () => fired.push(now))
    const ended = loop.runForever()
    for (const time of [3, 9.9, 10.5]) {
      now = time
      wakes.shift()?.()
    }
    expect(fired).toEqual([10.5])
    loop.stop()
    await ended
  })
})

describe('errors of callbacks', () => {
  test('are reported with the handle, and the loop goes on', async () => {
    const loop = virtualLoop()
    const reports: unknown[] = []
    loop.setExceptionHandler((itsLoop, context) => reports.push([itsLoop === loop, context]))
    const boom = new Error('boom')
    const handle = loop.callSoon(function explode() {
      throw boom
    })
    const timer = loop.callLater(1, function later() {
      throw 'not even an error'
    })
    loop.callLater(2, () => loop.stop())
    await loop.runForever()
    expect(reports).toEqual([
      [true, { message: 'Exception in callback explode()', exception: boom, handle }],
      [true, { message: 'Exception in callback later()', exception: 'not even an error', handle: timer }],
    ])
  })
})

describe('stop()', () => {
  test('finishes the pass; what it made ready waits for the next start', async () => {
    const loop = virtualLoop()
    const trace: string[] = []
    loop.callSoon(() => {
      loop.stop()
      loop.callSoon(() => trace.push('next pass'))
      trace.push('stopped')
    })
    loop.callSoon(() => trace.push('same pass'))
    loop.callLater(0, () => trace.push('timer of the same pass'))
    await loop.runForever()
    expect(trace).toEqual(['stopped', 'same pass', 'timer of the same pass'])
    expect(loop.isRunning()).toBe(false)
    loop.callSoon(() => loop.stop())
    await loop.runForever()
    expect(trace.slice(3)).toEqual(['next pass'])
  })

  test('twice in a pass is once', async () => {
    const loop = virtualLoop()
    loop.callSoon(() => loop.stop())
    loop.callSoon(() => loop.stop())
    await loop.runForever()
    let passes = 0
    const count = (): void => {
      if (++passes < 5) loop.callSoon(count)
      else loop.stop()
    }
    loop.callSoon(count)
    await loop.runForever()
    expect(passes).toBe(5)
  })

  test('from outside ends a loop that is idle', async () => {
    const loop = virtualLoop()
    const ended = loop.runForever()
    await new Promise(setImmediate)
    expect(loop.isRunning()).toBe(true)
    loop.stop()
    await ended
    expect(loop.isRunning()).toBe(false)
  })

  test('before the start has the loop run one pass', async () => {
    const loop = virtualLoop()
    const trace: string[] = []
    loop.callSoon(() => {
      trace.push('one pass')
      loop.callSoon(() => trace.push('two passes'))
    })
    loop.stop()
    const ended = loop.runForever().then(() => trace.push('ended'))
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    loop.stop()
    await ended
    expect(trace).toEqual(['one pass', 'ended'])
  })

  test('leaves the timers for the next start', async () => {
    const loop = virtualLoop()
    const trace: string[] = []
    loop.callLater(5, () => {
      trace.push('timer')
      loop.stop()
    })
    loop.callSoon(() => loop.stop())
    await loop.runForever()
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    expect([trace, loop.time()]).toEqual([[], 0])
    await loop.runForever()
    expect([trace, loop.time()]).toEqual([['timer'], 5])
  })
})

describe('runForever()', () => {
  test('runs what was scheduled from outside while the loop was idle', async () => {
    const loop = virtualLoop()
    const ended = loop.runForever()
    await new Promise(setImmediate)
    const trace: string[] = []
    loop.callSoon(() => {
      trace.push('ran')
      loop.stop()
    })
    await ended
    expect(trace).toEqual(['ran'])
  })

  test('is refused while the loop is running', async () => {
    const loop = virtualLoop()
    const ended = loop.runForever()
    await expect(loop.runForever()).rejects.toThrow(InvalidStateError)
    loop.stop()
    await ended
  })

  test('two loops run side by side, each with its own order and time', async () => {
    const trace: string[] = []
    const loops = ['a', 'b'].map((name, i) => {
      const loop = virtualLoop()
      loop.callLater(10 * (i + 1), () => {
        trace.push(`${name} ${loop.time()} ${getRunningLoop() === loop}`)
        loop.stop()
      })
      return loop
    })
    await Promise.all(loops.map((loop) => loop.runForever()))
    expect(trace.sort()).toEqual(['a 10 true', 'b 20 true'])
  })
})

describe('runUntilComplete()', () => {
  test('returns the result of a target of either spelling, and stops the loop', async () => {
    const loop = virtualLoop()
    const generator = loop.runUntilComplete(function* () {
      yield* sleep(5)
      return 'generator'
    })
    expect([await generator, loop.isRunning()]).toEqual(['generator', false])
    const async = loop.runUntilComplete(async () => {
      await sleep(5)
      return 'async'
    })
    expect([await async, loop.isRunning(), loop.time()]).toEqual(['async', false, 10])
  })

  test('throws the error of the target', async () => {
    const boom = new Error('boom')
    const ended = virtualLoop().runUntilComplete(function* () {
      yield* sleep(5)
      throw boom
    })
    await expect(ended).rejects.toBe(boom)
  })

  test('takes a future, also one that is done', async () => {
    const loop = virtualLoop()
    const future = loop.createFuture<string>()
    loop.callLater(5, () => future.setResult('later'))
    expect(await loop.runUntilComplete(future)).toBe('later')
    expect(await loop.runUntilComplete(future)).toBe('later')
  })

  test('is an error when the loop is stopped before the end', async () => {
    const loop = virtualLoop()
    loop.callLater(5, () => loop.stop())
    await expect(loop.runUntilComplete(sleep(10))).rejects.toThrow(InvalidStateError)
    expect([loop.isRunning(), loop.time()]).toEqual([false, 5])
  })

  test('that was stopped before the end does not stop a later run', async () => {
    const loop = virtualLoop()
    loop.callLater(5, () => loop.stop())
    await loop.runUntilComplete(sleep(10)).catch(() => {})
    loop.callLater(20, () => loop.stop())
    await loop.runForever()
    expect(loop.time()).toBe(25)
  })

  test('is refused while the loop is running', async () => {
    const loop = virtualLoop()
    const ended = loop.runForever()
    await expect(loop.runUntilComplete(new Future())).rejects.toThrow(InvalidStateError)
    loop.stop()
    await ended
  })
})

describe('close()', () => {
  test('is refused while the loop is running, and harmless twice', async () => {
    const loop = virtualLoop()
    const ended = loop.runForever()
    expect(() => loop.close()).toThrow(InvalidStateError)
    loop.stop()
    await ended
    expect(loop.isClosed()).toBe(false)
    loop.close()
    loop.close()
    expect(loop.isClosed()).toBe(true)
  })

  test('a closed loop takes no more work', async () => {
    const loop = virtualLoop()
    loop.close()
    const refusals: [string, () => unknown][] = [
      ['callSoon', () => loop.callSoon(() => {})],
      ['callLater', () => loop.callLater(1, () => {})],
      ['callAt', () => loop.callAt(1, () => {})],
      ['createTask', () => loop.createTask(function* () {})],
    ]
    for (const [name, refused] of refusals) expect(refused, name).toThrow(InvalidStateError)
    await expect(loop.runForever()).rejects.toThrow(InvalidStateError)
    await expect(loop.runUntilComplete(new Future())).rejects.toThrow(InvalidStateError)
  })
})

describe('arguments', () => {
  const loop = virtualLoop()
  const misuses: [string, () => unknown, string][] = [
    ['callSoon() of no function', () => loop.callSoon(5 as never), 'POLVO_MISUSE'],
    ['callSoon() of nothing', () => (loop.callSoon as () => unknown)(), 'POLVO_MISUSE'],
    ['callLater() of no function', () => loop.callLater(5, 'x' as never), 'POLVO_MISUSE'],
    ['callLater() after a string', () => loop.callLater('5' as never, () => {}), 'POLVO_MISUSE'],
    ['callLater() after NaN', () => loop.callLater(Number.NaN, () => {}), 'POLVO_OUT_OF_RANGE'],
    ['callAt() of a Date', () => loop.callAt(new Date() as never, () => {}), 'POLVO_MISUSE'],
    ['callAt() of NaN', () => loop.callAt(Number.NaN, () => {}), 'POLVO_OUT_OF_RANGE'],
  ]
  for (const [what, misuse, code] of misuses) {
    test(`${what} is refused at once`, () => {
      expect(misuse).toThrow(expect.objectContaining({ code }))
    })
  }

  test('a callback given options first is given only what is behind it', async () => {
    const trace = await traceOfLoop((itsLoop, print) => {
      itsLoop.callSoon({}, print, 'a', 1)
      itsLoop.callLater(1, {}, print, 'b', 2)
      itsLoop.callAt(2, {}, print, 'c', 3)
      itsLoop.callLater(3, () => itsLoop.stop())
    })
    expect(trace).toEqual(['a 1', 'b 2', 'c 3'])
  })
})

describe('sharing the thread with Node', () => {
  /** How many steps a busy program makes until `setImmediate` has been called. */
  async function stepsUntilImmediate(busy: (isOver: () => boolean, step: () => void) => unknown) {
    let isOver = false
    let steps = 0
    setImmediate(() => {
      isOver = true
    })
    await runVirtual(
      () =>
        busy(
          () => isOver,
          () => steps++,
        ) as Promise<void>,
    )
    return steps
  }

  test('a busy loop of bare yields lets setImmediate run', async () => {
    const steps = await stepsUntilImmediate(function* (isOver, step) {
      while (!isOver()) {
        step()
        yield
      }
    })
    expect(steps).toBeLessThanOrEqual(1100)
  })

  test('a busy loop of sleep(0) in an async function lets setImmediate run', async () => {
    const steps = await stepsUntilImmediate(async (isOver, step) => {
      while (!isOver()) {
        step()
        await sleep(0)
      }
    })
    expect(steps).toBeLessThanOrEqual(1100)
  })

  test('a callback that schedules itself lets setImmediate run', async () => {
    const steps = await stepsUntilImmediate(function* (isOver, step) {
      const done = new Future<void>()
      const again = (): void => {
        step()
        if (isOver()) done.setResult()
        else getRunningLoop().callSoon(again)
      }
      again()
      yield* done
    })
    expect(steps).toBeLessThanOrEqual(1100)
  })

  test('a single pass of very many entries lets setImmediate run in between', async () => {
    const trace: string[] = []
    await runVirtual(function* () {
      const loop = getRunningLoop()
      for (let i = 0; i < 5000; i++) loop.callSoon(() => trace.push('entry'))
      loop.callSoon(() => trace.push('end of the pass'))
      setImmediate(() => trace.push('immediate'))
      yield
      yield
    })
    expect(trace.indexOf('immediate')).toBeLessThanOrEqual(1100)
    expect(trace.indexOf('end of the pass')).toBe(5001)
  })

  test('steps that take long give the thread back after about a millisecond', async () => {
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    const steps = await stepsUntilImmediate(function* (isOver, step) {
      while (!isOver()) {
        step()
        now += 1
        yield
      }
    })
    expect(steps).toBeLessThanOrEqual(130)
  })

  test('a pass that was interrupted goes on where it stopped', async () => {
    const order: number[] = []
    await runVirtual(function* () {
      const loop = getRunningLoop()
      for (let i = 0; i < 5000; i++) {
        loop.callSoon(() => {
          order.push(i)
          loop.callSoon(() => order.push(5000 + i))
        })
      }
      yield
      yield
      yield
    })
    expect(order).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  })

  test('foreign promises go on while tasks are busy', async () => {
    const trace = await traceOf(function* (print) {
      let isOver = false
      const foreign = async () => {
        for (let i = 0; i < 10; i++) await null
        await new Promise(setImmediate)
        isOver = true
      }
      void foreign()
      while (!isOver) yield
      print('over')
    })
    expect(trace).toEqual(['over'])
  })
})

test('shows its state', async () => {
  const loop = virtualLoop()
  expect(String(loop)).toBe('<EventLoop stopped tasks=0>')
  const shown = await loop.runUntilComplete(function* () {
    return String(getRunningLoop())
  })
  expect(shown).toBe('<EventLoop running tasks=1>')
})

test('newEventLoop() makes a loop that stands still', () => {
  const loop = newEventLoop()
  expect([loop instanceof EventLoop, loop.isRunning(), loop.isClosed()]).toEqual([true, false, false])
})
