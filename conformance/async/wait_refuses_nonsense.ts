/**
 * wait refuses an empty collection, bare coroutines, and an unknown condition; the same task given twice
 * counts once.
 */
import { call, createTask, type Future, run, sleep, type WaitOptions, wait } from 'polvo'

async function attempt(label: string, fs: Iterable<Future>, options?: WaitOptions): Promise<void> {
  try {
    const [done, pending] = await wait(fs, options)
    console.log(label, done.size, pending.size)
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    console.log(label, 'error')
  }
}

async function main(): Promise<void> {
  await attempt('empty', [])
  const coroutine = call(() => sleep(0))
  // @ts-expect-error: a coroutine is no task
  await attempt('coroutine', [coroutine])
  coroutine.close()
  const task = createTask(sleep(0))
  // @ts-expect-error: there is no such condition
  await attempt('condition', [task], { returnWhen: 'SOME_DAY' })
  await attempt('twice', [task, task])
  // @ts-expect-error: a task is no collection of tasks
  await attempt('a single task', task)
}

await run(main)
