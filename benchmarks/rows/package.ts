/** What it costs to load polvo at all. */
import { effect, effection, native, polvo, type Row, row } from '../row.ts'

const NO_SIZES = { tasks: 1, repeats: 1, depth: 0 }

export const packageRows: readonly Row[] = [
  row(
    {
      name: 'startup',
      title: 'a bundled program, from the start of its process to the end; ns',
      kind: 'startup',
    },
    NO_SIZES,
    [
      polvo('import', "`import * from 'polvo'`"),
      polvo('generator', '`run(function* () {})`'),
      polvo('async', '`run(async () => {})`'),
      ...native('startup', 'without any import'),
      effect('`runPromise(succeed)`'),
      effection('`run(function* () {})`'),
      { id: 'asyncio', label: '`asyncio.run(main())`', tool: 'asyncio', kernel: 'startup.asyncio.py' },
    ],
  ),
  row(
    { name: 'bundle', title: 'minified and gzipped by esbuild; bytes', kind: 'bundle', hasNode22: false },
    NO_SIZES,
    [
      polvo('everything', "everything in 'polvo'"),
      polvo('minimal', '`run`, `sleep`, `taskGroup`'),
      effect('`runPromise`, `sleep`, `forkChild`'),
      effection('`run`, `sleep`, `spawn`'),
      { id: 'p-queue', label: 'p-queue', tool: 'p-queue' },
    ],
  ),
]
