import { type Coroutine, createTask, isCancelled, Queue, sleep } from 'polvo'
import {
  checkLinearizable,
  History,
  NotLinearizableError,
  type RecordedOperation,
  runVirtual,
  type SequentialSpec,
} from 'polvo/testing'
import { describe, expect, test } from 'vitest'

/** A register: `write` sets it, `read` returns it. */
const register: SequentialSpec<number> = {
  initial: 0,
  apply: (state, { name, args, value, outcome }) => {
    if (name === 'write') return args[0] as number
    return outcome === 'pending' || value === state ? state : undefined
  },
}

const operation = (
  what: string,
  began: number,
  ended: number,
  value?: unknown,
  outcome: RecordedOperation['outcome'] = ended === Number.POSITIVE_INFINITY ? 'pending' : 'returned',
): RecordedOperation => {
  const [name = '', arg] = what.split(' ')
  return { name, args: arg === undefined ? [] : [Number(arg)], began, ended, value, outcome, task: 'a' }
}

const namesOf = (order: readonly RecordedOperation[]) =>
  order.map(({ name, args }) => [name, ...args].join(' '))

describe('checkLinearizable()', () => {
  test('finds an order for operations that overlap', () => {
    const order = checkLinearizable(register, [
      operation('write 1', 0, 10),
      operation('read', 1, 2, 1),
      operation('write 2', 3, 5),
      operation('read', 4, 6, 2),
    ])
    expect(namesOf(order)).toEqual(['write 1', 'read', 'write 2', 'read'])
  })

  test('keeps the order of those that do not overlap', () => {
    expect(() =>
      checkLinearizable(register, [operation('write 1', 0, 1), operation('read', 2, 3, 0)]),
    ).toThrow(NotLinearizableError)
  })

  test('refuses a new value that becomes the old one again', () => {
    const flicker = [operation('write 1', 0, 10), operation('read', 1, 2, 1), operation('read', 3, 4, 0)]
    expect(() => checkLinearizable(register, flicker)).toThrow(/no order explains/i)
  })

  test('takes one that has not ended as happened or not', () => {
    const begun = operation('write 1', 0, Number.POSITIVE_INFINITY)
    checkLinearizable(register, [begun, operation('read', 1, 2, 1)])
    checkLinearizable(register, [begun, operation('read', 1, 2, 0)])
    const order = checkLinearizable(register, [begun, operation('read', 1, 2, 0), operation('read', 3, 4, 1)])
    expect(namesOf(order)).toEqual(['read', 'write 1', 'read'])
  })

  test('takes one that was cancelled as not happened', () => {
    const cancelled = operation('write 1', 0, 5, undefined, 'cancelled')
    checkLinearizable(register, [cancelled, operation('read', 1, 2, 0)])
    expect(() => checkLinearizable(register, [cancelled, operation('read', 1, 2, 1)])).toThrow(
      'Cancelled, so without effect:\n  [0, 5] a: write(1) cancelled',
    )
  })

  test('reports how far it came', () => {
    const wrong = [operation('write 1', 0, 1), operation('read', 2, 3, 1), operation('read', 4, 5, 7)]
    expect(() => checkLinearizable(register, wrong)).toThrow(
      [
        'No order explains what 3 operations returned.',
        'In this order it goes well:',
        '  [0, 1] a: write(1) returned undefined',
        '  [2, 3] a: read() returned 1',
        'and then none of these fits:',
        '  [4, 5] a: read() returned 7',
      ].join('\n'),
    )
  })

  test('looks at a set of operations in the same state once', () => {
    let applied = 0
    const counting = {
      ...register,
      apply: (state: number, operation: RecordedOperation) => {
        applied++
        return register.apply(state, operation)
      },
    }
    const reads = Array.from({ length: 14 }, () => operation('read', 0, 10, 0))
    expect(() => checkLinearizable(counting, [...reads, operation('read', 0, 10, 9)])).toThrow()
    expect(applied).toBeLessThan(15 * 2 ** 14)
  })
})

test('a History records what tasks do, also what is cancelled, and what does not wait', async () => {
  for (const spelling of ['generator', 'async']) {
    const history = new History()
    const queue = new Queue<number>()
    await runVirtual(function* (): Coroutine {
      const taker =
        spelling === 'async'
          ? createTask({ name: 'taker' }, async () => await history.record('get', [], queue.get()))
          : createTask({ name: 'taker' }, function* () {
              return yield* history.record('get', [], queue.get())
            })
      yield* sleep(1)
      taker.cancel()
      yield* history.record('put', [5], queue.put(5))
      expect(history.recordNow('getNowait', [], () => queue.getNowait())).toBe(5)
      expect(() => history.recordNow('getNowait', [], () => queue.getNowait())).toThrow()
      try {
        yield* taker
      } catch (error) {
        expect(isCancelled(error)).toBe(true)
      }
    })
    const lines = history.operations.map(
      ({ task, name, outcome }) => `${task.replace(/-\d+/, '')} ${name} ${outcome}`,
    )
    expect(lines).toEqual([
      'taker get cancelled',
      'Task put returned',
      'Task getNowait returned',
      'Task getNowait threw',
    ])
  }
})
