/**
 * reset() sends away those who wait, with a BrokenBarrierError, and leaves
 * the barrier ready for a new round.
 */
import { Barrier, BrokenBarrierError, type Coroutine, createTask, gather, run, sleep } from 'polvo'

function* party(name: string, barrier: Barrier): Coroutine {
  try {
    yield* barrier.wait()
    console.log(name, 'through')
  } catch (error) {
    if (!(error instanceof BrokenBarrierError)) throw error
    console.log(name, 'BrokenBarrierError')
  }
}

function* main(): Coroutine {
  const barrier = new Barrier(2)
  yield* barrier.reset()
  console.log('reset of an empty barrier, broken', barrier.broken)

  const lonely = createTask(party, 'lonely', barrier)
  yield* sleep(0)
  yield* barrier.reset()
  yield* lonely
  console.log('waiting', barrier.nWaiting, 'broken', barrier.broken)

  yield* gather(party('ann', barrier), party('ben', barrier))
  console.log('waiting', barrier.nWaiting)
}

await run(main)
