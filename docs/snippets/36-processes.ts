import { ProcessPoolExecutor } from '@polvo/threads'
import { gather, run } from 'polvo'

await run(async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 2 })
  const work = pool.module<typeof import('./31-work.ts')>(new URL('./31-work.ts', import.meta.url))

  const [result, failure] = await gather({ returnExceptions: true }, work.rest(300), work.leave())
  console.log(result)
  console.log(String(failure).replace(/\d+, which/, 'N, which'))
  console.log(await work.double(21))
})
