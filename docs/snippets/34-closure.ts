import { toThread } from '@polvo/threads'
import { run } from 'polvo'

const factor = 3

await run(async () => {
  try {
    await toThread(function triple(n: number) {
      return factor * n
    }, 14)
  } catch (error) {
    console.log(String(error))
  }
  console.log(await toThread((n: number, factor: number) => factor * n, 14, factor))
})
