/** Switching, calling, starting and cancelling tasks. */
import {
  asyncio,
  count,
  type Entry,
  effect,
  effection,
  native,
  polvo,
  python,
  type Row,
  row,
  trio,
} from '../row.ts'

const ONE_TASK = { tasks: 1, depth: 0 }
const PRIMITIVES = ['event', 'lock', 'queue'] as const

export const taskRows: readonly Row[] = [
  row(
    { name: 'switch', title: '1,000 tasks, each gives way to the others 1,000 times; ns per switch' },
    { tasks: 1_000, repeats: 1_000, depth: 0 },
    [
      polvo('yield', '`yield`'),
      polvo('yield-off', '`yield`, asyncContext off'),
      polvo('sleep-g', '`yield* sleep(0)`'),
      polvo('sleep-a', '`await sleep(0)`'),
      ...native('switch', '`await undefined`'),
      { id: 'native-als', label: 'native, AsyncLocalStorage active', tool: 'native' },
      effect('`yieldNow`'),
      effection('`until(resolved)`'),
      ...python('switch', '`sleep(0)`'),
      trio('switch', '`lowlevel.checkpoint()`'),
    ],
  ),
  ...[1, 10, 100, 1_000].map(resume),
  row(
    { name: 'call', title: 'a coroutine calls one that never suspends; ns per call' },
    { ...ONE_TASK, repeats: 1_000_000, depth: 1 },
    [
      polvo('marked', '`yield* fn()`, marked'),
      polvo('async', '`await asyncFn()` in a task'),
      ...native('call', '`await asyncFn()`'),
      effect('`yield* fn()`'),
      effection('`yield* fn()`'),
      ...python('call', '`await fn()`'),
    ],
  ),
  row(
    { name: 'promise', title: 'a task awaits native promises that are resolved; ns per promise' },
    { ...ONE_TASK, repeats: 300_000 },
    [
      polvo('generator', '`yield* from(promise)`'),
      polvo('async', '`await promise` in a task'),
      polvo('from-a', '`await from(promise)`'),
      ...native('promise', '`await promise`'),
      effect('`Effect.promise`'),
      effection('`until(promise)`'),
    ],
  ),
  spawn(1_000_000, 1),
  spawn(1_000, 1_000),
  row(
    { name: 'cancel', title: 'cancel 100,000 blocked tasks, each with a `finally`; ns per task' },
    { tasks: 100_000, repeats: 1, depth: 0 },
    [
      polvo('generator', '`task.cancel()`, generators'),
      polvo('async', '`task.cancel()`, async functions'),
      ...native('cancel', '`reject(error)` without a stack'),
      effect('`Fiber.interruptAll`'),
      effection('`task.halt()`', 10_000),
      ...python('cancel', '`task.cancel()`'),
      trio('cancel', '`cancel_scope.cancel()`'),
    ],
  ),
  row(
    {
      name: 'withdraw',
      title: 'cancel some of those that wait for the same primitive; ns per waiter',
      hasNode22: false,
    },
    { tasks: 500, repeats: 1, depth: 0, waiters: 100_000, waitFor: 'event' },
    [
      ...PRIMITIVES.flatMap((primitive) => waitersOf(primitive, 'generator')),
      ...PRIMITIVES.flatMap((primitive) => waitersOf(primitive, 'async')),
      ...native('withdraw', '`reject(error)`, of 100,000'),
      ...asyncio('withdraw', '`Event`, of 100,000'),
    ],
  ),
]

function resume(depth: number): Row {
  // A plain chain of a thousand takes microseconds for each resume.
  const plain = depth === 1_000 ? { repeats: 500 } : {}
  return row(
    {
      name: `resume-${depth}`,
      title: `100 tasks, each resumed 10,000 times at depth ${count(depth)}; ns per resume`,
    },
    { tasks: 100, repeats: 10_000, depth },
    [
      polvo('marked', '`yield*`, marked by `coroutine()`'),
      polvo('plain', 'plain `yield*`', { sizes: plain }),
      polvo('async', 'async functions, `await sleep(0)`'),
      polvo('switch', '`await sleep(0)` without calls', { kernel: 'switch.sleep-a.ts' }),
      ...native('resume', 'async functions'),
    ],
  )
}

/** The same among a thousand waiters and among a hundred thousand. */
function waitersOf(waitFor: (typeof PRIMITIVES)[number], spelling: 'generator' | 'async'): Entry[] {
  const [id, kernel] = [`${waitFor}-${spelling}`, `withdraw.${spelling}.ts`]
  return [
    polvo(`${id}-few`, `${waitFor}, ${spelling}, of 1,000`, { kernel, sizes: { waiters: 1_000, waitFor } }),
    polvo(id, `${waitFor}, ${spelling}, of 100,000`, { kernel, sizes: { waitFor } }),
  ]
}

/** @param tasks started at once, and joined before the next as many are started */
function spawn(tasks: number, repeats: number): Row {
  const batches = repeats === 1 ? '' : `, ${count(tasks)} at a time`
  const isAtOnce = repeats === 1
  return row(
    {
      name: `spawn-${tasks}`,
      title: `start and join 1,000,000 tasks that suspend once${batches}; ns per task`,
    },
    { tasks, repeats, depth: 0 },
    [
      polvo('group-g', 'taskGroup, generators'),
      polvo('group-a', 'taskGroup, async functions'),
      ...native('spawn', '`Promise.all`'),
      ...(isAtOnce ? [] : [{ id: 'p-queue', label: 'p-queue `addAll`', tool: 'p-queue' } as const]),
      effect('`forkChild`, `join`'),
      isAtOnce ? effection('`spawn`', 10_000) : { ...effection('`spawn`'), sizes: { repeats: 20 } },
      ...python('spawn', '`TaskGroup`'),
      trio('spawn', '`open_nursery`'),
    ],
  )
}
