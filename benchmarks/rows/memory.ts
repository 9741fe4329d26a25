/** What a task takes that only waits. */
import { asyncio, count, effect, effection, native, polvo, type Row, row, trio } from '../row.ts'

const FEW = 100_000
const MANY = 1_000_000

export const memoryRows: readonly Row[] = [asleep(FEW), asleep(MANY), parked(FEW), parked(MANY)]

function asleep(tasks: number): Row {
  return row(
    { name: `asleep-${tasks}`, title: `${count(tasks)} tasks asleep; bytes per task`, kind: 'memory' },
    { tasks, repeats: 1, depth: 0 },
    [
      polvo('generator', '`yield* sleep()`'),
      polvo('async', '`await sleep()`'),
      ...native('asleep', '`setTimeout`'),
      effect('`sleep`'),
      ...asyncio('asleep', '`sleep`'),
      // A million of these take minutes to start, where they fit into a process at all.
      ...(tasks === FEW ? [effection('`sleep`'), trio('asleep', '`sleep`')] : []),
    ],
  )
}

function parked(tasks: number): Row {
  return row(
    {
      name: `parked-${tasks}`,
      title: `${count(tasks)} tasks wait on a queue; bytes per task`,
      kind: 'memory',
    },
    { tasks, repeats: 1, depth: 0 },
    [
      polvo('generator', '`yield* queue.get()`'),
      polvo('async', '`await queue.get()`'),
      ...native('parked', 'queue of promises'),
      effect('`Queue.take`'),
      ...asyncio('parked', '`Queue.get`'),
    ],
  )
}
