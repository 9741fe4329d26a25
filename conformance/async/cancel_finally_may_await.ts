/**
 * Cleanup may wait: a cancelled task is done only when its finally blocks, awaits included, have run,
 * innermost first.
 */
import { createTask, run, sleep } from 'polvo'

async function close(name: string): Promise<void> {
  console.log('closing', name)
  await sleep(0)
  await sleep(0)
  console.log('closed', name)
}

async function session(): Promise<void> {
  try {
    try {
      console.log('working')
      await sleep(1000)
    } finally {
      await close('file')
    }
  } finally {
    await close('connection')
  }
}

async function main(): Promise<void> {
  const task = createTask(session)
  await sleep(0)
  task.cancel()
  let passes = 0
  while (!task.done()) {
    passes++
    await sleep(0)
  }
  console.log('took passes', passes)
  console.log('cancelled', task.cancelled())
}

await run(main)
