/**
 * Whether what one costs stays the same when there are many: the same work with ten and a hundred times as many tasks,
 * timers or waiters at once.
 */
import { count, type Entry, native, polvo, type Row, row } from '../row.ts'

const LEAST = 10_000

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
  const family = kernels.native.split('.', 1)[0]!
  const more = (entryOf: (times: number, at: Partial<Entry>) => Entry) =>
    [10, 100].map((times) => entryOf(times, { sizes: { tasks: LEAST * times, repeats: 1 } }))
  const at = (times: number) => count(LEAST * times)
  return row({ name, title, hasNode22: false }, { tasks: LEAST, repeats: 10, depth: 0 }, [
    ...(['g', 'a'] as const).flatMap((spelling) => {
      const [words, kernel] = [spelling === 'g' ? 'generators' : 'async functions', kernels[spelling]]
      return [
        polvo(spelling, `${words}, ${at(1)}`, { kernel }),
        ...more((times, sizes) =>
          polvo(`${spelling}-${times}`, `${words}, ${at(times)}`, { kernel, ...sizes }),
        ),
      ]
    }),
    ...native(family, at(1)),
    ...more((times, sizes) => ({
      ...sizes,
      id: `native-${times}`,
      label: `native ${at(times)}`,
      tool: 'native',
      kernel: kernels.native,
    })),
  ])
}
