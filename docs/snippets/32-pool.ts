import { ThreadPoolExecutor } from '@polvo/threads'
import { forEach, gather, run, use } from 'polvo'

await run(function* () {
  yield* use(new ThreadPoolExecutor({ maxWorkers: 2 }), function* (pool) {
    const work = pool.module<typeof import('./31-work.ts')>(new URL('./31-work.ts', import.meta.url))

    console.log(yield* work.double(21))
    console.log(yield* gather(work.double(1), work.rest(5)))

    const future = pool.submit(work.double, 50)
    console.log(future, yield* future)

    yield* forEach(pool.map(work.double, [1, 2, 3]), (n) => console.log('mapped', n))
  })
})
