/**
 * The rows of the benchmark: what each does, how much of it, and who takes part. A contestant's kernel is
 * `kernels/<family>.<id>.ts`, or `.py` for CPython; polvo and native code run a second time under Node 22.
 *
 * Rows of I/O come last. Their servers run in a process of their own, and CPU time is a metric of theirs too.
 */
import type { Metric, SampleKind, Sizes } from './kernel.ts'
import type { Tool } from './tools.ts'

export interface Contestant {
  /** Unique in its row; a budget names it. Those under Node 22 end in `@22`. */
  id: string
  label: string
  tool: Tool
  isUnderNode22: boolean
  kernel: string
  sizes: Sizes
}

export interface Row {
  name: string
  /** The part of the name before its size: `resume` of `resume-10`. */
  family: string
  title: string
  kind: SampleKind
  metrics: readonly Metric[]
  contestants: readonly Contestant[]
}

interface Entry {
  id: string
  label: string
  tool: Tool
  /** The file of its kernel, where it is not the one with its own id. */
  kernel?: string
  sizes?: Partial<Sizes>
}

/** The contestant that every row has (with I/O, what polvo is built on, used directly), and the same kernel again: their ratio says what the run is worth. */
export const NATIVE = 'native'
export const CONTROL = 'control'

const count = new Intl.NumberFormat('en-US').format

export const rows: readonly Row[] = [
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
      ...libraries('`yieldNow`', '`until(resolved)`'),
      ...python('switch', '`sleep(0)`'),
    ],
  ),
  ...[1, 10, 100].map(resume),
  row(
    { name: 'call', title: 'a coroutine calls one that never suspends; ns per call' },
    { tasks: 1, repeats: 1_000_000, depth: 1 },
    [
      polvo('marked', '`yield* fn()`, marked'),
      polvo('async', '`await asyncFn()` in a task'),
      ...native('call', '`await asyncFn()`'),
      ...libraries('`yield* fn()`', '`yield* fn()`'),
      ...python('call', '`await fn()`'),
    ],
  ),
  row(
    { name: 'spawn', title: 'start and join 1,000,000 tasks that suspend once; ns per task' },
    { tasks: 1_000_000, repeats: 1, depth: 0 },
    [
      polvo('group-g', 'taskGroup, generators'),
      polvo('group-a', 'taskGroup, async functions'),
      ...native('spawn', '`Promise.all`'),
      ...libraries('`forkChild`, `join`', '`spawn`', { tasks: 10_000 }),
      ...python('spawn', '`TaskGroup`'),
    ],
  ),
  row(
    { name: 'memory', title: '1,000,000 tasks asleep; bytes per task', kind: 'memory' },
    { tasks: 1_000_000, repeats: 1, depth: 0 },
    [
      polvo('asleep-g', '`yield* sleep()`'),
      polvo('asleep-a', '`await sleep()`'),
      ...native('memory', '`setTimeout`'),
      ...libraries('`sleep`', '`sleep`', { tasks: 100_000 }),
      ...python('memory', '`sleep`'),
    ],
  ),
  ...[100, 676].map(flags),
]

function flags(connections: number): Row {
  const kernel = 'flags.undici.ts'
  return row(
    {
      name: `flags-${connections}`,
      title: `676 URLs, 500 ms each, 194 flags to disk, ${connections} at once; ns per URL`,
      kind: 'once',
    },
    { tasks: 676, repeats: 1, depth: 0, connections },
    [
      polvo('generator', 'generators, `ClientSession`'),
      polvo('async', 'async functions, `ClientSession`'),
      { id: NATIVE, label: 'undici.request, async functions', tool: 'undici', kernel },
      { id: CONTROL, label: 'undici.request, again', tool: 'undici', kernel },
    ],
  )
}

function resume(depth: number): Row {
  return row(
    {
      name: `resume-${depth}`,
      title: `100 tasks, each resumed 10,000 times at depth ${depth}; ns per resume`,
    },
    { tasks: 100, repeats: 10_000, depth },
    [
      polvo('marked', '`yield*`, marked by `coroutine()`'),
      polvo('plain', 'plain `yield*`'),
      polvo('async', 'async functions, `await sleep(0)`'),
      { ...polvo('switch', '`await sleep(0)` without calls'), kernel: 'switch.sleep-a.ts' },
      ...native('resume', 'async functions'),
    ],
  )
}

function row(
  { name, title, kind = 'time' }: { name: string; title: string; kind?: SampleKind },
  sizes: Sizes,
  entries: readonly Entry[],
): Row {
  const family = name.replace(/-\d+$/, '')
  const contestants = entries.flatMap((entry) => expand(entry, family, sizes))
  const metrics: Record<SampleKind, readonly Metric[]> = {
    time: ['wall'],
    once: ['wall', 'cpu'],
    memory: ['heap', 'rss'],
  }
  return { name, family, title, kind, metrics: metrics[kind], contestants }
}

/** One contestant of an entry, or two where it runs under Node 22 as well. */
function expand({ id, label, tool, kernel, sizes }: Entry, family: string, usual: Sizes): Contestant[] {
  const contestant: Contestant = {
    id,
    label: sizes?.tasks === undefined ? label : `${label} (${count(sizes.tasks)} tasks only)`,
    tool,
    isUnderNode22: false,
    kernel: kernel ?? `${family}.${id}.ts`,
    sizes: { ...usual, ...sizes },
  }
  const hasTwo = (tool === 'polvo' || tool === 'native') && id !== CONTROL
  return hasTwo ? [contestant, { ...contestant, id: `${id}@22`, isUnderNode22: true }] : [contestant]
}

function polvo(id: string, label: string): Entry {
  return { id, label: `polvo ${label}`, tool: 'polvo' }
}

function native(family: string, label: string): Entry[] {
  const kernel = `${family}.native.ts`
  return [
    { id: NATIVE, label: `native ${label}`, tool: 'native', kernel },
    { id: CONTROL, label: `native ${label}, again`, tool: 'native', kernel },
  ]
}

/** @param few what Effection gets to do where the full size is more than a process of Node can hold of it */
function libraries(effect: string, effection: string, few?: Partial<Sizes>): Entry[] {
  const last: Entry = { id: 'effection', label: `Effection ${effection}`, tool: 'effection' }
  return [
    { id: 'effect', label: `Effect ${effect}`, tool: 'effect' },
    few === undefined ? last : { ...last, sizes: few },
  ]
}

function python(family: string, label: string): Entry[] {
  const kernel = `${family}.asyncio.py`
  return [
    { id: 'asyncio', label: `asyncio ${label}`, tool: 'asyncio', kernel },
    { id: 'asyncio-newest', label: `asyncio ${label}, newest Python`, tool: 'asyncio-newest', kernel },
    { id: 'uvloop', label: `uvloop ${label}`, tool: 'uvloop', kernel },
  ]
}
