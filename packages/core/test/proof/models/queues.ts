/** Queues: what is put comes out in their order, until they are shut down. */
import { type Coroutine, LifoQueue, PriorityQueue, Queue } from 'polvo'
import type { History, RecordedOperation } from 'polvo/testing'
import type { Model, Op } from './model.ts'

interface Items {
  readonly items: readonly number[]
  readonly isShut: boolean
}

/** @param nextOf the place of the item that comes out next */
function queue(
  name: string,
  maxsize: number,
  make: () => Queue<number>,
  nextOf: (items: readonly number[]) => number,
): Model<Queue<number>, Items> {
  const isFull = (items: readonly number[]) => maxsize > 0 && items.length >= maxsize
  const begin = (target: Queue<number>, { kind, n }: Op, history: History) => {
    if (kind === 'put') return history.record('put', [n], target.put(n))
    if (kind === 'get') return history.record('get', [], target.get())
    if (kind === 'putNowait') history.recordNow('put', [n], () => target.putNowait(n))
    else if (kind === 'getNowait') history.recordNow('get', [], () => target.getNowait())
    else history.recordNow('shutdown', [], () => target.shutdown())
    return null
  }
  return {
    name,
    kinds: ['put', 'get', 'put', 'get', 'putNowait', 'getNowait', 'shutdown'],
    make,
    spec: () => ({
      initial: { items: [], isShut: false },
      apply({ items, isShut }, { name, args, outcome, value }: RecordedOperation) {
        if (name === 'shutdown') return { items, isShut: true }
        const refusal = outcome === 'threw' ? (value as { code: string }).code : null
        if (name === 'put') {
          const wasRight =
            refusal === null
              ? !isShut && !isFull(items)
              : refusal === 'POLVO_QUEUE_SHUT_DOWN'
                ? isShut
                : isFull(items)
          if (!wasRight) return undefined
          return refusal === null ? { items: [...items, args[0] as number], isShut } : { items, isShut }
        }
        if (refusal !== null) {
          const wasRight = items.length === 0 && (refusal === 'POLVO_QUEUE_SHUT_DOWN') === isShut
          return wasRight ? { items, isShut } : undefined
        }
        const next = nextOf(items)
        if (items.length === 0 || (outcome === 'returned' && items[next] !== value)) return undefined
        return { items: items.filter((_, i) => i !== next), isShut }
      },
    }),
    *perform(target, op, history): Coroutine {
      const operation = begin(target, op, history)
      if (operation !== null) yield* operation
    },
    async performAsync(target, op, history) {
      const operation = begin(target, op, history)
      if (operation !== null) await operation
    },
    mayWait: (target, name) => !target.isShutDown && (name === 'get' ? target.empty() : target.full()),
    isFree: (target) => String(target).includes('getters=0 putters=0'),
  }
}

const smallest = (items: readonly number[]) => items.indexOf(Math.min(...items))

export const queues = [
  queue(
    'Queue(1)',
    1,
    () => new Queue(1),
    () => 0,
  ),
  queue(
    'Queue()',
    0,
    () => new Queue(),
    () => 0,
  ),
  queue(
    'LifoQueue(2)',
    2,
    () => new LifoQueue(2),
    (items) => items.length - 1,
  ),
  queue('PriorityQueue(2)', 2, () => new PriorityQueue(2), smallest),
]
