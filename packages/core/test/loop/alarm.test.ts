import { expect, test } from 'vitest'
import { Alarm } from '../../src/loop/alarm.ts'
import type { Clock } from '../../src/loop/clock.ts'
import type { TimerEntry } from '../../src/loop/timers.ts'

const IDLE = true
const BUSY = false

interface Request {
  deadline: number
  keepAlive: boolean
  state: 'set' | 'called off' | 'rung'
  ring(): void
}

/** A clock that is set by hand, and remembers what it was asked for. */
class ClockByHand implements Clock {
  time = 0
  readings = 0
  readonly requests: Request[] = []

  now(): number {
    this.readings++
    return this.time
  }

  wakeAt(deadline: number, keepAlive: boolean, wake: () => void): () => void {
    const request: Request = {
      deadline,
      keepAlive,
      state: 'set',
      ring: () => {
        request.state = 'rung'
        wake()
      },
    }
    this.requests.push(request)
    return () => {
      if (request.state === 'set') request.state = 'called off'
    }
  }

  /** What was asked for, one word each: `10 set`. */
  get asked(): string[] {
    return this.requests.map(({ deadline, state }) => `${deadline} ${state}`)
  }
}

const timer = (when: number): TimerEntry => ({ _when: when, _prev: null, _next: null })

function setUp(keepAlive = true) {
  const clock = new ClockByHand()
  let rings = 0
  const alarm = new Alarm<TimerEntry>(clock, keepAlive, () => rings++)
  return { clock, alarm, rings: () => rings }
}

test('asks the host for nothing while the loop is busy', () => {
  const { clock, alarm } = setUp()
  alarm.add(timer(10), BUSY)
  alarm.add(timer(5), BUSY)
  expect([clock.asked, alarm.size]).toEqual([[], 2])
})

test('asks for the earliest timer when the loop goes idle', () => {
  const { clock, alarm } = setUp()
  alarm.add(timer(10), BUSY)
  alarm.add(timer(5), BUSY)
  alarm.set()
  expect(clock.asked).toEqual(['5 set'])
})

test('asks for nothing when the loop goes idle without timers', () => {
  const { clock, alarm } = setUp()
  alarm.set()
  expect(clock.asked).toEqual([])
})

test('does not ask again for the same time', () => {
  const { clock, alarm } = setUp()
  alarm.add(timer(5), BUSY)
  alarm.set()
  alarm.set()
  alarm.add(timer(5), IDLE)
  expect(clock.asked).toEqual(['5 set'])
})

test('asks anew when an earlier timer is added while the loop is idle, and not for a later one', () => {
  const { clock, alarm } = setUp()
  alarm.add(timer(50), IDLE)
  alarm.add(timer(70), IDLE)
  alarm.add(timer(20), IDLE)
  expect(clock.asked).toEqual(['50 called off', '20 set'])
})

test('takes its request back when the last timer is removed', () => {
  const { clock, alarm } = setUp()
  const [one, other] = [timer(5), timer(9)]
  alarm.add(one, IDLE)
  alarm.add(other, IDLE)
  alarm.remove(one)
  expect(clock.asked).toEqual(['5 set'])
  alarm.remove(other)
  expect(clock.asked).toEqual(['5 called off'])
})

test('when it rings it has asked for nothing any more, so that the next timer is asked for', () => {
  const { clock, alarm, rings } = setUp()
  alarm.add(timer(5), IDLE)
  alarm.add(timer(9), IDLE)
  clock.time = 5
  clock.requests[0]?.ring()
  expect(rings()).toBe(1)
  const taken: number[] = []
  alarm.takeDue(({ _when }) => taken.push(_when))
  alarm.set()
  expect([taken, clock.asked]).toEqual([[5], ['5 rung', '9 set']])
})

test('asks again when the host rang too early', () => {
  const { clock, alarm } = setUp()
  alarm.add(timer(5), IDLE)
  clock.time = 4
  clock.requests[0]?.ring()
  const taken: number[] = []
  alarm.takeDue(({ _when }) => taken.push(_when))
  alarm.set()
  expect([taken, clock.asked]).toEqual([[], ['5 rung', '5 set']])
})

test('clearing takes the request back and keeps the timers', () => {
  const { clock, alarm } = setUp()
  alarm.add(timer(5), IDLE)
  alarm.clear()
  expect([clock.asked, alarm.size]).toEqual([['5 called off'], 1])
  alarm.set()
  expect(clock.asked).toEqual(['5 called off', '5 set'])
})

for (const keepAlive of [true, false]) {
  test(`tells the host that waiting ${keepAlive ? 'keeps' : 'does not keep'} the process alive`, () => {
    const { clock, alarm } = setUp(keepAlive)
    alarm.add(timer(5), IDLE)
    expect(clock.requests[0]?.keepAlive).toBe(keepAlive)
  })
}

test('does not look at the clock where there are no timers', () => {
  const { clock, alarm } = setUp()
  alarm.takeDue(() => {})
  expect(clock.readings).toBe(0)
})

test('arming and cancelling 100,000 timers while the loop is idle leaves one request at most', () => {
  const { clock, alarm } = setUp()
  alarm.add(timer(1), IDLE)
  for (let i = 0; i < 100_000; i++) {
    const one = timer(1000 + i)
    alarm.add(one, IDLE)
    alarm.remove(one)
  }
  expect([alarm.size, clock.asked]).toEqual([1, ['1 set']])
})
