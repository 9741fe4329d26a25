/** Sockets. The other ends run in processes of their own, and CPU time is a metric where requests are counted. */
import { CONTROL, count, effect, NATIVE, native, polvo, type Row, row } from '../row.ts'

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
