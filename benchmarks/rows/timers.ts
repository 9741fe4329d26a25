/** Sleeping, and timers that never fire. */
import { effect, effection, native, polvo, python, type Row, row, trio } from '../row.ts'

export const timerRows: readonly Row[] = [
  row(
    { name: 'sleep', title: '100,000 tasks sleep up to a second; CPU ns per sleep', metrics: ['cpu'] },
    { tasks: 100_000, repeats: 1, depth: 0 },
    [
      polvo('generator', '`yield* sleep(ms)`'),
      polvo('async', '`await sleep(ms)`'),
      ...native('sleep', '`setTimeout`'),
      effect('`sleep`'),
      effection('`sleep`', 10_000),
      ...python('sleep', '`sleep`'),
      trio('sleep', '`sleep`'),
    ],
  ),
  row(
    { name: 'timer', title: 'arm a timer and cancel it; ns for both' },
    { tasks: 1, repeats: 500_000, depth: 0 },
    [
      polvo('generator', '`callLater`, in a generator'),
      polvo('async', '`callLater`, in an async function'),
      ...native('timer', '`setTimeout`, `clearTimeout`'),
      ...python('timer', '`call_later`'),
    ],
  ),
]
