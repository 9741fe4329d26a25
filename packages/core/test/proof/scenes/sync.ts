import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  CapacityLimiter,
  Condition,
  type Coroutine,
  Event,
  Lock,
  moveOnAfter,
  RateLimiter,
  Semaphore,
  sleep,
  taskGroup,
  use,
} from 'polvo'
import { holds, Room, type Scene } from './scene.ts'

/** Three tasks, in and out twice, where one or two may be. */
function gate(name: string, limit: number, make: () => Lock | Semaphore | CapacityLimiter): Scene[] {
  return [
    {
      name: `${name}, acquired and released`,
      *generator({ watch }) {
        const [gate, room] = [watch(make()), new Room(limit)]
        yield* taskGroup((group) => {
          for (let i = 0; i < 3; i++) {
            group.createTask(function* () {
              for (let turn = 0; turn < 2; turn++) {
                yield* gate.acquire()
                try {
                  room.enter()
                  yield* sleep(0)
                } finally {
                  room.leave()
                  gate.release()
                }
              }
            })
          }
        })
      },
      async async({ watch }) {
        const [gate, room] = [watch(make()), new Room(limit)]
        await taskGroup((group) => {
          for (let i = 0; i < 3; i++) {
            group.createTask(async () => {
              for (let turn = 0; turn < 2; turn++) {
                await gate.acquire()
                try {
                  room.enter()
                  await sleep(0)
                } finally {
                  room.leave()
                  gate.release()
                }
              }
            })
          }
        })
      },
    },
    {
      name: `${name}, as a resource, held, and tried`,
      *generator({ watch }) {
        const [gate, room] = [watch(make()), new Room(limit)]
        const inside = function* (): Coroutine {
          room.enter()
          try {
            yield* sleep(1)
          } finally {
            room.leave()
          }
        }
        yield* taskGroup((group) => {
          group.createTask(() => use(gate, inside))
          group.createTask(() => use(gate.hold(), inside))
          group.createTask(function* () {
            yield* sleep(0)
            if (!gate.tryAcquire()) return
            try {
              yield* inside()
            } finally {
              gate.release()
            }
          })
        })
      },
      async async({ watch }) {
        const [gate, room] = [watch(make()), new Room(limit)]
        const inside = async () => {
          room.enter()
          try {
            await sleep(1)
          } finally {
            room.leave()
          }
        }
        await taskGroup((group) => {
          group.createTask(async () => await use(gate, inside))
          group.createTask(async () => {
            using _held = await gate.hold()
            await inside()
          })
          group.createTask(async () => {
            await sleep(0)
            if (!gate.tryAcquire()) return
            try {
              await inside()
            } finally {
              gate.release()
            }
          })
        })
      },
    },
  ]
}

export const syncScenes: readonly Scene[] = [
  ...gate('Lock', 1, () => new Lock()),
  ...gate('Semaphore(1)', 1, () => new Semaphore(1)),
  ...gate('Semaphore(2)', 2, () => new Semaphore(2)),
  ...gate('BoundedSemaphore', 2, () => new BoundedSemaphore(2)),
  ...gate('CapacityLimiter', 2, () => new CapacityLimiter(2)),
  {
    name: 'RateLimiter',
    *generator({ watch }) {
      const limiter = watch(new RateLimiter(2, { per: 100 }))
      yield* taskGroup((group) => {
        for (let i = 0; i < 4; i++) group.createTask(() => limiter.acquire())
      })
    },
    async async({ watch }) {
      const limiter = watch(new RateLimiter(2, { per: 100 }))
      await taskGroup((group) => {
        for (let i = 0; i < 4; i++) group.createTask(async () => await limiter.acquire())
      })
    },
  },
  {
    name: 'Event',
    *generator() {
      const [event, again] = [new Event(), new Event()]
      yield* taskGroup(function* (group) {
        for (let i = 0; i < 3; i++) {
          group.createTask(function* () {
            yield* event.wait()
            yield* again.wait()
          })
        }
        yield* sleep(1)
        event.set()
        event.clear()
        event.set()
        again.set()
      })
    },
    async async() {
      const [event, again] = [new Event(), new Event()]
      await taskGroup(async (group) => {
        for (let i = 0; i < 3; i++) {
          group.createTask(async () => {
            await event.wait()
            await again.wait()
          })
        }
        await sleep(1)
        event.set()
        event.clear()
        event.set()
        again.set()
      })
    },
  },
  {
    name: 'Condition',
    *generator({ watch }) {
      const condition = watch(new Condition())
      let items = 0
      yield* taskGroup(function* (group) {
        for (let i = 0; i < 3; i++) {
          group.createTask(() =>
            use(condition, function* () {
              yield* condition.waitFor(() => items > 0)
              holds(condition.locked(), 'the lock is held after the wait')
              items--
            }),
          )
        }
        for (let i = 0; i < 3; i++) {
          yield* sleep(1)
          yield* use(condition, () => {
            items++
            condition.notify()
          })
        }
      })
    },
    async async({ watch }) {
      const condition = watch(new Condition())
      let items = 0
      await taskGroup(async (group) => {
        for (let i = 0; i < 3; i++) {
          group.createTask(async () => {
            await use(condition, async () => {
              await condition.waitFor(() => items > 0)
              holds(condition.locked(), 'the lock is held after the wait')
              items--
            })
          })
        }
        for (let i = 0; i < 3; i++) {
          await sleep(1)
          await use(condition, () => {
            items++
            condition.notify()
          })
        }
      })
    },
  },
  {
    name: 'Barrier',
    *generator() {
      const barrier = new Barrier(3)
      const places: number[] = []
      const pass = function* (): Coroutine {
        try {
          places.push(yield* barrier.wait())
        } catch (error) {
          if (!(error instanceof BrokenBarrierError)) throw error
        }
      }
      yield* taskGroup(function* (group) {
        for (let i = 0; i < 2; i++) group.createTask(pass)
        try {
          yield* moveOnAfter(100, pass)
        } finally {
          yield* barrier.abort()
        }
      })
      holds(new Set(places).size === places.length, 'each has a place of its own')
    },
    async async() {
      const barrier = new Barrier(3)
      const places: number[] = []
      const pass = async () => {
        try {
          places.push(await barrier.wait())
        } catch (error) {
          if (!(error instanceof BrokenBarrierError)) throw error
        }
      }
      await taskGroup(async (group) => {
        for (let i = 0; i < 2; i++) group.createTask(pass)
        try {
          await moveOnAfter(100, pass)
        } finally {
          await barrier.abort()
        }
      })
      holds(new Set(places).size === places.length, 'each has a place of its own')
    },
  },
]
