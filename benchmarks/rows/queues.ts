/** Two tasks that hand a number to each other and back, through two channels or queues. */
import { effect, effection, native, polvo, python, type Row, row, trio } from '../row.ts'

const PING_PONG = { tasks: 2, repeats: 100_000, depth: 0 }

export const queueRows: readonly Row[] = [
  row({ name: 'channel', title: 'ping-pong over two channels; ns per message' }, PING_PONG, [
    polvo('generator', '`channel()`, generators'),
    polvo('async', '`channel()`, async functions'),
    ...native('channel', 'queue of promises'),
    effect('`Queue.bounded(1)`'),
    ...python('channel', '`Queue(1)`'),
    trio('channel', '`open_memory_channel(0)`'),
  ]),
  row({ name: 'queue', title: 'ping-pong over two unbounded queues; ns per message' }, PING_PONG, [
    polvo('generator', '`Queue`, generators'),
    polvo('async', '`Queue`, async functions'),
    ...native('channel', 'queue of promises'),
    effect('`Queue.unbounded`'),
    effection('`createQueue`'),
    ...python('queue', '`Queue`'),
  ]),
]
