import { CancelledError, ExceptionGroup, exceptGroup, isCancelled, TimeoutError } from 'polvo'
import { describe, expect, test } from 'vitest'
import { shown } from './support/errors.ts'

const group = (...errors: unknown[]): ExceptionGroup => new ExceptionGroup('group', errors)

/** What `act` throws; undefined where it throws nothing. */
function thrownBy(act: () => void): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}

describe('a group', () => {
  test('is an AggregateError with a code, that counts its errors and keeps their order', () => {
    const errors = [new RangeError('a'), 'b', undefined]
    const three = new ExceptionGroup('unhandled errors', errors)
    expect(three).toBeInstanceOf(AggregateError)
    expect(three.name).toBe('ExceptionGroup')
    expect(three.code).toBe('POLVO_EXCEPTION_GROUP')
    expect(three.message).toBe('unhandled errors (3 sub-exceptions)')
    expect(three.errors).toEqual(errors)
    expect(group('one').message).toBe('group (1 sub-exception)')
  })

  test('takes a cause, and copies the errors it is given', () => {
    const cause = new Error('why')
    const errors = [1, 2]
    const two = new ExceptionGroup('two', errors, { cause })
    errors.push(3)
    expect(two.cause).toBe(cause)
    expect(two.errors).toEqual([1, 2])
  })

  test('of nothing is refused', () => {
    expect(() => group()).toThrow(expect.objectContaining({ code: 'POLVO_OUT_OF_RANGE' }))
  })
})

describe('split() and subgroup()', () => {
  const range = new RangeError('range')
  const type = new TypeError('type')
  const late = new TimeoutError('late')

  test.each([
    ['some match', RangeError, group(range, type), group(range), group(type)],
    ['all match', Error, group(range, type), group(range, type), null],
    ['none matches', TimeoutError, group(range, type), null, group(range, type)],
    [
      'groups are in groups: the nesting is kept on both sides',
      RangeError,
      group(type, group(range, group(late, range)), late),
      group(group(range, group(range))),
      group(type, group(group(late)), late),
    ],
    [
      'a group has nothing left on one side, it is gone there',
      RangeError,
      group(group(range), type),
      group(group(range)),
      group(type),
    ],
    ['subclasses count', Error, group(late, 'no error'), group(late), group('no error')],
  ])('where %s', (_, condition, whole, matching, rest) => {
    const [one, other] = whole.split(condition)
    expect(one).toEqual(matching)
    expect(other).toEqual(rest)
    expect(whole.subgroup(condition)).toEqual(matching)
  })

  test('by a predicate, which sees errors of any kind', () => {
    const [matching, rest] = group(1, 'two', group(3, 'four')).split((error) => typeof error === 'number')
    expect(shown(matching)).toBe('ExceptionGroup[1, ExceptionGroup[3]]')
    expect(shown(rest)).toBe('ExceptionGroup[two, ExceptionGroup[four]]')
  })

  test('a nested group that matches itself is taken whole', () => {
    const inner = group(type, late)
    const [matching, rest] = group(range, inner).split((error) => error === inner)
    expect(matching?.errors).toEqual([inner])
    expect(rest?.errors).toEqual([range])
  })

  test('keep the very errors, the message and the cause, and leave the group as it was', () => {
    const cause = new Error('why')
    const whole = new ExceptionGroup('unhandled errors', [range, type], { cause })
    const [matching, rest] = whole.split(RangeError)
    expect(matching?.errors[0]).toBe(range)
    expect(rest?.errors[0]).toBe(type)
    expect(matching?.message).toBe('unhandled errors (1 sub-exception)')
    expect(matching?.cause).toBe(cause)
    expect(rest?.cause).toBe(cause)
    expect(whole.errors).toEqual([range, type])
  })

  test('an error of the predicate comes out', () => {
    const boom = () => {
      throw 'boom'
    }
    expect(thrownBy(() => group(1).split(boom))).toBe('boom')
  })
})

