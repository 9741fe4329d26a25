/** Sockets. The other ends run in processes of their own, and CPU time is a metric where requests are counted. */
import { CONTROL, count, effect, NATIVE, native, polvo, python, type Row, row } from '../row.ts'

export const ioRows: readonly Row[] = [
  row(
    {
      name: 'echo',
      title: 'a TCP echo answers beside 1,000 tasks that keep giving way; ns of an answer',
      kind: 'latency',
    },
    { tasks: 1_000, repeats: 2_000, depth: 0 },
    [
      polvo('generator', '`yield`'),
      polvo('async', '`await sleep(0)`'),
      ...native('echo', '`await setImmediate()`'),
      effect('`yieldNow`'),
    ],
  ),
  row(
    {
      name: 'lines',
      title: 'a TCP server echoes lines of 1 KiB on 64 connections; CPU ns of the server per round trip',
      kind: 'serving',
    },
    { tasks: 64, repeats: 1_000, depth: 0 },
    [
      polvo('generator', 'streams, generators'),
      polvo('async', 'streams, async functions'),
      ...native('lines', 'node:net, callbacks'),
      { id: 'for-await', label: 'native node:net, `for await`', tool: 'native' },
      ...python('lines', 'streams'),
    ],
  ),
  // One at a time, all the URLs would take six minutes.
  ...(
    [
      [1, 8],
      [10, 60],
      [100, 676],
      [676, 676],
    ] as const
  ).map(flags),
]

function flags([connections, urls]: readonly [connections: number, urls: number]): Row {
  const kernel = 'flags.undici.ts'
  return row(
    {
      name: `flags-${connections}`,
      title: `${count(urls)} URLs, 500 ms each, the flags to disk, ${connections} at once; ns per URL`,
      kind: 'once',
    },
    { tasks: urls, repeats: 1, depth: 0, connections },
    [
      polvo('generator', 'generators, `ClientSession`'),
      polvo('async', 'async functions, `ClientSession`'),
      { id: NATIVE, label: 'undici.request, async functions', tool: 'undici', kernel },
      { id: CONTROL, label: 'undici.request, again', tool: 'undici', kernel },
    ],
  )
}
