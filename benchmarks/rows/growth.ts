/**
 * Whether what one costs stays the same when there are many: the same work with ten and a hundred times as many tasks,
 * timers or waiters at once.
 */
import { CONTROL, count, type Entry, NATIVE, type Row, row } from '../row.ts'
import type { Tool } from '../tools.ts'

const LEAST = { tasks: 10_000, repeats: 10, depth: 0 }

export const growthRows: readonly Row[] = [
  growth('growth-tasks', 'start and join tasks that suspend once; ns per task', {
    g: 'spawn.group-g.ts',
    a: 'spawn.group-a.ts',
    native: 'spawn.native.ts',
  }),
  growth('growth-timers', 'arm timers of up to 100 ms, and have them fire when all are due; ns per timer', {
    g: 'timers.generator.ts',
    a: 'timers.async.ts',
    native: 'timers.native.ts',
  }),
  growth('growth-waiters', 'tasks wait for one event, which is set; ns per task', {
    g: 'waiters.generator.ts',
    a: 'waiters.async.ts',
    native: 'waiters.native.ts',
  }),
]

function growth(name: string, title: string, kernels: Record<'g' | 'a' | 'native', string>): Row {
  return row({ name, title, hasNode22: false }, LEAST, [
    ...sizes('g', 'polvo generators', 'polvo', kernels.g),
    ...sizes('a', 'polvo async functions', 'polvo', kernels.a),
    ...sizes(NATIVE, 'native', 'native', kernels.native),
    { id: CONTROL, label: `native, ${count(LEAST.tasks)}, again`, tool: 'native', kernel: kernels.native },
  ])
}

/** `g`, `g-10` and `g-100`: the least, and ten and a hundred times as many, at once and not one batch after another. */
function sizes(id: string, words: string, tool: Tool, kernel: string): Entry[] {
  const least = { id, label: `${words}, ${count(LEAST.tasks)}`, tool, kernel }
  const more = [10, 100].map((times) => {
    const tasks = LEAST.tasks * times
    return {
      id: `${id}-${times}`,
      label: `${words}, ${count(tasks)}`,
      tool,
      kernel,
      sizes: { tasks, repeats: 1 },
    }
  })
  return [least, ...more]
}
