import {
  asCompleted,
  type Coroutine,
  cancelScope,
  cleanup,
  createTask,
  currentTask,
  Event,
  ExceptionGroup,
  forEach,
  gather,
  getRunningLoop,
  interval,
  limit,
  map,
  moveOnAfter,
  race,
  resource,
  retry,
  shield,
  sleep,
  type Task,
  TimeoutError,
  taskGroup,
  timeout,
  use,
  wait,
  waitFor,
  withSignal,
} from 'polvo'
import type { Watch } from 'polvo/testing'
import { holds, type Scene } from './scene.ts'

const HOUR = 3_600_000

/** Sleeps, and is closed once; closing takes time. */
function* work(opened: Watch['opened'], ms: number): Coroutine<number> {
  const close = opened(`work for ${ms}`)
  try {
    return yield* sleep(ms, ms)
  } finally {
    try {
      yield* sleep(1)
    } finally {
      close()
    }
  }
}

async function workAsync(opened: Watch['opened'], ms: number): Promise<number> {
  const close = opened(`work for ${ms}`)
  try {
    return await sleep(ms, ms)
  } finally {
    try {
      await sleep(1)
    } finally {
      close()
    }
  }
}

function* doomed(opened: Watch['opened']): Coroutine {
  yield* work(opened, 2)
  throw new RangeError('doomed')
}

async function doomedAsync(opened: Watch['opened']): Promise<void> {
  await workAsync(opened, 2)
  throw new RangeError('doomed')
}

const isDoom = (error: unknown): boolean =>
  error instanceof ExceptionGroup ? error.errors.some(isDoom) : error instanceof RangeError

/** What a group throws is looked at, and goes no further where it is the expected. */
function expectDoom(error: unknown): void {
  if (!isDoom(error)) throw error
}

