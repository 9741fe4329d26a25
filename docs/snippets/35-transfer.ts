import { ThreadPoolExecutor, transfer } from '@polvo/threads'
import { run } from 'polvo'

await run(async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 })
  const work = pool.module<typeof import('./31-work.ts')>(new URL('./31-work.ts', import.meta.url))
  const numbers = new Float64Array(1_000_000).fill(2)

  console.log('copied:', await work.sum(numbers), 'and still here:', numbers.length)
  console.log('moved: ', await work.sum(transfer(numbers)), 'and here:', numbers.length)
})
