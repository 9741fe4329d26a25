/**
 * What polvo promises of each row: the budgets of its design, for Node 24 unless a contestant's id says otherwise. A
 * promise about asyncio holds for the system's Python and for the newest one alike; where a sample of a million tasks takes a
 * quarter of a minute, it is held against the system's alone.
 */
import type { Metric } from './kernel.ts'

export type Limit =
  /** At most this many times what the peers take together. */
  | { kind: 'at most'; times: number; of: readonly string[] }
  /** At least this many times faster than the peer. */
  | { kind: 'faster'; times: number; than: string }
  /** At most so many bytes, or nanoseconds. */
  | { kind: 'absolute'; value: number }

export interface Budget {
  row: string
  /** The id of the contestant that has to keep it. */
  ours: string
  metric: Metric
  limit: Limit
}

/** 676 requests, 100 at once, of 500 ms each are 3.5 s at least; 1.1 times that, for each of them. */
const FLAGS_AT_100: Limit = { kind: 'absolute', value: (1.1 * 3.5e9) / 676 }

const ONE_MS: Limit = { kind: 'absolute', value: 1e6 }

const TEN_MS: Limit = { kind: 'absolute', value: 1e7 }

const MEGABYTES_120: Limit = { kind: 'absolute', value: 120e6 }

/**
 * What O(1) may cost among a hundred times as many: they are not in the processor's cache any more. A search through them
 * would take a hundred times as long.
 */
const SAME_FROM_FAR = 3

