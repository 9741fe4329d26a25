/**
 * reset() sends away those who wait, with a BrokenBarrierError, and leaves
 * the barrier ready for a new round.
 */
import { Barrier, BrokenBarrierError, call, createTask, gather, run, sleep } from 'polvo'

async function party(name: string, barrier: Barrier): Promise<void> {
  try {
    await barrier.wait()
    console.log(name, 'through')
  } catch (error) {
    if (!(error instanceof BrokenBarrierError)) throw error
    console.log(name, 'BrokenBarrierError')
  }
}

async function main(): Promise<void> {
  const barrier = new Barrier(2)
  await barrier.reset()
  console.log('reset of an empty barrier, broken', barrier.broken)

  const lonely = createTask(party, 'lonely', barrier)
  await sleep(0)
  await barrier.reset()
  await lonely
  console.log('waiting', barrier.nWaiting, 'broken', barrier.broken)

  await gather(call(party, 'ann', barrier), call(party, 'ben', barrier))
  console.log('waiting', barrier.nWaiting)
}

await run(main)
