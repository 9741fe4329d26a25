/** Queues of all kinds, with everything that can be done to them: at once or waiting, joined, shut down. */
import { LifoQueue, PriorityQueue, Queue } from 'polvo'
import type { Drafts, Family, Plays } from '../family.ts'
import type { Op } from '../program.ts'
import type { Stage } from '../stage.ts'

export type QueueOperation =
  | Op<'putItem', { queue: number; item: number }>
  | Op<'getItem', { queue: number }>
  | Op<'putNowait', { queue: number; item: number }>
  | Op<'getNowait', { queue: number }>
  | Op<'taskDone', { queue: number }>
  | Op<'joinQueue', { queue: number }>
  | Op<'lookAtQueue', { queue: number }>
  | Op<'shutDown', { queue: number; immediate: boolean }>

export const queues: Family = {
  simple: {
    putItem: 24,
    getItem: 20,
    putNowait: 10,
    getNowait: 5,
    taskDone: 4,
    joinQueue: 5,
    lookAtQueue: 3,
    shutDown: 2,
  },
  sequels: { getItem: ['taskDone'], getNowait: ['taskDone'] },
  waking: ['putItem', 'getItem', 'putNowait', 'getNowait', 'taskDone', 'shutDown'],
  left: (stage) => stage.state(Queues).all.flatMap((queue) => [...stateOf(queue), 'with', ...emptied(queue)]),
}

/** The sizes are small, so that they are full at times. */
class Queues {
  readonly all: readonly Queue<number>[] = [
    new PriorityQueue<number>(2),
    new LifoQueue<number>(2),
    new PriorityQueue<number>(),
    new Queue<number>(1),
  ]
}

/** Most programs are about one or two of them. */
const CHOICES = [0, 0, 0, 1, 1, 2, 3]

export const queueDrafts: Drafts<QueueOperation> = {
  putItem: ({ random }) => ({ queue: random.pick(CHOICES), item: random.between(1, 9) }),
  getItem: ({ random }) => ({ queue: random.pick(CHOICES) }),
  putNowait: ({ random }) => ({ queue: random.pick(CHOICES), item: random.between(1, 9) }),
  getNowait: ({ random }) => ({ queue: random.pick(CHOICES) }),
  taskDone: ({ random }) => ({ queue: random.pick(CHOICES) }),
  joinQueue: ({ random }) => ({ queue: random.pick(CHOICES) }),
  lookAtQueue: ({ random }) => ({ queue: random.pick(CHOICES) }),
  shutDown: ({ random }) => ({ queue: random.pick(CHOICES), immediate: random.chance(0.4) }),
}

export const queuePlays: Plays<QueueOperation> = {
  putItem: ({ stage }, { queue, item }) => queueOf(stage, queue).put(item),
  getItem: ({ stage }, { queue }) => queueOf(stage, queue).get(),
  putNowait({ stage }, { queue, item }) {
    queueOf(stage, queue).putNowait(item)
    return []
  },
  getNowait: ({ stage }, { queue }) => queueOf(stage, queue).getNowait(),
  taskDone({ stage }, { queue }) {
    queueOf(stage, queue).taskDone()
    return []
  },
  joinQueue: ({ stage }, { queue }) => queueOf(stage, queue).join(),
  lookAtQueue: ({ stage }, { queue }) => stateOf(queueOf(stage, queue)),
  shutDown({ stage }, { queue, immediate }) {
    queueOf(stage, queue).shutdown({ immediate })
    return []
  },
}

function queueOf(stage: Stage, number: number): Queue<number> {
  return stage.state(Queues).all[number]!
}

function stateOf(queue: Queue<number>): unknown[] {
  return [queue.qsize(), queue.empty(), queue.full()]
}

function emptied(queue: Queue<number>): number[] {
  return Array.from({ length: queue.qsize() }, () => queue.getNowait())
}