export const structuredScenes: readonly Scene[] = [
  {
    name: 'taskGroup, nested',
    *generator({ opened }) {
      yield* taskGroup(function* (outer) {
        outer.createTask(work, opened, 3)
        outer.createTask(() =>
          taskGroup(function* (inner) {
            inner.createTask(work, opened, 2)
            inner.createTask(work, opened, 5)
            yield* sleep(1)
          }),
        )
        yield* sleep(4)
      })
    },
    async async({ opened }) {
      await taskGroup(async (outer) => {
        outer.createTask(workAsync, opened, 3)
        outer.createTask(async () => {
          await taskGroup(async (inner) => {
            inner.createTask(workAsync, opened, 2)
            inner.createTask(workAsync, opened, 5)
            await sleep(1)
          })
        })
        await sleep(4)
      })
    },
  },
  {
    name: 'taskGroup with a child that fails',
    *generator({ opened }) {
      try {
        yield* taskGroup(function* (group) {
          group.createTask(doomed, opened)
          group.createTask(work, opened, 10)
          yield* work(opened, 10)
        })
      } catch (error) {
        expectDoom(error)
      }
    },
    async async({ opened }) {
      try {
        await taskGroup(async (group) => {
          group.createTask(doomedAsync, opened)
          group.createTask(workAsync, opened, 10)
          await workAsync(opened, 10)
        })
      } catch (error) {
        expectDoom(error)
      }
    },
  },
  {
    name: 'taskGroup with children that are started',
    *generator({ opened }) {
      yield* taskGroup(function* (group) {
        const port = yield* group.start(function* (started) {
          yield* sleep(1)
          started(80)
          yield* work(opened, 2)
        })
        holds(port === 80, 'the value of started()')
      })
    },
    async async({ opened }) {
      await taskGroup(async (group) => {
        const port = await group.start(async (started: (value: number) => void) => {
          await sleep(1)
          started(80)
          await workAsync(opened, 2)
        })
        holds(port === 80, 'the value of started()')
      })
    },
  },
  {
    name: 'timeout and moveOnAfter, nested',
    *generator({ opened }) {
      try {
        yield* timeout(6, function* () {
          yield* moveOnAfter(2, () => work(opened, 10))
          yield* timeout(10, () => work(opened, 10))
        })
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
      }
    },
    async async({ opened }) {
      try {
        await timeout(6, async () => {
          await moveOnAfter(2, () => workAsync(opened, 10))
          await timeout(10, () => workAsync(opened, 10))
        })
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
      }
    },
  },
  {
    name: 'waitFor',
    *generator({ opened }) {
      holds((yield* waitFor(work(opened, 2), 10)) === 2, 'the result')
      try {
        yield* waitFor(work(opened, 10), 2)
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
      }
    },
    async async({ opened }) {
      holds((await waitFor(work(opened, 2), 10)) === 2, 'the result')
      try {
        await waitFor(work(opened, 10), 2)
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
      }
    },
  },
  {
    name: 'cancelScope, shielded in part',
    *generator({ opened }) {
      yield* cancelScope(function* (scope) {
        yield* cancelScope(() => work(opened, 2), { shield: true })
        scope.cancel('enough')
        yield* work(opened, 10)
      })
    },
    async async({ opened }) {
      await cancelScope(async (scope) => {
        await cancelScope(() => workAsync(opened, 2), { shield: true })
        scope.cancel('enough')
        await workAsync(opened, 10)
      })
    },
  },
  {
    name: 'gather',
    *generator({ opened }) {
      const tasks = [1, 2, 3].map((ms) => createTask(work, opened, ms))
      try {
        yield* gather(...tasks)
      } finally {
        yield* wait(tasks)
      }
    },
    async async({ opened }) {
      const tasks = [1, 2, 3].map((ms) => createTask(workAsync, opened, ms))
      try {
        await gather(...tasks)
      } finally {
        await wait(tasks)
      }
    },
    options: { mayLeaveTasks: true },
  },
  {
    name: 'gather, errors and all',
    *generator({ opened }) {
      yield* gather(
        { returnExceptions: true },
        () => work(opened, 2),
        () => doomed(opened),
      )
    },
    async async({ opened }) {
      await gather(
        { returnExceptions: true },
        () => workAsync(opened, 2),
        () => doomedAsync(opened),
      )
    },
    options: { mayLeaveTasks: true },
  },
  {
    name: 'wait',
    *generator({ opened }) {
      const tasks = [1, 5].map((ms) => createTask(work, opened, ms))
      yield* wait(tasks, { returnWhen: 'FIRST_COMPLETED' })
      yield* wait(tasks, { timeout: 1 })
      yield* wait(tasks)
    },
    async async({ opened }) {
      const tasks = [1, 5].map((ms) => createTask(workAsync, opened, ms))
      await wait(tasks, { returnWhen: 'FIRST_COMPLETED' })
      await wait(tasks, { timeout: 1 })
      await wait(tasks)
    },
    options: { mayLeaveTasks: true },
  },
  {
    name: 'asCompleted',
    *generator({ opened }) {
      let sum = 0
      yield* forEach(asCompleted([work(opened, 2), work(opened, 1)]), (done) => {
        sum += done.result()
      })
      holds(sum === 3, 'both came')
    },
    async async({ opened }) {
      let sum = 0
      for await (const done of asCompleted([work(opened, 2), work(opened, 1)])) sum += done.result()
      holds(sum === 3, 'both came')
    },
    options: { mayLeaveTasks: true },
  },
  {
    name: 'race',
    *generator({ opened }) {
      holds(
        (yield* race(
          () => work(opened, 5),
          () => work(opened, 2),
        )) === 2,
        'the faster one',
      )
    },
    async async({ opened }) {
      holds(
        (await race(
          () => workAsync(opened, 5),
          () => workAsync(opened, 2),
        )) === 2,
        'the faster one',
      )
    },
  },
  {
    name: 'shield',
    *generator({ opened }) {
      const inner = createTask(work, opened, 3)
      try {
        yield* shield(inner)
      } finally {
        yield* inner
      }
    },
    async async({ opened }) {
      const inner = createTask(workAsync, opened, 3)
      try {
        await shield(inner)
      } finally {
        await inner
      }
    },
    options: { mayLeaveTasks: true },
  },
  {
    name: 'map, forEach and limit',
    *generator({ opened }) {
      const doubled = yield* map(
        [1, 2, 3],
        function* (ms) {
          return 2 * (yield* work(opened, ms))
        },
        { concurrency: 2 },
      )
      holds(doubled.join() === '2,4,6', 'in order')
      const limited = limit(1)
      yield* forEach([1, 2], (ms) => limited(work, opened, ms), { concurrency: 2 })
    },
    async async({ opened }) {
      const doubled = await map([1, 2, 3], async (ms) => 2 * (await workAsync(opened, ms)), {
        concurrency: 2,
      })
      holds(doubled.join() === '2,4,6', 'in order')
      const limited = limit(1)
      await forEach([1, 2], async (ms) => await limited(workAsync, opened, ms), { concurrency: 2 })
    },
  },
  {
    name: 'retry',
    *generator({ opened }) {
      yield* retry(
        function* (attempt) {
          if (attempt < 3) yield* doomed(opened)
          yield* work(opened, 1)
        },
        { jitter: 0 },
      )
    },
    async async({ opened }) {
      await retry(
        async (attempt) => {
          if (attempt < 3) await doomedAsync(opened)
          await workAsync(opened, 1)
        },
        { jitter: 0 },
      )
    },
  },
  {
    name: 'interval',
    *generator() {
      const ticks = interval(5)
      for (let i = 0; i < 3; i++) yield* ticks.next()
    },
    async async() {
      let count = 0
      for await (const _tick of interval(5)) if (++count === 3) break
    },
  },
  {
    name: 'use and resource, nested, and cleanup',
    *generator({ opened }) {
      const connection = () =>
        resource(function* (provide) {
          const close = opened('the connection')
          try {
            yield* sleep(1)
            yield* provide('connection')
          } finally {
            try {
              yield* cleanup(100, () => sleep(2))
            } finally {
              close()
            }
          }
        })
      yield* use(connection(), () => use(connection(), () => work(opened, 1)))
    },
    async async({ opened }) {
      const connection = {
        closed: () => {},
        async enter() {
          await sleep(1)
          this.closed = opened('the connection')
          return 'connection'
        },
        async exit() {
          try {
            await cleanup(100, async () => await sleep(2))
          } finally {
            this.closed()
          }
        },
      }
      await use(connection, () => workAsync(opened, 1))
    },
  },
  {
    name: 'withSignal',
    *generator({ watch, opened }) {
      const controller = new AbortController()
      watch(controller.signal)
      yield* withSignal(controller.signal, () => work(opened, 2))
    },
    async async({ watch, opened }) {
      const controller = new AbortController()
      watch(controller.signal)
      await withSignal(controller.signal, () => workAsync(opened, 2))
    },
  },
  {
    name: 'tasks that wait for each other, and an event that wakes all',
    *generator({ opened }) {
      const event = new Event()
      yield* taskGroup(function* (group) {
        const first = group.createTask(function* () {
          yield* event.wait()
          return yield* work(opened, 1)
        })
        group.createTask(function* () {
          yield* wait([first])
          yield* work(opened, 1)
        })
        yield* sleep(1)
        event.set()
      })
    },
    async async({ opened }) {
      const event = new Event()
      await taskGroup(async (group) => {
        const first = group.createTask(async () => {
          await event.wait()
          return await workAsync(opened, 1)
        })
        group.createTask(async () => {
          await wait([first])
          await workAsync(opened, 1)
        })
        await sleep(1)
        event.set()
      })
    },
  },
  {
    name: 'a group that is cancelled twice, by a sibling',
    *generator({ opened }) {
      yield* taskGroup(function* (outer) {
        const children: Task[] = []
        const cancelled = outer.createTask(function* () {
          try {
            yield* taskGroup((group) => {
              children.push(...[3, 5].map((ms) => group.createTask(work, opened, ms)))
            })
          } finally {
            holds(
              children.every((child) => child.done()),
              'a group ends after its children',
            )
          }
        })
        outer.createTask(function* () {
          for (let i = 0; i < 2; i++) {
            yield* sleep(1)
            cancelled.cancel()
          }
        })
        yield* wait([cancelled])
      })
    },
    async async({ opened }) {
      await taskGroup(async (outer) => {
        const children: Task[] = []
        const cancelled = outer.createTask(async () => {
          try {
            await taskGroup((group) => {
              children.push(...[3, 5].map((ms) => group.createTask(workAsync, opened, ms)))
            })
          } finally {
            holds(
              children.every((child) => child.done()),
              'a group ends after its children',
            )
          }
        })
        outer.createTask(async () => {
          for (let i = 0; i < 2; i++) {
            await sleep(1)
            cancelled.cancel()
          }
        })
        await wait([cancelled])
      })
    },
  },
  {
    name: 'a task that cancels itself',
    *generator() {
      const task = createTask(function* (): Coroutine {
        yield* sleep(1)
        currentTask()?.cancel()
        yield* sleep(HOUR)
      })
      yield* wait([task])
      holds(getRunningLoop().time() < HOUR, 'its next await is cancelled at once')
    },
    async async() {
      const task = createTask(async () => {
        await sleep(1)
        currentTask()?.cancel()
        await sleep(HOUR)
      })
      await wait([task])
      holds(getRunningLoop().time() < HOUR, 'its next await is cancelled at once')
    },
    options: { mayLeaveTasks: true },
  },
]
