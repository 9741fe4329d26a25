/**
 * wait refuses an empty collection, bare coroutines, and an unknown condition; the same task given twice
 * counts once.
 */
import { type Coroutine, call, createTask, type Future, run, sleep, type WaitOptions, wait } from 'polvo'

function* attempt(label: string, fs: Iterable<Future>, options?: WaitOptions): Coroutine {
  try {
    const [done, pending] = yield* wait(fs, options)
    console.log(label, done.size, pending.size)
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    console.log(label, 'error')
  }
}

function* main(): Coroutine {
  yield* attempt('empty', [])
  const coroutine = call(() => sleep(0))
  // @ts-expect-error: a coroutine is no task
  yield* attempt('coroutine', [coroutine])
  coroutine.close()
  const task = createTask(sleep(0))
  // @ts-expect-error: there is no such condition
  yield* attempt('condition', [task], { returnWhen: 'SOME_DAY' })
  yield* attempt('twice', [task, task])
  // @ts-expect-error: a task is no collection of tasks
  yield* attempt('a single task', task)
}

await run(main)
