/**
 * abort() breaks a barrier for good: those who wait and those who come later
 * all get a BrokenBarrierError, until a reset mends it.
 */
import { Barrier, BrokenBarrierError, call, createTask, gather, run, sleep } from 'polvo'

async function party(name: string, barrier: Barrier): Promise<void> {
  try {
    console.log(name, 'through', await barrier.wait())
  } catch (error) {
    if (!(error instanceof BrokenBarrierError)) throw error
    console.log(name, 'BrokenBarrierError')
  }
}

async function main(): Promise<void> {
  const barrier = new Barrier(3)
  const early = ['ann', 'ben'].map((name) => createTask(party, name, barrier))
  await sleep(0)
  console.log('waiting', barrier.nWaiting)
  await barrier.abort()
  console.log('broken', barrier.broken)
  for (const task of early) await task
  await party('cis', barrier)

  await barrier.reset()
  console.log('broken', barrier.broken)
  await gather(...['dan', 'eve', 'fay'].map((name) => call(party, name, barrier)))
}

await run(main)
