/**
 * abort() breaks a barrier for good: those who wait and those who come later
 * all get a BrokenBarrierError, until a reset mends it.
 */
import { Barrier, BrokenBarrierError, type Coroutine, createTask, gather, run, sleep } from 'polvo'

function* party(name: string, barrier: Barrier): Coroutine {
  try {
    console.log(name, 'through', yield* barrier.wait())
  } catch (error) {
    if (!(error instanceof BrokenBarrierError)) throw error
    console.log(name, 'BrokenBarrierError')
  }
}

function* main(): Coroutine {
  const barrier = new Barrier(3)
  const early = ['ann', 'ben'].map((name) => createTask(party, name, barrier))
  yield* sleep(0)
  console.log('waiting', barrier.nWaiting)
  yield* barrier.abort()
  console.log('broken', barrier.broken)
  for (const task of early) yield* task
  yield* party('cis', barrier)

  yield* barrier.reset()
  console.log('broken', barrier.broken)
  yield* gather(...['dan', 'eve', 'fay'].map((name) => party(name, barrier)))
}

await run(main)