describe('exceptGroup()', () => {
  const errors = () => group(new RangeError('a'), new TypeError('b'), group(new RangeError('c')), 'd')

  test('gives each handler its errors, as a group with the nesting kept, and throws the rest', () => {
    const seen: string[] = []
    const rest = thrownBy(() =>
      exceptGroup(
        errors(),
        [RangeError, (matching) => seen.push(shown(matching))],
        [(error) => error === 'd', (matching) => seen.push(shown(matching))],
      ),
    )
    expect(seen).toEqual(['ExceptionGroup[RangeError, ExceptionGroup[RangeError]]', 'ExceptionGroup[d]'])
    expect(shown(rest)).toBe('ExceptionGroup[TypeError]')
  })

  test('throws nothing where all are handled', () => {
    let calls = 0
    exceptGroup(errors(), [Error, () => calls++], [() => true, () => calls++], [Error, () => calls++])
    expect(calls).toBe(2)
  })

  test('an error goes to the first handler that takes it', () => {
    const seen: string[] = []
    exceptGroup(
      group(new RangeError('a'), new Error('b')),
      [RangeError, (matching) => seen.push(`first ${shown(matching)}`)],
      [Error, (matching) => seen.push(`second ${shown(matching)}`)],
    )
    expect(seen).toEqual(['first ExceptionGroup[RangeError]', 'second ExceptionGroup[Error]'])
  })

  test('a handler without errors of its own is not called; where no handler takes any, the group is thrown on', () => {
    const whole = group(new TypeError('a'))
    const thrown = thrownBy(() =>
      exceptGroup(whole, [
        RangeError,
        () => {
          throw 'never'
        },
      ]),
    )
    expect(thrown).toEqual(whole)
    expect(thrownBy(() => exceptGroup(whole))).toBe(whole)
  })

  test('an error that is no group counts as a group of one, and is thrown on as it is', () => {
    const error = new RangeError('alone')
    const seen: string[] = []
    exceptGroup(error, [RangeError, (matching) => seen.push(shown(matching))])
    expect(seen).toEqual(['ExceptionGroup[RangeError]'])
    expect(thrownBy(() => exceptGroup(error, [TypeError, () => {}]))).toBe(error)
    expect(thrownBy(() => exceptGroup('thrown text'))).toBe('thrown text')
  })

  describe('what handlers throw', () => {
    const fails = (text: string) => () => {
      throw text
    }

    test('comes out as it is, where it is all there is', () => {
      expect(thrownBy(() => exceptGroup(group(new RangeError('a')), [RangeError, fails('one')]))).toBe('one')
    })

    test('comes out together: all of it, then what nobody handled', () => {
      const thrown = thrownBy(() =>
        exceptGroup(errors(), [RangeError, fails('one')], [TypeError, fails('two')]),
      )
      expect(shown(thrown)).toBe('ExceptionGroup[one, two, d]')
    })

    test('keeps no later handler from its errors', () => {
      let called = false
      thrownBy(() => exceptGroup(errors(), [RangeError, fails('one')], [TypeError, () => (called = true)]))
      expect(called).toBe(true)
    })

    test('may be the group itself, thrown on', () => {
      const thrown = thrownBy(() =>
        exceptGroup(group(new RangeError('a'), new TypeError('b')), [
          RangeError,
          (matching) => {
            throw matching
          },
        ]),
      )
      expect(shown(thrown)).toBe('ExceptionGroup[ExceptionGroup[RangeError], TypeError]')
    })
  })

  test('a cancellation is an error to instanceof, so a handler for it can be given first', () => {
    const seen: string[] = []
    const rest = thrownBy(() =>
      exceptGroup(group(new CancelledError('enough'), new RangeError('a')), [
        (error) => !isCancelled(error),
        (matching) => seen.push(shown(matching)),
      ]),
    )
    expect(seen).toEqual(['ExceptionGroup[RangeError]'])
    expect(shown(rest)).toBe('ExceptionGroup[CancelledError]')
  })
})
