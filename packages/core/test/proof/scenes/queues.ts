import {
  asyncGenerator,
  BrokenResource,
  type Coroutine,
  channel,
  EndOfChannel,
  forEach,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueShutDown,
  sleep,
  taskGroup,
} from 'polvo'
import type { Watch } from 'polvo/testing'
import { holds, type Scene } from './scene.ts'

/** Two tasks put two items each, two take them; what was put is taken, or is still there. */
function between(name: string, make: () => Queue<number>): Scene {
  return {
    name,
    *generator() {
      const queue = make()
      const put: number[] = []
      const got: number[] = []
      try {
        yield* taskGroup(function* (consumers) {
          for (let i = 0; i < 2; i++) {
            consumers.createTask(function* () {
              try {
                for (;;) {
                  got.push(yield* queue.get())
                  queue.taskDone()
                  yield* sleep(0)
                }
              } catch (error) {
                if (!(error instanceof QueueShutDown)) throw error
              }
            })
          }
          yield* taskGroup((producers) => {
            for (const first of [10, 20]) {
              producers.createTask(function* () {
                for (let i = 0; i < 2; i++) {
                  yield* queue.put(first + i)
                  put.push(first + i)
                }
              })
            }
          })
          yield* queue.join()
          queue.shutdown()
        })
      } finally {
        checkItems(queue, put, got)
      }
    },
    async async() {
      const queue = make()
      const put: number[] = []
      const got: number[] = []
      try {
        await taskGroup(async (consumers) => {
          for (let i = 0; i < 2; i++) {
            consumers.createTask(async () => {
              for await (const item of queue) {
                got.push(item)
                queue.taskDone()
                await sleep(0)
              }
            })
          }
          await taskGroup((producers) => {
            for (const first of [10, 20]) {
              producers.createTask(async () => {
                for (let i = 0; i < 2; i++) {
                  await queue.put(first + i)
                  put.push(first + i)
                }
              })
            }
          })
          await queue.join()
          queue.shutdown()
        })
      } finally {
        checkItems(queue, put, got)
      }
    },
  }
}

function checkItems(queue: Queue<number>, put: readonly number[], got: readonly number[]): void {
  const left: number[] = []
  while (!queue.empty()) left.push(queue.getNowait())
  sameItems(put, [...got, ...left])
  const lines = String(queue)
  holds(lines.includes('getters=0 putters=0'), `${lines} has nobody waiting`)
}

function sameItems(put: readonly number[], got: readonly number[]): void {
  const [before, after] = [put, got].map((items) => [...items].sort().join())
  holds(before === after, `put ${before}, got ${after}`)
}

/** Two senders, two receivers; what was sent is received, or is in the buffer when it is dropped. */
function through(capacity: number): Scene {
  return {
    name: `channel(${capacity})`,
    *generator() {
      const [sender, receiver] = channel<number>(capacity)
      const [sent, received]: [number[], number[]] = [[], []]
      const spare = receiver.clone()
      try {
        yield* taskGroup((group) => {
          for (const first of [10, 20]) {
            const own = sender.clone()
            group
              .createTask(function* () {
                try {
                  for (let i = 0; i < 2; i++) {
                    yield* own.send(first + i)
                    sent.push(first + i)
                  }
                } catch (error) {
                  if (!(error instanceof BrokenResource)) throw error
                } finally {
                  own.close()
                }
              })
              .addDoneCallback(() => own.close())
          }
          for (let i = 0; i < 2; i++) {
            const own = receiver.clone()
            group
              .createTask(function* () {
                try {
                  for (;;) {
                    received.push(yield* own.receive())
                    yield* sleep(0)
                  }
                } catch (error) {
                  if (!(error instanceof EndOfChannel)) throw error
                } finally {
                  own.close()
                }
              })
              .addDoneCallback(() => own.close())
          }
          sender.close()
          receiver.close()
        })
      } finally {
        sameItems(sent, [...received, ...leftIn(spare)])
      }
    },
    async async() {
      const [sender, receiver] = channel<number>(capacity)
      const [sent, received]: [number[], number[]] = [[], []]
      const spare = receiver.clone()
      try {
        await taskGroup((group) => {
          for (const first of [10, 20]) {
            const own = sender.clone()
            group
              .createTask(async () => {
                for (let i = 0; i < 2; i++) {
                  await own.send(first + i)
                  sent.push(first + i)
                }
              })
              .addDoneCallback(() => own.close())
          }
          for (let i = 0; i < 2; i++) {
            const own = receiver.clone()
            group
              .createTask(async () => {
                for await (const item of own) {
                  received.push(item)
                  await sleep(0)
                }
              })
              .addDoneCallback(() => own.close())
          }
          sender.close()
          receiver.close()
        })
      } finally {
        sameItems(sent, [...received, ...leftIn(spare)])
      }
    },
  }
}

function leftIn(receiver: { receiveNowait(): number; close(): void }): number[] {
  const left: number[] = []
  try {
    for (;;) left.push(receiver.receiveNowait())
  } catch {
    receiver.close()
    return left
  }
}

export const queueScenes: readonly Scene[] = [
  between('Queue(1)', () => new Queue(1)),
  between('Queue()', () => new Queue()),
  between('LifoQueue(2)', () => new LifoQueue(2)),
  between('PriorityQueue(1)', () => new PriorityQueue(1)),
  through(0),
  through(1),
  {
    name: 'asyncGenerator',
    *generator({ opened }) {
      let sum = 0
      yield* forEach(counting(opened), function* (number) {
        yield* sleep(1)
        sum += number
      })
      holds(sum === 6, 'all numbers came')
    },
    async async({ opened }) {
      let sum = 0
      for await (const number of counting(opened)) {
        await sleep(1)
        sum += number
      }
      holds(sum === 6, 'all numbers came')
    },
  },
]

function counting(opened: Watch['opened']) {
  return asyncGenerator<number>(function* (emit): Coroutine {
    const close = opened('the generator')
    try {
      for (let i = 1; i <= 3; i++) {
        yield* sleep(1)
        yield* emit(i)
      }
    } finally {
      close()
    }
  })
}
