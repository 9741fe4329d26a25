/** Threads and processes. The peer is piscina, a pool of threads; workers start before anything is measured. */
import { CONTROL, type Entry, NATIVE, polvo, type Row, row } from '../row.ts'

export const workerRows: readonly Row[] = [
  row(
    {
      name: 'to-thread',
      title: 'a small job in a thread that is there already, there and back; ns',
      hasNode22: false,
    },
    { tasks: 1, repeats: 5_000, depth: 0 },
    [
      polvo('generator', '`yield* work.increment(n)`'),
      polvo('async', '`await work.increment(n)`'),
      polvo('function-g', '`yield* toThread(fn, n)`'),
      polvo('function-a', '`await toThread(fn, n)`'),
      ...piscina('to-thread'),
    ],
  ),
  row(
    {
      name: 'cpu-jobs',
      title: 'four jobs for the CPU, on one worker and on two; ns per job',
      hasNode22: false,
    },
    { tasks: 4, repeats: 1, depth: 0, workers: 2 },
    [
      ...pools('generator', 'generators'),
      ...pools('async', 'async functions'),
      ...piscina('cpu-jobs', ', two threads'),
    ],
  ),
]

/** A pool of each kind, of one worker and of two. */
function pools(spelling: string, label: string): Entry[] {
  return [1, 2].flatMap((workers) =>
    [false, true].map((areProcesses) => {
      const kind = areProcesses ? 'process' : 'thread'
      const what = `${workers} ${kind}${workers > 1 ? (areProcesses ? 'es' : 's') : ''}, ${label}`
      const sizes = { workers, areProcesses }
      return polvo(`${kind}-${workers}-${spelling}`, what, { kernel: `cpu-jobs.${spelling}.ts`, sizes })
    }),
  )
}

function piscina(family: string, label = ''): Entry[] {
  const kernel = `${family}.native.ts`
  return [
    { id: NATIVE, label: `piscina${label}`, tool: 'piscina', kernel },
    { id: CONTROL, label: `piscina${label}, again`, tool: 'piscina', kernel },
  ]
}