export const budgets: readonly Budget[] = [
  wall('switch', 'yield', atMost(1.0, 'native')),
  wall('switch', 'yield-off', atMost(0.8, 'native')),
  wall('switch', 'sleep-g', atMost(1.2, 'native')),
  wall('switch', 'sleep-g', faster(7, 'effect')),
  wall('switch', 'sleep-g', faster(7, 'uvloop')),
  wall('switch', 'sleep-g', faster(12, 'asyncio')),
  wall('switch', 'sleep-g', faster(12, 'asyncio-newest')),
  wall('switch', 'sleep-a', atMost(4, 'native')),
  wall('switch', 'sleep-a', faster(4, 'asyncio')),
  wall('switch', 'sleep-a', faster(4, 'asyncio-newest')),
  wall('switch', 'sleep-a@22', atMost(2.5, 'native-als@22')),

  wall('resume-1', 'marked', atMost(0.8, 'native')),
  wall('resume-10', 'marked', atMost(0.8, 'native')),
  wall('resume-100', 'marked', atMost(0.8, 'native')),
  wall('resume-1', 'async', atMost(1.0, 'native', 'switch')),
  wall('resume-10', 'async', atMost(1.0, 'native', 'switch')),
  wall('resume-100', 'async', atMost(1.0, 'native', 'switch')),

  wall('call', 'marked', atMost(0.8, 'native')),
  wall('call', 'async', atMost(1.1, 'native')),

  wall('spawn-1000000', 'group-g', atMost(0.6, 'native')),
  wall('spawn-1000000', 'group-g', faster(2, 'effect')),
  wall('spawn-1000000', 'group-g', faster(8, 'asyncio')),
  wall('spawn-1000000', 'group-a', atMost(3, 'native')),
  wall('spawn-1000000', 'group-a', faster(2, 'asyncio')),

  { row: 'asleep-1000000', ours: 'generator', metric: 'heap', limit: { kind: 'absolute', value: 600 } },
  { row: 'asleep-1000000', ours: 'generator', metric: 'rss', limit: atMost(0.55, 'asyncio') },
  { row: 'asleep-1000000', ours: 'async', metric: 'heap', limit: { kind: 'absolute', value: 1_500 } },

  ...both('sleep', 'cpu', { generator: atMost(1.0, 'native'), async: atMost(1.3, 'native') }),
  ...['effect', 'asyncio', 'asyncio-newest', 'uvloop'].map((peer): Budget => {
    return { row: 'sleep', ours: 'generator', metric: 'cpu', limit: faster(3, peer) }
  }),

  ...both('channel', 'wall', { generator: atMost(1.0, 'native'), async: atMost(3, 'native') }),
  wall('channel', 'generator', faster(20, 'effect')),
  wall('channel', 'generator', faster(20, 'uvloop')),

  ...both('cancel', 'wall', { generator: atMost(1.5, 'native'), async: atMost(3, 'native') }),
  wall('cancel', 'generator', faster(4, 'asyncio')),
  wall('cancel', 'generator', faster(4, 'asyncio-newest')),

  ...['event', 'lock', 'queue'].flatMap((primitive) =>
    [`${primitive}-generator`, `${primitive}-async`].map((ours) =>
      wall('withdraw', ours, atMost(SAME_FROM_FAR, `${ours}-few`)),
    ),
  ),
  ...['growth-tasks', 'growth-timers', 'growth-waiters'].flatMap((name) =>
    ['g', 'a'].flatMap((ours) => [10, 100].map((times) => wall(name, `${ours}-${times}`, atMost(1.5, ours)))),
  ),

  { row: 'bundle', ours: 'everything', metric: 'gzip', limit: { kind: 'absolute', value: 16 * 1024 } },
  { row: 'bundle', ours: 'minimal', metric: 'gzip', limit: { kind: 'absolute', value: 6 * 1024 } },

  ...both('echo', 'p99', { generator: ONE_MS, async: ONE_MS }),
  // 0.92 and 0.85 of what plain node:net does with a CPU.
  ...both('lines', 'cpu', { generator: atMost(1.087, 'native'), async: atMost(1.176, 'native') }),
  ...['asyncio', 'asyncio-newest'].flatMap((peer) =>
    both('lines', 'cpu', { generator: faster(1.25, peer), async: faster(1.25, peer) }),
  ),
  ...both('lines', 'cpu', { generator: faster(1, 'uvloop'), async: faster(1, 'uvloop') }),
  // 0.93 and 0.88 of the requests that plain node:http answers with a CPU; 0.85 and 0.80 where a router or JSON have their part.
  ...both('http-text', 'cpu', { generator: atMost(1.075, 'native'), async: atMost(1.136, 'native') }),
  ...['http-json', 'http-name'].flatMap((name) =>
    both(name, 'cpu', { generator: atMost(1.176, 'native'), async: atMost(1.25, 'native') }),
  ),
  ...['http-text', 'http-json', 'http-name'].flatMap((name): Budget[] => [
    { row: name, ours: 'generator', metric: 'cpu', limit: faster(1, 'fastify') },
    { row: name, ours: 'generator', metric: 'cpu', limit: faster(1, 'hono') },
    ...both(name, 'cpu', { generator: faster(1.3, 'uvicorn'), async: faster(1.3, 'uvicorn') }),
    ...both(name, 'cpu', { generator: faster(1.6, 'aiohttp'), async: faster(1.6, 'aiohttp') }),
  ]),
  // 0.93 and 0.88 of what undici.request does with a CPU.
  ...both('http-client', 'cpu', { generator: atMost(1.075, 'native'), async: atMost(1.136, 'native') }),
  ...both('http-client', 'cpu', { generator: faster(2.5, 'fetch'), async: faster(2.5, 'fetch') }),
  ...both('http-client', 'cpu', { generator: faster(2.3, 'aiohttp'), async: faster(2.3, 'aiohttp') }),
  // 0.93 and 0.85 of what the driver does with a CPU when it is used directly.
  ...both('redis', 'cpu', { generator: atMost(1.075, 'native'), async: atMost(1.176, 'native') }),
  ...both('redis', 'cpu', { generator: faster(3.5, 'redis-py'), async: faster(3.5, 'redis-py') }),
  ...['generator', 'async', 'function-g', 'function-a'].map((ours) =>
    wall('to-thread', ours, atMost(1.1, 'native')),
  ),
  ...['thread', 'process'].flatMap((kind) =>
    ['generator', 'async'].map((ours) => {
      return wall('cpu-jobs', `${kind}-2-${ours}`, atMost(0.6, `${kind}-1-${ours}`))
    }),
  ),
  // 0.95 and 0.92 of what pg does with a CPU.
  ...both('postgres-queries', 'cpu', { generator: atMost(1.053, 'native'), async: atMost(1.087, 'native') }),
  ...both('postgres-queries', 'cpu', { generator: faster(1.3, 'aiopg'), async: faster(1.3, 'aiopg') }),
  ...both('postgres-queries', 'cpu', { generator: faster(1.8, 'asyncpg'), async: faster(1.8, 'asyncpg') }),
  ...both('postgres-cursor', 'cpu', { generator: atMost(1.053, 'native'), async: atMost(1.087, 'native') }),
  ...both('postgres-cursor', 'peak', { generator: MEGABYTES_120, async: MEGABYTES_120 }),
  ...both('postgres-cancel', 'wall', { generator: TEN_MS, async: TEN_MS }),
  wall('flags-100', 'generator', FLAGS_AT_100),
  wall('flags-100', 'async', FLAGS_AT_100),
  wall('flags-676', 'generator', atMost(1.1, 'native')),
  wall('flags-676', 'async', atMost(1.1, 'native')),
]

function wall(row: string, ours: string, limit: Limit): Budget {
  return { row, ours, metric: 'wall', limit }
}

/** The same metric for both spellings. */
function both(row: string, metric: Metric, limits: Record<'generator' | 'async', Limit>): Budget[] {
  return (['generator', 'async'] as const).map((ours) => ({ row, ours, metric, limit: limits[ours] }))
}

function atMost(times: number, ...of: string[]): Limit {
  return { kind: 'at most', times, of }
}

function faster(times: number, than: string): Limit {
  return { kind: 'faster', times, than }
}
