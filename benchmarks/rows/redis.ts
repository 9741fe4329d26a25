/** Redis. The server runs in a process of its own, and is started before anything is measured. */
import { CONTROL, NATIVE, polvo, type Row, row } from '../row.ts'

const kernel = 'redis.native.ts'

export const redisRows: readonly Row[] = [
  row(
    {
      name: 'redis',
      title: '100,000 SET and as many GET, 100 tasks at once; CPU ns of the client per command',
      metrics: ['cpu'],
      hasNode22: false,
    },
    { tasks: 100, repeats: 2_000, depth: 0 },
    [
      polvo('generator', 'generators, `Client`'),
      polvo('async', 'async functions, `Client`'),
      { id: NATIVE, label: 'ioredis, auto-pipelining', tool: 'ioredis', kernel },
      { id: CONTROL, label: 'ioredis, again', tool: 'ioredis', kernel },
      { id: 'node-redis', label: 'node-redis', tool: 'node-redis' },
      { id: 'redis-py', label: 'redis-py asyncio, uvloop', tool: 'redis-py', kernel: 'redis.asyncio.py' },
    ],
  ),
]
