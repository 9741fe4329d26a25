import { setTimeout as delay } from 'node:timers/promises'
import { from, moveOnAfter, run } from 'polvo'

await run(async () => {
  const result = await moveOnAfter(50, async () => {
    try {
      return await from((signal) => delay(60_000, 'late', { signal }))
    } finally {
      console.log('the delay was aborted')
    }
  })
  console.log(result)
})
