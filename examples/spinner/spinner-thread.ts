/** The spinner with a thread: the main thread is blocked by something slow, and the spinner turns nevertheless. */
import { inspect } from 'node:util'
import { ThreadPoolExecutor } from '@polvo/threads'
import { type Coroutine, use } from 'polvo'
import { main } from 'polvo/node'

/** Stands for something that blocks: long computing, a synchronous call of the system. */
function slow(): number {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)
  return 42
}

function* supervisor(): Coroutine<number> {
  return yield* use(new ThreadPoolExecutor({ maxWorkers: 1 }), function* (pool) {
    const work = pool.module<typeof import('./spin-in-thread.ts')>(
      new URL('./spin-in-thread.ts', import.meta.url),
    )
    const done = new Int32Array(new SharedArrayBuffer(4))
    const spinner = pool.submit(work.spin, 'thinking!', done)
    console.log('spinner object:', inspect(spinner))
    const answer = slow()
    Atomics.store(done, 0, 1)
    Atomics.notify(done, 0)
    yield* spinner
    return answer
  })
}

const answer = await main(supervisor)
if (answer !== undefined) console.log('Answer:', answer)
