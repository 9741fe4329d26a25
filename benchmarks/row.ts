/** What a row is, and the words to write one with. */
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
  /** Those that the control pair is held to; none where nothing is timed. */
  controlMetrics: readonly Metric[]
  contestants: readonly Contestant[]
}

export interface Entry {
  id: string
  label: string
  tool: Tool
  /** The file of its kernel, where it is not the one with its own id. */
  kernel?: string
  sizes?: Partial<Sizes>
}

interface Heading {
  name: string
  title: string
  kind?: SampleKind
  /** Where they are not those of its kind. */
  metrics?: readonly Metric[]
  /** Whether polvo and native code run a second time under Node 22; by default they do. */
  hasNode22?: boolean
}

/** The contestant that every row has (with I/O, what polvo is built on, used directly), and the same kernel again: their ratio says what the run is worth. */
export const NATIVE = 'native'
export const CONTROL = 'control'

export const count = new Intl.NumberFormat('en-US').format

const metricsOf: Record<SampleKind, readonly Metric[]> = {
  time: ['wall'],
  once: ['wall', 'cpu'],
  memory: ['heap', 'rss'],
  latency: ['p99', 'p50'],
  serving: ['cpu', 'wall'],
  requests: ['cpu', 'wall'],
  startup: ['wall'],
  bundle: ['gzip'],
}

/** Budgets are held to these, and to the tail of an answer: it is made of what disturbs, and repeats itself only roughly. */
const controlMetricsOf: Record<Exclude<SampleKind, 'time'>, readonly Metric[]> = {
  once: ['wall'],
  memory: ['heap', 'rss'],
  latency: ['p50'],
  serving: ['cpu'],
  requests: ['cpu'],
  startup: ['wall'],
  bundle: [],
}

export function row(heading: Heading, sizes: Sizes, entries: readonly Entry[]): Row {
  const { name, title, kind = 'time', metrics = metricsOf[kind], hasNode22 = true } = heading
  const family = name.replace(/-\d+$/, '')
  const contestants = entries.flatMap((entry) => expand(entry, family, sizes, hasNode22))
  const controlMetrics = kind === 'time' ? metrics : controlMetricsOf[kind]
  return { name, family, title, kind, metrics, controlMetrics, contestants }
}

/** One contestant of an entry, or two where it runs under Node 22 as well. */
function expand(entry: Entry, family: string, usual: Sizes, hasNode22: boolean): Contestant[] {
  const { id, label, tool, kernel = `${family}.${id}.ts`, sizes } = entry
  const contestant = { id, label, tool, kernel, isUnderNode22: false, sizes: { ...usual, ...sizes } }
  const hasTwo = hasNode22 && (tool === 'polvo' || tool === 'native') && id !== CONTROL
  return hasTwo ? [contestant, { ...contestant, id: `${id}@22`, isUnderNode22: true }] : [contestant]
}

export function polvo(id: string, label: string, other: Partial<Entry> = {}): Entry {
  return { id, label: `polvo ${label}`, tool: 'polvo', ...other }
}

export function native(family: string, label: string, other: Partial<Entry> = {}): Entry[] {
  const kernel = `${family}.native.ts`
  return [
    { id: NATIVE, label: `native ${label}`, tool: 'native', kernel, ...other },
    { id: CONTROL, label: `native ${label}, again`, tool: 'native', kernel, ...other },
  ]
}

export function effect(label: string): Entry {
  return { id: 'effect', label: `Effect ${label}`, tool: 'effect' }
}

/** @param tasks how many it does where the full size is more than a process of Node can hold of it */
export function effection(label: string, tasks?: number): Entry {
  const entry: Entry = { id: 'effection', label: `Effection ${label}`, tool: 'effection' }
  if (tasks === undefined) return entry
  return { ...entry, label: `${entry.label} (${count(tasks)} tasks only)`, sizes: { tasks } }
}

/** asyncio of the system's Python and of the newest one. */
export function asyncio(family: string, label: string): Entry[] {
  const kernel = `${family}.asyncio.py`
  return [
    { id: 'asyncio', label: `asyncio ${label}`, tool: 'asyncio', kernel },
    { id: 'asyncio-newest', label: `asyncio ${label}, newest Python`, tool: 'asyncio-newest', kernel },
  ]
}

/** asyncio, and the same kernel on uvloop. */
export function python(family: string, label: string): Entry[] {
  const kernel = `${family}.asyncio.py`
  return [...asyncio(family, label), { id: 'uvloop', label: `uvloop ${label}`, tool: 'uvloop', kernel }]
}

export function trio(family: string, label: string): Entry {
  return { id: 'trio', label: `Trio ${label}`, tool: 'trio', kernel: `${family}.trio.py` }
}
