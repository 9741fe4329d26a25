/** Async-spelled tasks that keep giving way. Fair: they do nothing else, so that there is always one that is ready. */
import { createTask, run, sleep } from 'polvo'
import type { Sizes } from '../kernel.ts'

async function busy(): Promise<void> {
  while (true) await sleep(0)
}

export function keepBusy({ tasks }: Sizes, whenBusy: () => void): Promise<void> {
  return run(async () => {
    for (let i = 0; i < tasks; i++) createTask(busy)
    await sleep(0)
    whenBusy()
    await busy()
  })
}
