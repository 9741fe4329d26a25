import { describe, expect, test } from 'vitest'
import { isLinked, type Linked } from '../../src/loop/linked-list.ts'
import { type TimerEntry, Timers } from '../../src/loop/timers.ts'
import { seeded } from '../support/random.ts'

interface NamedTimer extends TimerEntry {
  readonly name: string
}

const timer = (when: number, name = String(when)): NamedTimer => ({
  name,
  _when: when,
  _prev: null as Linked | null,
  _next: null as Linked | null,
})

function timersOf(...list: NamedTimer[]): Timers<NamedTimer> {
  const timers = new Timers<NamedTimer>()
  for (const one of list) timers.add(one)
  return timers
}

function due(timers: Timers<NamedTimer>, now: number): string[] {
  const names: string[] = []
  timers.takeDue(now, ({ name }) => names.push(name))
  return names
}

test('without timers there is no deadline, and nothing is due', () => {
  const timers = new Timers<NamedTimer>()
  expect([timers.size, timers.nextDeadline(), due(timers, 1e9)]).toEqual([0, Number.POSITIVE_INFINITY, []])
})

test('come out by deadline, whatever the order they were added in', () => {
  const timers = timersOf(...[50, 10, 40, 20, 30].map((when) => timer(when)))
  expect(due(timers, 100)).toEqual(['10', '20', '30', '40', '50'])
  expect(timers.size).toBe(0)
})

test('equal deadlines come out in the order they were added', () => {
  const timers = timersOf(timer(5, 'a'), timer(3, 'x'), timer(5, 'b'), timer(5, 'c'))
  expect(due(timers, 5)).toEqual(['x', 'a', 'b', 'c'])
})

test('within one millisecond they come out by deadline, equal ones in the order they were added', () => {
  const timers = timersOf(
    timer(7.5, 'late'),
    timer(7.25, 'a'),
    timer(7.75, 'last'),
    timer(7.25, 'b'),
    timer(7, 'c'),
  )
  expect(due(timers, 8)).toEqual(['c', 'a', 'b', 'late', 'last'])
})

test('never come out early, not even by a fraction of a millisecond', () => {
  const timers = timersOf(timer(5.5), timer(5.25))
  expect(due(timers, 5)).toEqual([])
  expect(due(timers, 5.2499)).toEqual([])
  expect(due(timers, 5.25)).toEqual(['5.25'])
  expect(due(timers, 5.4999)).toEqual([])
  expect(due(timers, 5.5)).toEqual(['5.5'])
})

test('one added for a millisecond whose timers came out in part is in its place', () => {
  const timers = timersOf(timer(5.25), timer(5.75))
  expect(due(timers, 5.3)).toEqual(['5.25'])
  timers.add(timer(5.5))
  timers.add(timer(5.1))
  expect(due(timers, 6)).toEqual(['5.1', '5.5', '5.75'])
})

test('the next deadline is the earliest one that is waiting', () => {
  const [early, late] = [timer(10.5), timer(20)]
  const timers = timersOf(late, early)
  expect(timers.nextDeadline()).toBe(10.5)
  timers.remove(early)
  expect(timers.nextDeadline()).toBe(20)
  timers.remove(late)
  expect(timers.nextDeadline()).toBe(Number.POSITIVE_INFINITY)
})

test('deadlines in the past, below zero and at infinity have their places', () => {
  const timers = timersOf(
    timer(Number.POSITIVE_INFINITY),
    timer(3),
    timer(-0.5),
    timer(-7),
    timer(Number.NEGATIVE_INFINITY),
  )
  expect(timers.nextDeadline()).toBe(Number.NEGATIVE_INFINITY)
  expect(due(timers, 1e12)).toEqual(['-Infinity', '-7', '-0.5', '3'])
  expect([timers.size, timers.nextDeadline()]).toEqual([1, Number.POSITIVE_INFINITY])
})

describe('taking a timer out', () => {
  for (const [place, index] of [
    ['first', 0],
    ['middle', 1],
    ['last', 2],
  ] as const) {
    test(`the ${place} of three different deadlines leaves the others`, () => {
      const three = [timer(10), timer(20), timer(30)]
      const timers = timersOf(...three)
      timers.remove(three[index] as NamedTimer)
      const left = three.filter((_, i) => i !== index).map(({ name }) => name)
      expect([timers.size, timers.nextDeadline()]).toEqual([2, Number(left[0])])
      expect(due(timers, 100)).toEqual(left)
    })

    test(`the ${place} of three equal deadlines leaves the others in order`, () => {
      const three = [timer(10, 'a'), timer(10, 'b'), timer(10, 'c')]
      const timers = timersOf(...three)
      timers.remove(three[index] as NamedTimer)
      expect(due(timers, 10)).toEqual(['a', 'b', 'c'].filter((_, i) => i !== index))
    })
  }

  test('lets it be added again', () => {
    const one = timer(10)
    const timers = timersOf(one)
    timers.remove(one)
    timers.add(one)
    expect([timers.size, due(timers, 10)]).toEqual([1, ['10']])
  })

  test('100,000 times over the same deadline keeps nothing', () => {
    const timers = new Timers<NamedTimer>()
    for (let i = 0; i < 100_000; i++) {
      const one = timer(30_000 + (i % 1000) / 1000, '')
      timers.add(one)
      timers.remove(one)
      if (isLinked(one)) throw new Error('still linked')
    }
    expect([timers.size, timers.nextDeadline(), due(timers, 1e9)]).toEqual([0, Number.POSITIVE_INFINITY, []])
  })

  test('100,000 times over as many deadlines keeps nothing, and disturbs no other', () => {
    const timers = timersOf(timer(50_000.5, 'kept'))
    const armed: NamedTimer[] = []
    for (let i = 0; i < 100_000; i++) {
      const one = timer(i, '')
      timers.add(one)
      armed.push(one)
    }
    for (const one of armed) timers.remove(one)
    expect([timers.size, timers.nextDeadline()]).toEqual([1, 50_000.5])
    expect(due(timers, 100_000)).toEqual(['kept'])
    expect(timers.nextDeadline()).toBe(Number.POSITIVE_INFINITY)
  })
})

test('agrees with a sorted array under random additions, removals and times', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seeded(seed)
    const timers = new Timers<NamedTimer>()
    let model: NamedTimer[] = []
    let now = 0
    for (let step = 0; step < 300; step++) {
      const dice = random()
      if (dice < 0.55) {
        // Few different deadlines, so that equal ones and shared milliseconds are common.
        const one = timer(now + Math.floor(random() * 80) / 4, `${step}`)
        timers.add(one)
        model.push(one)
      } else if (dice < 0.75 && model.length > 0) {
        const [one] = model.splice(Math.floor(random() * model.length), 1)
        timers.remove(one as NamedTimer)
      } else {
        now += Math.floor(random() * 20) / 4
        const expected = model.filter(({ _when }) => _when <= now).sort((a, b) => a._when - b._when)
        model = model.filter(({ _when }) => _when > now)
        expect(due(timers, now), `seed ${seed}, time ${now}`).toEqual(expected.map(({ name }) => name))
      }
      expect(timers.size, `seed ${seed}`).toBe(model.length)
      const next = Math.min(...model.map(({ _when }) => _when), Number.POSITIVE_INFINITY)
      if (random() < 0.3) expect(timers.nextDeadline(), `seed ${seed}`).toBe(next)
    }
  }
})
