import { ThreadPoolExecutor } from '@polvo/threads'
import { moveOnAfter, run } from 'polvo'

await run(async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, gracePeriod: 500 })
  const work = pool.module<typeof import('./31-work.ts')>(new URL('./31-work.ts', import.meta.url))
  await work.double(1) // the thread is up

  await moveOnAfter(50, () => work.search())
  console.log('told, and stopped:', String(pool))

  await moveOnAfter(50, () => work.stubborn())
  console.log('ended by force:   ', String(pool))

  console.log('and replaced:     ', await work.double(21))
})
